"""What the console's overlay says of itself in diagnostics."""

from __future__ import annotations

from mt3dnet_ros.ros.console.eye import EyeOverlay
from mt3dnet_ros.ros.diagnostics import ERROR, WARN, Finding
from mt3dnet_ros.ros.health import Health

_PATIENCE = 1.0  # seconds without a picture
_NEEDS_CAMERA = ('tips', 'distances')


def eye_findings(eye: EyeOverlay, health: Health, shown: tuple[str, ...]) -> list[Finding]:
    """Return what is wrong with the overlay of an eye that is on.

    :param shown: the parameter ``show``
    """
    found = [*eye.inputs.findings(), *eye.infos.findings()]
    if problem := _emptiness(eye, health):
        found.append(Finding(f'{eye.side} empty', ERROR, f'{eye.side} eye: nothing is shown: {problem}'))
    if eye.drawn.left_out:
        what = ', '.join(f'{count} of {kind}' for kind, count in eye.drawn.left_out.items())
        text = f'{eye.side} eye: {what} left out, which would cover more of the view than most_covered allows'
        found.append(Finding(f'{eye.side} left out', WARN, text))
    if eye.camera.problem and set(_NEEDS_CAMERA) & set(shown):
        text = f'{eye.side} eye: no tips and distances: {eye.camera.problem}'
        found.append(Finding(f'{eye.side} camera', WARN, text))
    return found


def _emptiness(eye: EyeOverlay, health: Health) -> str:
    """Return why nothing has been shown of late; empty where something was, or nobody takes the pictures."""
    if eye.emptiness < _PATIENCE:
        return ''
    if eye.refusal and health.recently_refused:
        return eye.refusal
    if not eye.is_wanted:
        return 'nobody subscribes to the picture, and no socket is named'
    return f'no labels and detections of one image for {eye.emptiness:.1f} s on {eye.inputs.describe()}'


def eye_values(eye: EyeOverlay, health: Health) -> dict[str, str]:
    """Return the figures of an eye as diagnostics show them."""
    median, tail = health.latency
    drawing = health.stages.get('drawing', float('nan'))
    figures = {
        'pictures per second [Hz]': f'{health.output_rate:.1f}',
        'capture to overlay median [ms]': f'{1e3 * median:.1f}',
        'capture to overlay 99th percentile [ms]': f'{1e3 * tail:.1f}',
        'drawing [ms]': f'{1e3 * drawing:.2f}',
        'covered [%]': f'{100.0 * eye.drawn.covered:.2f}',
        'parts left out': str(eye.drawn.left_out.total()),
        'images received': str(health.received),
        'images dropped': str(health.dropped),
        'images incomplete': str(eye.inputs.incomplete),
        'messages rejected': str(health.rejected),
        'last rejection': health.rejection or 'none',
        'publish failures': str(health.publish_failures),
    }
    return {f'{eye.side}: {name}': value for name, value in figures.items()}
