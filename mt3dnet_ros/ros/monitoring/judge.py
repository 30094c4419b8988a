"""What is wrong with an active node ``perception``: every way in which nothing useful comes out has its words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.ros.diagnostics import ERROR, WARN, Finding
from mt3dnet_ros.ros.health import WINDOW, Health
from mt3dnet_ros.ros.monitoring.pictures import PictureState

CLOCK_LIMIT = 10.0  # seconds; a latency beyond it, or below zero, says that two clocks differ
LATE = 2.0  # seconds of latency that are worth a warning
LONGEST_WORK = 5.0  # seconds on one frame
_SCALE_ADVICE = (
    'have a shaft of known diameter in view (shaft_diameters), a second eye (second_eye), the tips of the robot '
    '(tip_topics), or measure the factor once (fixed_scale)'
)


@dataclass(frozen=True)
class Situation:
    """What is known of an active node at one moment.

    :param source: the image's topic, its publishers and their quality of service, in words
    :param patience: seconds without an image, or without one that is of use, that are worth a warning
    :param frozen_timeout: seconds of one picture after which there is no gaze; 0 where that is not looked at
    :param calibration: why there is no camera; empty where there is one
    :param camera_change: how the camera changes; empty where it stays
    :param scale: of the newest frame; None where nothing in metres was asked for
    :param silent_eye: why the second eye tells nothing of the scale; empty where it does, or is not asked
    :param unknown_shafts: names in the parameter shaft_diameters that are no class of the network
    :param back_end: why another back end runs the network than was chosen; empty where that is not so
    :param doubt: what was taken for granted of the images; empty where nothing was
    :param subscribed: the topics that are subscribed to and enabled
    :param disabled: topics that are subscribed to, but not enabled
    :param missing: what was asked for and needs a network with saliency, where there is none
    :param example: a topic that one could subscribe to
    """

    health: Health
    source: str = ''
    patience: float = 2.0
    pictures: PictureState = PictureState()  # noqa: RUF009 - it is frozen
    frozen_timeout: float = 0.0
    calibration: str = ''
    camera_change: str = ''
    scale: DepthScale | None = None
    silent_eye: str = ''
    unknown_shafts: tuple[str, ...] = ()
    back_end: str = ''
    doubt: str = ''
    subscribed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    example: str = ''


def judge(situation: Situation) -> list[Finding]:
    """Return what is wrong, what matters most first."""
    health = situation.health
    silent = health.silence > situation.patience
    rules = _ALWAYS if silent else (*_WHILE_IMAGES_COME, *_ALWAYS)
    findings = [found for rule in rules for found in rule(situation)]
    if silent:
        findings.insert(0, Finding('silence', WARN, f'no image for {health.silence:.0f} s on {situation.source}'))
    return findings


def _refused(situation: Situation) -> Iterator[Finding]:
    used, refused = situation.health.recently_used, situation.health.recently_refused
    if not refused:
        return
    reason = situation.health.refusal
    if used:
        text = f'{refused} of the last {used + refused} images could not be used; the last: {reason}'
        yield Finding('some refused', WARN, text, logged=True)
    else:
        text = f'not one of the last images could be used ({refused} in {WINDOW:.0f} s): {reason}'
        yield Finding('all refused', ERROR, text, logged=True)


def _calibration(situation: Situation) -> Iterator[Finding]:
    if situation.calibration and situation.health.received:
        yield Finding('calibration', WARN, f'no cloud and no positions: {situation.calibration}')
    if situation.camera_change:
        yield Finding('camera', WARN, situation.camera_change)


def _scale(situation: Situation) -> Iterator[Finding]:
    scale = situation.scale
    if situation.unknown_shafts:
        names = ', '.join(map(repr, situation.unknown_shafts))
        text = (
            f'shaft_diameters names {names}, which the network does not know; write a name of ~/segmentation/label_info'
        )
        yield Finding('shaft diameters', WARN, f'{text}, or all')
    if scale is None or situation.calibration or _nothing(situation.pictures, situation.patience):
        return  # without a camera nothing can tell it, and where nothing is here there is nothing to scale
    if scale.is_guess:
        yield Finding('scale', WARN, f'scale: guess of the network{_doubt_of(scale)}; {_SCALE_ADVICE}', once=True)
    if situation.silent_eye:
        yield Finding('second eye', WARN, f'second eye: tells nothing of the scale: {situation.silent_eye}')
    if scale.conflicts:
        yield Finding('scale conflict', WARN, f'scale: sources contradict each other: {"; ".join(scale.conflicts)}')


def _doubt_of(scale: DepthScale) -> str:
    if not math.isfinite(scale.deviation):
        return ', whose doubt is unknown'
    lower, upper = scale.interval
    return f': true distances are {lower:.2f} to {upper:.2f} times what is published, in 95 of 100 cases'


def _pictures(situation: Situation) -> Iterator[Finding]:
    pictures, patience = situation.pictures, situation.patience
    if nothing := _nothing(pictures, patience):
        yield nothing  # whatever else holds of such pictures follows from it
        return
    if pictures.unchanged > min(patience, situation.frozen_timeout or patience):
        yield Finding('unchanged', WARN, _unchanged(pictures.unchanged, situation.frozen_timeout > 0.0))
    if pictures.covered > patience:
        yield Finding(
            'covered',
            WARN,
            f'instruments have filled the picture for {pictures.covered:.0f} s: it looks like nothing the network '
            'knows; check that these are pictures of an endoscope, with the right colours',
        )


def _unchanged(seconds: float, ends_gaze: bool) -> str:
    likely = 'a grabber that repeats its last one, or a source that stands still'
    no_gaze = '; there is no gaze meanwhile: set frozen_timeout to 0 for a simulated camera' if ends_gaze else ''
    return f'the picture has not changed for {seconds:.{0 if seconds >= 1.0 else 1}f} s: {likely}{no_gaze}'


def _nothing(pictures: PictureState, patience: float) -> Finding | None:
    """Return why there is nothing here, where that has lasted."""
    if pictures.blank > patience:
        text = f'the picture has been {_blank_look(pictures)} for {pictures.blank:.0f} s; check light, camera and cable'
        return Finding('blank', WARN, f'nothing here: {text}')
    if pictures.unknown > patience:
        likely = '' if pictures.view is None else f' (probability {pictures.view:.2f})'
        text = f'no view that the network knows for {pictures.unknown:.0f} s{likely}'
        advice = 'check that these are pictures of an endoscope, with the right colours'
        return Finding('unknown view', WARN, f'nothing here: {text}; {advice}')
    return None


def _blank_look(pictures: PictureState) -> str:
    if pictures.color is None:
        return 'mere noise'
    return 'black' if pictures.is_black else 'of one colour (red {}, green {}, blue {})'.format(*pictures.color)


def _stamps(situation: Situation) -> Iterator[Finding]:
    health, same = situation.health, situation.pictures.same_stamp
    if math.isnan(health.latency[0]) and health.output_rate > 0.0:
        yield Finding(
            'stamp',
            WARN,
            'images have no stamp: latency is unknown, and saliency is computed without the images before; '
            'stamp them in the source',
        )
    if same > situation.patience:
        yield Finding('same stamp', WARN, f'the stamp of the images has stood for {same:.0f} s; check the source')


def _latency(situation: Situation) -> Iterator[Finding]:
    median = situation.health.latency[0]
    if not math.isfinite(median):
        return
    if not 0.0 <= median <= CLOCK_LIMIT:
        yield Finding(
            'latency',
            WARN,
            f'images are stamped {median:.1f} s before now: the clock of the source '
            'differs; check use_sim_time and the synchronisation of the clocks',
        )
    elif median > LATE:
        yield Finding(
            'late',
            WARN,
            f'results come {median:.1f} s after their images were taken: the source, the network connection or '
            'this computer is too slow',
        )


def _work(situation: Situation) -> Iterator[Finding]:
    health = situation.health
    if health.in_work > LONGEST_WORK:
        yield Finding(
            'work',
            ERROR,
            f'one image has been worked on for {health.in_work:.0f} s, and those that come are dropped: this computer '
            'is too slow or overloaded; choose another device or back_end',
        )
    if health.recent_failures:
        topics = ', '.join(f'{number} on {topic}' for topic, number in sorted(health.recent_failures.items()))
        yield Finding(
            'publish',
            WARN,
            f'messages of the last {WINDOW:.0f} s could not be published ({topics}): subscribers do not keep up; let '
            'them ask for best effort, or a depth of 1',
            logged=True,
        )


def _back_end(situation: Situation) -> Iterator[Finding]:
    if situation.back_end:
        yield Finding('back end', WARN, situation.back_end)


def _doubt(situation: Situation) -> Iterator[Finding]:
    if situation.doubt:
        yield Finding(situation.doubt, WARN, situation.doubt)


def _subscribers(situation: Situation) -> Iterator[Finding]:
    if situation.missing:
        yield Finding(
            'saliency',
            WARN,
            f'no data for {", ".join(situation.missing)}: the network has no saliency branch; '
            'set checkpoint to an MT3DNet from `train-saliency`',
        )
    if situation.disabled:
        yield Finding(
            'disabled',
            WARN,
            f'no data for {", ".join(situation.disabled)}: the parameter outputs does not name it; add it there',
        )
    if situation.health.recently_used and not (situation.subscribed or situation.disabled or situation.missing):
        text = 'nobody subscribes to an output, so that images are not processed; subscribe to one'
        yield Finding('idle', WARN, f'{text}, such as {situation.example}')


_Rule = Callable[[Situation], Iterator[Finding]]
_WHILE_IMAGES_COME: tuple[_Rule, ...] = (_refused, _pictures, _stamps, _calibration, _scale, _doubt)
_ALWAYS: tuple[_Rule, ...] = (_work, _back_end, _latency, _subscribers)
