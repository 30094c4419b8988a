"""What the node ``reconstruction`` says of itself in diagnostics."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.diagnostics import ERROR, WARN, Finding
from mt3dnet_ros.ros.health import Health
from mt3dnet_ros.ros.parameters.reconstruction import TF, WAIT, ReconstructionParameters
from mt3dnet_ros.ros.reconstruction.state import MapState

_STUCK = 10.0  # seconds of work on one image


@dataclass(frozen=True)
class ReconstructionSituation:
    """What is judged.

    :param missing: which inputs do not come, in words
    :param events: what happened of late, in words by kind
    :param drift: how far the scale of the images is from that of the surface, in words
    :param camera_change: how the camera changes, in words
    """

    health: Health
    state: MapState
    parameters: ReconstructionParameters
    missing: str = ''
    events: dict[str, str] | None = None
    drift: str = ''
    camera_change: str = ''


def reconstruction_findings(now: ReconstructionSituation) -> list[Finding]:
    """Return what a user should know: an error where nothing is fused, a warning where something is wrong."""
    found = [_idle(now) or _refused(now), _pose(now), _scale(now)]
    found += [Finding(kind, WARN, text) for kind, text in (now.events or {}).items()]
    if now.drift:
        found.append(Finding('drift', WARN, now.drift))
    if now.camera_change:
        found.append(Finding('camera changes', WARN, now.camera_change))
    for topic, count in now.health.recent_failures.items():
        text = f'{topic}: {count} messages could not be published, its subscribers do not keep up'
        found.append(Finding(f'publish {topic}', WARN, text))
    return [each for each in found if each is not None]


def _idle(now: ReconstructionSituation) -> Finding | None:
    if now.health.in_work > _STUCK:
        return Finding('stuck', ERROR, f'one image has been in work for {now.health.in_work:.0f} s')
    if now.health.silence < now.parameters.no_view_warning:
        busy = now.health.recently_used or now.health.recently_refused
        return None if busy else Finding('waiting', WARN, 'nothing has been fused yet')
    why = now.missing or 'everything comes, but never of one image: image and perception must have the same stamps'
    return Finding('silence', ERROR, f'nothing to fuse for {now.health.silence:.1f} s: {why}')


def _refused(now: ReconstructionSituation) -> Finding | None:
    refused, used = now.health.recently_refused, now.health.recently_used
    if not refused:
        return None
    if not used:
        return Finding('refused', ERROR, f'nothing is fused: {now.health.refusal}')
    return Finding('refused', WARN, f'{refused} of the last {refused + used} images not fused: {now.health.refusal}')


def _pose(now: ReconstructionSituation) -> Finding | None:
    if not now.state.pose_problem:
        return None
    fallback = now.parameters.pose_fallback
    does = 'nothing is fused meanwhile' if fallback == WAIT else f'{fallback} takes its place'
    return Finding('pose', WARN, f'{now.state.pose_problem}; {does} (pose_fallback)')


def _scale(now: ReconstructionSituation) -> Finding | None:
    if now.state.has_scale is not False:
        return None
    return Finding('scale', WARN, 'depth without scale: it is the guess of the network, and so are all lengths here')


def reconstruction_values(now: ReconstructionSituation, points: int, unmatched: int, late: int) -> dict[str, str]:
    """Return the figures of now as diagnostics show them.

    :param points: of the last cloud
    :param unmatched: images of which something never came
    :param late: messages that came after newer ones
    """
    health, state = now.health, now.state
    median, tail = health.latency
    values = {
        'pose source': TF if state.source == 'given' else state.source or 'none yet',
        'fitness of odometry': f'{state.fitness:.2f}',
        'overlap with the surface': f'{state.alignment.overlap:.2f}',
        'scale factor': f'{state.alignment.factor:.3f}',
        'deviation from the surface': f'{state.alignment.deviation:.4f}',
        'map': str(state.number),
        'frame of the map': state.frame_id or 'none yet',
        'blocks': str(state.blocks),
        'points of the last cloud': str(points),
        'updates per second [Hz]': f'{health.output_rate:.1f}',
        'latency median [ms]': f'{1e3 * median:.1f}',
        'latency 99th percentile [ms]': f'{1e3 * tail:.1f}',
        'images received': str(health.received),
        'images fused': str(health.processed),
        'images dropped': str(health.dropped + unmatched + late),
        'images without perception': str(unmatched),
        'messages rejected': str(health.rejected),
        'last rejection': health.rejection or 'none',
        'publish failures': str(health.publish_failures),
    }
    return values | {f'{stage} [ms]': f'{1e3 * seconds:.2f}' for stage, seconds in health.stages.items()}
