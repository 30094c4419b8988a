"""The names of the rig's graph: none that a real robot has."""

from __future__ import annotations

from mt3dnet_ros.demo.dvrk.record import SIDES

NAMESPACE = '/dvrk_demo'
ROLE = 'mt3dnet_demo'  # of the video sockets
IMAGES = {side: f'{NAMESPACE}/{side}/image_raw' for side in SIDES}
CAMERA_INFOS = {side: f'{NAMESPACE}/{side}/camera_info' for side in SIDES}
PERCEPTIONS = {side: f'{NAMESPACE}/{side}/perception' for side in SIDES}
VIDEO_SOCKETS = {side: f'@dvrk:{ROLE}:{side}' for side in SIDES}
OVERLAY_SOCKETS = {side: f'@dvrk:{ROLE}:{side}_ar' for side in SIDES}
CONSOLE, GUIDANCE, ARM = f'{NAMESPACE}/console_overlay', f'{NAMESPACE}/camera_guidance', f'{NAMESPACE}/ECM'
SWITCH, PEDAL = f'{NAMESPACE}/dead_man', f'{NAMESPACE}/pedal'
