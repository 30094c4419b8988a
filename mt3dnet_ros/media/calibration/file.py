"""A calibration file by its path, and which of its cameras: ``camchain.yaml#cam1``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
from mt3dnet_ros.media.calibration.values import CalibrationValueError


def split_choice(path: str | Path) -> tuple[Path, str]:
    """Return the file and the name of the camera behind ``#``; a file whose own name has one is taken as it is."""
    whole = Path(path).expanduser()
    file, _, choice = str(whole).rpartition('#')
    return (Path(file), choice) if Path(file).is_file() and not whole.exists() else (whole, '')


@contextmanager
def calibration_errors(path: str | Path) -> Iterator[None]:
    """Have errors name the file, and the line where it is known."""
    try:
        yield
    except CalibrationValueError as error:
        line = f', line {error.line}' if error.line else ''
        raise CameraCalibrationError(f"calibration '{split_choice(path)[0]}'{line}: {error}") from error
    except CameraCalibrationError as error:
        raise CameraCalibrationError(f"calibration '{split_choice(path)[0]}': {error}") from error
