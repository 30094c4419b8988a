"""Health as diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from std_msgs.msg import Header

from mt3dnet_ros.ros.health import Health

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass(frozen=True)
class Finding:
    """Something that a user should know.

    :param kind: what it is about; stays the same while the text follows the figures
    :param level: OK, WARN or ERROR
    :param logged: whether it is in the log already
    :param once: whether the log has it only the first time that it comes up
    """

    kind: str
    level: bytes
    text: str
    logged: bool = False
    once: bool = False


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
        'frames nobody wanted': str(health.skipped),
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
