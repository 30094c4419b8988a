"""Which topics of a recording are shown, and as what."""

from __future__ import annotations

from collections.abc import Mapping

from mt3dnet_ros.errors import InputError

_IMAGES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')
_CAMERA = 'sensor_msgs/msg/CameraInfo'
_DETECTIONS = 'mt3dnet_ros/msg/DetectionArray'
_OUTPUTS = {
    'overlay': ('overlay', 'overlay/compressed'),
    'depth': ('depth/image',),
    'saliency': ('saliency',),
    'label_info': ('segmentation/label_info',),
    'detections': ('detections',),
    'cloud': ('points',),
    'scanpath': ('scanpath',),
    'gaze': ('gaze',),
    'scale': ('depth/scale',),
}


def find_perception(types: Mapping[str, str]) -> list[str]:
    """Return the full names of the nodes ``perception`` whose detections a recording has.

    :param types: of the topics by their names
    """
    ending = '/detections'
    return sorted(
        name.removesuffix(ending) for name, kind in types.items() if kind == _DETECTIONS and name.endswith(ending)
    )


def find_shown(types: Mapping[str, str], counts: Mapping[str, int], perception: str, image: str = '') -> dict[str, str]:
    """Return what is shown of a recording: keys of ``scene_log.SHOWN`` by the topics' names.

    :param types: of the topics by their names
    :param counts: messages of each topic
    :param perception: full name of the node whose outputs are shown; empty for the camera alone
    :param image: topic of the camera; empty for that with most pictures
    :raises InputError: there is nothing to show, or no such image
    """
    shown = dict(_outputs(types, perception)) if perception else {}
    pictures = [name for name, kind in types.items() if kind in _IMAGES and not _is_below(name, perception)]
    if image and image not in pictures:
        raise InputError(f"'{image}' is no image of the recording (images: {', '.join(pictures) or 'none'})")
    chosen = image or max(pictures, key=lambda name: counts.get(name, 0), default='')
    if chosen:
        shown[chosen] = 'image'
    shown.update(dict.fromkeys(_camera(types, chosen, perception), 'camera_info'))
    shown.update({name: 'diagnostics' for name in ('/diagnostics',) if name in types})
    if set(shown.values()) <= {'diagnostics', 'camera_info'}:
        raise InputError('the recording has neither images nor outputs of the node perception')
    return shown


def _outputs(types: Mapping[str, str], perception: str) -> list[tuple[str, str]]:
    node = perception.rstrip('/')
    found = []
    for key, names in _OUTPUTS.items():
        found += [(f'{node}/{name}', key) for name in names if f'{node}/{name}' in types][:1]
    return found


def _camera(types: Mapping[str, str], image: str, perception: str) -> list[str]:
    """Return the description of the camera: that beside its image, or else that of the depth."""
    beside = image.rpartition('/compressed')[0] if image.endswith('/compressed') else image
    candidates = (f'{beside.rpartition("/")[0]}/camera_info', f'{perception.rstrip("/")}/depth/camera_info')
    return [name for name in candidates if types.get(name) == _CAMERA][:1]


def _is_below(name: str, perception: str) -> bool:
    return bool(perception) and name.startswith(perception.rstrip('/') + '/')
