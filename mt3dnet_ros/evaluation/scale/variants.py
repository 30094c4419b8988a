"""Ways of knowing the scale that an evaluation compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mt3dnet_ros.evaluation.scale.evidence import FrameEvidence
from mt3dnet_ros.perception.scale.evidence import Evidence
from mt3dnet_ros.perception.settings import Settings

GUESS, TRUE = 'guess', 'true'
ALONE = ('shaft', 'second_eye_sparse', 'robot')
"""Variants in which a source is alone, whose verdicts are counted."""

_OFF: Mapping[str, Any] = {'shaft_scale': False, 'second_eye': 'off', 'fixed_scale': 0.0}
WRONG_DIAMETER = 1.3  # times the true one


@dataclass(frozen=True)
class ScaleVariant:
    """Some sources, with what they need.

    :param name: key in the report
    :param settings: that switch the sources on; all others are off
    :param eye: whether the second eye's view is given (and ``tips``: what the robot knows)
    :param diameter: times which the true diameters of shafts are given; 0 leaves them to the label file
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    eye: bool = False
    tips: bool = False
    diameter: float = 1.0

    def applied_to(self, settings: Settings) -> Settings:
        """Return the settings with which this variant runs."""
        return replace(settings, **{**_OFF, **self.settings})

    def of(self, evidence: Evidence) -> Evidence:
        """Return what this variant is told of the evidence."""
        diameters = {
            number: replace(known, value=self.diameter * known.value) for number, known in evidence.diameters.items()
        }
        return Evidence(
            evidence.right if self.eye else None,
            evidence.tips if self.tips else (),
            diameters if self.diameter else {},
        )


_SHAFT = {'shaft_scale': True}
_SPARSE, _DENSE = {'second_eye': 'sparse'}, {'second_eye': 'dense'}
_VARIANTS: Mapping[tuple[str, ...], tuple[ScaleVariant, ...]] = {
    (): (ScaleVariant(GUESS),),
    ('shaft',): (ScaleVariant('shaft', _SHAFT), ScaleVariant('shaft_by_labels', _SHAFT, diameter=0.0)),
    ('second_eye',): (
        ScaleVariant('second_eye_sparse', _SPARSE, eye=True),
        ScaleVariant('second_eye_dense', _DENSE, eye=True),
    ),
    ('robot',): (ScaleVariant('robot', tips=True),),
    ('shaft', 'robot'): (ScaleVariant('shaft_robot', _SHAFT, tips=True),),
    ('shaft', 'second_eye', 'robot'): (
        ScaleVariant('all', {**_SHAFT, **_SPARSE}, eye=True, tips=True),
        ScaleVariant('all_dense', {**_SHAFT, **_DENSE}, eye=True, tips=True),
        ScaleVariant('all_wrong_diameter', {**_SHAFT, **_SPARSE}, eye=True, tips=True, diameter=WRONG_DIAMETER),
    ),
}


def variants_of(switches: Sequence[str], evidence: FrameEvidence) -> list[ScaleVariant]:
    """Return the variants that take no other sources than some, in the order of a report.

    :param switches: of ``evaluation.scale.SWITCHES``
    :param evidence: of the frames; what they cannot give is left out
    """
    given = {'shaft': True, 'second_eye': evidence.has_eye, 'robot': evidence.has_tips}
    usable = {name for name in switches if given[name]}
    return list(_usable(usable))


def _usable(names: set[str]) -> Iterator[ScaleVariant]:
    for sources, variants in _VARIANTS.items():
        if names.issuperset(sources):
            yield from variants
