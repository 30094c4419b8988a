"""Health as diagnostics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from std_msgs.msg import Header

from mt3dnet_ros.ros.health import Health

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
CLOCK_LIMIT = 10.0  # seconds; a latency beyond it, or below zero, says that two clocks differ


@dataclass(frozen=True)
class Finding:
    """Something that a user should know.

    :param kind: what it is about; stays the same while the text follows the figures
    :param level: OK, WARN or ERROR
    """

    kind: str
    level: bytes
    text: str


def judge(
    health: Health,
    no_image_warning: float,
    source: str,
    calibration_problem: str,
    missing: Sequence[str] = (),
) -> list[Finding]:
    """Return what is wrong with an active node.

    :param no_image_warning: seconds without an image that are worth a warning
    :param source: the image's topic, its publishers and their quality of service, in words
    :param calibration_problem: why there is no camera; empty where there is one
    :param missing: what was asked for and needs a network with saliency, where there is none
    """
    findings = []
    if health.silence > no_image_warning:
        findings.append(Finding('silence', WARN, f'no image for {health.silence:.0f} s on {source}'))
    elif calibration_problem and health.received:
        findings.append(Finding('calibration', WARN, f'no cloud and no positions: {calibration_problem}'))
    median = health.latency[0]
    if math.isnan(median) and health.output_rate > 0.0:
        findings.append(
            Finding(
                'stamp',
                WARN,
                'images have no stamp: latency is unknown, and saliency is computed without the images before; '
                'stamp them in the source',
            )
        )
    if math.isfinite(median) and not 0.0 <= median <= CLOCK_LIMIT:
        findings.append(
            Finding(
                'clock',
                WARN,
                f'images are stamped {median:.1f} s before now: the clock of the source '
                'differs; check use_sim_time and the synchronisation of the clocks',
            )
        )
    if missing:
        findings.append(
            Finding(
                'saliency',
                WARN,
                f'no data for {", ".join(missing)}: the network has no saliency branch; '
                'set checkpoint to an MT3DNet from `train-saliency`',
            )
        )
    return findings


def health_values(health: Health) -> dict[str, str]:
    """Return the figures of a health as diagnostics show them."""
    median, tail = health.latency
    values = {
        'input rate [Hz]': f'{health.input_rate:.1f}',
        'output rate [Hz]': f'{health.output_rate:.1f}',
        'latency median [ms]': f'{1e3 * median:.1f}',
        'latency 99th percentile [ms]': f'{1e3 * tail:.1f}',
        'frames received': str(health.received),
        'frames processed': str(health.processed),
        'frames dropped': str(health.dropped),
        'messages rejected': str(health.rejected),
        'last rejection': health.rejection or 'none',
        'publish failures': str(health.publish_failures),
    }
    return values | {f'{stage} [ms]': f'{1e3 * seconds:.2f}' for stage, seconds in health.stages.items()}


def fill_diagnostics(
    name: str,
    header: Header,
    findings: list[Finding],
    values: Mapping[str, str],
    hardware_id: str = '',
) -> DiagnosticArray:
    """Return the diagnostics of one node; its level is that of the worst finding.

    :param name: of the status, usually the node's
    :param hardware_id: the device that is used
    """
    status = DiagnosticStatus(name=name, hardware_id=hardware_id, level=max([OK, *(found.level for found in findings)]))
    status.message = '; '.join(found.text for found in findings) or 'OK'
    status.values = [KeyValue(key=key, value=value) for key, value in values.items()]
    return DiagnosticArray(header=header, status=[status])
