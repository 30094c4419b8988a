"""The parameters of what runs beside camera guidance: its watchdog, and a simulated ECM."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.guidance.ecm import ENDOSCOPES
from mt3dnet_ros.guidance.joint_limits import MODELS
from mt3dnet_ros.ros.parameters.table import parameter


@dataclass(frozen=True)
class GuidanceWatchdogParameters:
    """Parameters of the node ``guidance_watchdog``."""

    timeout: float = parameter(
        0.1,
        'publish rest where the last twist was of a motion and no other has come for so long',
        unit='s',
        range=(0.03, 1.0),
        changes='at start',
    )
    dvrk__enabled: bool = parameter(False, 'let an ECM hold as well', changes='at start')
    dvrk__arm: str = parameter('/ECM', 'name of the ECM, the first part of its topics', changes='at start')


@dataclass(frozen=True)
class SimulatedEcmParameters:
    """Parameters of the node ``simulated_ecm``."""

    arm: str = parameter('/ECM', 'name of the arm, the first part of its topics', changes='at start')
    rate: float = parameter(100.0, 'joint states per second', unit='Hz', range=(1.0, 1000.0), changes='at start')
    model: str = parameter(
        'classic',
        'model of the da Vinci, which decides the joint limits; virtual: of its simulators',
        choices=MODELS,
        changes='at start',
    )
    endoscope: str = parameter(
        'straight',
        'where the endoscope looks: along its shaft, or 30 degrees up or down',
        choices=ENDOSCOPES,
        changes='at start',
    )
    yaw: float = parameter(0.0, 'yaw at the start', unit='rad', range=(-3.0, 3.0), changes='at start')
    pitch: float = parameter(0.0, 'pitch at the start', unit='rad', range=(-1.2, 1.2), changes='at start')
    insertion: float = parameter(0.1, 'insertion at the start', unit='m', range=(0.0, 0.26), changes='at start')
    roll: float = parameter(0.0, 'roll at the start', unit='rad', range=(-1.6, 1.6), changes='at start')
    time_constant: float = parameter(
        0.02,
        'time constant with which the joints approach what is commanded',
        unit='s',
        range=(0.001, 1.0),
        changes='at start',
    )
    state: str = parameter(
        'ENABLED',
        'what the arm says of itself; it moves only while it is ENABLED and homed',
        choices=('DISABLED', 'ENABLED', 'PAUSED', 'FAULT'),
        changes='any time',
    )
    homed: bool = parameter(True, 'whether the arm says that it is homed', changes='any time')
    frozen: bool = parameter(
        False, 'the joints do not move, whatever is commanded: a fault for tests', changes='any time'
    )
