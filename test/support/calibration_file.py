"""A file as camera_calibration writes it."""

from __future__ import annotations

from pathlib import Path

import yaml


def write_calibration(path: Path, width: int, height: int) -> None:
    """Write a calibration with distortion, and with a P that is not K."""

    def matrix(rows: int, columns: int, data: list[float]) -> dict[str, object]:
        return {'rows': rows, 'cols': columns, 'data': data}

    path.write_text(
        yaml.safe_dump(
            {
                'image_width': width,
                'image_height': height,
                'camera_name': 'endoscope',
                'distortion_model': 'plumb_bob',
                'camera_matrix': matrix(3, 3, [100.0, 0.0, 63.5, 0.0, 110.0, 47.5, 0.0, 0.0, 1.0]),
                'distortion_coefficients': matrix(1, 5, [-0.3, 0.1, 0.001, 0.002, 0.0]),
                'rectification_matrix': matrix(3, 3, [1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]),
                'projection_matrix': matrix(3, 4, [90.0, 0.0, 61.5, -8.0, 0.0, 90.0, 45.5, 0.0, 0.0, 0.0, 1.0, 0.0]),
            }
        )
    )
