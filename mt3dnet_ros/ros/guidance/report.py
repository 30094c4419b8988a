"""The state of guidance for diagnostics and for the log."""

from __future__ import annotations

from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.reasons import AdvanceReason, Reason
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN, Finding

_BY_INTENTION = frozenset({Reason.NOT_ENABLED, Reason.DEAD_MAN, Reason.SETTLING, Reason.INACTIVE})


def describe_state(guide: Guide) -> str:
    """Return the state and its reason as a sentence for people."""
    reason, not_in_depth = guide.supervisor.reason, guide.advance.reason
    if reason is None:
        return f'{guide.state.value}, but not in depth: {not_in_depth.value}' if not_in_depth else guide.state.value
    words = guide.error if reason is Reason.ERROR else guide.objections.text(reason)
    ended = ', which has ended' if words and reason is not Reason.ERROR and reason not in guide.objections else ''
    detail = f' ({words}{ended})' if words else ''
    again = '; call ~/enable to go on' if reason.latches else ''
    return f'{guide.state.value}: {reason.value}{detail}{again}'


def guidance_finding(guide: Guide) -> Finding:
    """Return the state: an error where it stays stopped, a warning where it waits, or does not move in depth."""
    reason = guide.supervisor.reason
    if guide.state is State.GUIDING or reason is None:
        level = OK if guide.advance.reason in (None, AdvanceReason.CONFIRMING_SCALE) else WARN
    elif reason in _BY_INTENTION:
        level = OK
    else:
        level = ERROR if reason.latches else WARN
    return Finding('guidance', level, describe_state(guide))


def guidance_values(guide: Guide) -> dict[str, str]:
    """Return state, inputs, and how often each reason has stopped a motion."""
    supervisor, inputs = guide.supervisor, guide.inputs
    last = supervisor.last_stop
    values = {
        'state': guide.state.value,
        'reason': supervisor.reason.name.lower() if supervisor.reason else 'none',
        'last stop': f'{last.reason.name.lower()} at {last.time:.3f} s' if last else 'none',
        'stops': str(supervisor.stops.total()),
        'dead-man switch': 'pressed' if inputs.dead_man.pressed else 'released',
        'target [m]': ' '.join(f'{value:.4f}' for value in inputs.target.point),
        'nearest surface [m]': f'{inputs.nearest:.4f}',
        'its near end [m]': f'{inputs.near_end:.4f}',
        'advance': guide.advance.reason.name.lower() if guide.advance.reason else 'free',
    }
    if guide.arm:
        values['joints [rad, m]'] = ' '.join(f'{value:.4f}' for value in guide.arm.joints)
    stops = [(reason.name, count) for reason, count in supervisor.stops.items()]
    stops += [(reason.name, count) for reason, count in guide.advance.stops.items()]
    return values | {f'stops: {name.lower()}': str(count) for name, count in stops}
