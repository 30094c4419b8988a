"""Messages of perception into Rerun: one entity for each, as the layout places them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.errors import InputError, needs_extra
from mt3dnet_ros.perception.scene_text import caption
from mt3dnet_ros.viewer import layout
from mt3dnet_ros.viewer.messages import level_of, read_plain_image, read_points, stamp_of, xyz_of
from mt3dnet_ros.viewer.settings import LogSettings

with needs_extra('view'):
    import rerun as rr

APPLICATION = 'mt3dnet_ros'
_DEFAULTS = LogSettings()
_JPEG_QUALITY = 85
_LEVELS = ('INFO', 'WARN', 'ERROR', 'WARN')  # of OK, WARN, ERROR, STALE
_FIGURES = {'latency median [ms]': 'latency [ms]', 'input rate [Hz]': 'input [Hz]', 'output rate [Hz]': 'output [Hz]'}
_FIGURE_COLORS = {'latency [ms]': (250, 170, 60), 'input [Hz]': (120, 160, 250), 'output [Hz]': (110, 220, 130)}
_SCALE_COLORS = {
    'factor': (110, 220, 130),
    'lower': (120, 140, 130),
    'upper': (120, 140, 130),
}  # fields
_FORESIGHT = 0.3  # seconds, of the arrow of a tip's velocity
_AXIS_REACH = 0.02  # metres of a shaft's axis on either side of its point
_DEPTH_UNIT = 10000.0  # values per metre
_FIRST, _LATER = (255, 220, 0), (255, 255, 255)  # fixations
_UNKNOWN = (255, 255, 255)
_JUMP = 1_000_000_000  # ns; stamps that go back by more have begun anew
_DEPTH_FOLLOWS = 0.1  # of a new image in the limits of the colours, which then do not flicker


class SceneLog:
    """Logs messages to a stream of Rerun.

    :param stream: that is logged to
    :param decode: picture of an Image or a CompressedImage of any encoding, (H, W, 3) uint8, red first
    """

    def __init__(
        self, stream: rr.RecordingStream, decode: Callable[[Any], np.ndarray], settings: LogSettings = _DEFAULTS
    ) -> None:
        self._stream = stream
        self._decode = decode
        self._settings = settings
        self._scale = 1.0  # pixels shown per pixel of the image
        self._colors: dict[int, tuple[int, int, int]] = {}
        self._depth_limits: np.ndarray | None = None
        self._reports: dict[str, tuple[int, str]] = {}
        self._offset = 0
        self._newest = 0
        self._seen_cloud = False
        self._bytes = 0
        stream.log(layout.SCENE, rr.ViewCoordinates.RDF, static=True)
        for name, color in _FIGURE_COLORS.items():
            lines = rr.SeriesLines(colors=color, names=name, widths=2.0)
            stream.log(f'{layout.FIGURES}/{_entity(name)}', lines, static=True)
        for name, color in _SCALE_COLORS.items():
            stream.log(f'{layout.SCALE}/{name}', rr.SeriesLines(colors=color, names=name, widths=2.0), static=True)

    def log(self, name: str, message: Any) -> None:
        """Show a message.

        :param name: a key of ``SHOWN``
        :raises MT3DNetError: the message cannot be shown; the text says why
        """
        self._set_time(0 if name == 'diagnostics' else stamp_of(message))
        SHOWN[name](self, message)

    @property
    def megabytes(self) -> float:
        """How much was logged, about, in MiB."""
        return self._bytes / 2**20

    def _set_time(self, stamp: int) -> None:
        """Go on in time: where stamps begin anew, as those of a video that is looped, the time shown does not."""
        if not stamp:  # diagnostics are stamped by another clock than a recording that is played
            stamp = self._newest - self._offset if self._newest else time.time_ns()
        if self._newest and stamp + self._offset < self._newest - _JUMP:
            self._offset = self._newest - stamp + 1
        self._newest = max(self._newest, stamp + self._offset)
        self._stream.set_time(layout.TIMELINE, timestamp=np.datetime64(stamp + self._offset, 'ns'))

    def image(self, message: Any) -> None:
        """Show the picture of the camera."""
        self._scale = self._log_picture(layout.IMAGE, self._decode(message))

    def overlay(self, message: Any) -> None:
        """Show the picture with masks."""
        picture = read_plain_image(message) if hasattr(message, 'encoding') else self._decode(message)
        self._log_picture(layout.OVERLAY, picture)

    def saliency(self, message: Any) -> None:
        """Show saliency in colours, from blue to red."""
        pixels, _ = self._fit(read_plain_image(message))
        heat = cv2.cvtColor(cv2.applyColorMap(pixels, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
        self._log_picture(layout.SALIENCY, heat)

    def _log_picture(self, entity: str, rgb: np.ndarray) -> float:
        shown, scale = self._fit(rgb)
        done, jpeg = cv2.imencode(
            '.jpg', cv2.cvtColor(shown, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        )
        if not done:
            raise InputError(f'picture of {shown.shape} cannot be compressed')
        self._bytes += jpeg.size
        self._stream.log(entity, rr.EncodedImage(contents=jpeg.tobytes(), media_type='image/jpeg'))
        return scale

    def _fit(self, picture: np.ndarray, interpolation: int = cv2.INTER_AREA) -> tuple[np.ndarray, float]:
        """Return a picture that is not larger than allowed, and its scale."""
        height, width = picture.shape[:2]
        scale = min(1.0, self._settings.max_size / max(height, width))
        if scale == 1.0:
            return picture, scale
        size = max(1, round(scale * width)), max(1, round(scale * height))
        return cv2.resize(np.ascontiguousarray(picture), size, interpolation=interpolation), scale

    def depth(self, message: Any) -> None:
        """Show depth in colours; a pointer in the picture reads metres."""
        pixels, _ = self._fit(read_plain_image(message), cv2.INTER_NEAREST)
        metres = pixels.astype(np.float32) / 1000.0 if pixels.dtype == np.uint16 else pixels
        known = np.isfinite(metres) & (metres > 0.0)
        values = np.clip(np.where(known, metres, 0.0) * _DEPTH_UNIT, 0, 65535).astype(np.uint16)
        image = rr.DepthImage(
            values, meter=_DEPTH_UNIT, colormap='turbo', depth_range=self._follow_depth(values[known])
        )
        self._bytes += values.nbytes
        self._stream.log(layout.DEPTH, image)

    def _follow_depth(self, values: np.ndarray) -> tuple[float, float]:
        if values.size:
            limits = np.percentile(values[:: max(1, values.size // 4096)], [1, 99])
            before = limits if self._depth_limits is None else self._depth_limits
            self._depth_limits = before + _DEPTH_FOLLOWS * (limits - before)
        near, far = (0.0, _DEPTH_UNIT) if self._depth_limits is None else self._depth_limits
        return float(near), max(float(far), float(near) + 1.0)

    def cloud(self, message: Any) -> None:
        """Show the cloud; the first one decides where the eye of the 3-D view stands."""
        xyz, colors = read_points(message, self._settings.max_points)
        self._bytes += 16 * len(xyz)
        radii = rr.Radius.ui_points(2.0)
        self._stream.log(f'{layout.SCENE}/cloud', rr.Points3D(xyz, colors=colors, radii=radii))
        if len(xyz) and not self._seen_cloud:
            self._seen_cloud = True
            self._stream.send_blueprint(layout.build_layout(xyz, self._settings.live))

    def label_info(self, message: Any) -> None:
        """Remember the colours of the classes."""
        colors = [tuple(round(255 * value) for value in (color.r, color.g, color.b)) for color in message.colors]
        self._colors = dict(zip(map(int, message.ids), colors, strict=True))

    def detections(self, message: Any) -> None:
        """Show boxes with names in the picture and in space, and the tips of the instruments."""
        found = message.detections
        names = [_caption(detection) for detection in found]
        colors = [self._colors.get(int(detection.class_id), _UNKNOWN) for detection in found]
        boxes = [detection.box for detection in found]
        self._stream.log(
            f'{layout.IMAGE}/detections',
            rr.Boxes2D(
                mins=[(self._scale * box.x_offset, self._scale * box.y_offset) for box in boxes],
                sizes=[(self._scale * box.width, self._scale * box.height) for box in boxes],
                labels=names,
                colors=colors,
                show_labels=True,
            ),
        )
        placed = [number for number, detection in enumerate(found) if _is_known(detection.position)]
        self._stream.log(
            f'{layout.SCENE}/detections',
            rr.Boxes3D(
                centers=[xyz_of(found[number].position) for number in placed],
                sizes=[np.nan_to_num(xyz_of(found[number].extent)) for number in placed],
                labels=[names[number] for number in placed],
                colors=[colors[number] for number in placed],
                show_labels=True,
            ),
        )
        tips = [number for number in placed if _is_known(found[number].tip)]
        self._stream.log(
            f'{layout.SCENE}/tips',
            rr.Points3D(
                [xyz_of(found[number].tip) for number in tips],
                colors=[colors[number] for number in tips],
                radii=rr.Radius.ui_points(5.0),
            ),
        )

        self._log_velocities([(found[number], colors[number]) for number in tips])
        self._log_axes([(detection, color) for detection, color in zip(found, colors, strict=True)])

    def _log_velocities(self, found: list[tuple[Any, tuple[int, int, int]]]) -> None:
        """Show where tips will be soon; detections of older recordings do not say."""
        moving = [(item, c) for item, c in found if hasattr(item, 'tip_velocity') and _is_known(item.tip_velocity)]
        arrows = rr.Arrows3D(
            origins=[xyz_of(item.tip) for item, _ in moving],
            vectors=[_FORESIGHT * np.array(xyz_of(item.tip_velocity)) for item, _ in moving],
            colors=[color for _, color in moving],
        )
        self._stream.log(f'{layout.SCENE}/velocities', arrows)

    def _log_axes(self, found: list[tuple[Any, tuple[int, int, int]]]) -> None:
        """Show the axes of shafts; detections of older recordings have none."""
        axes = [(each.axis, color) for each, color in found if hasattr(each, 'axis') and _is_known(each.axis.point)]
        lines = []
        for axis, _ in axes:
            point, along = np.array(xyz_of(axis.point)), np.array(xyz_of(axis.direction))
            lines.append([point - _AXIS_REACH * along, point + _AXIS_REACH * along])
        shown = rr.LineStrips3D(lines, colors=[color for _, color in axes], radii=rr.Radius.ui_points(2.0))
        self._stream.log(f'{layout.SCENE}/axes', shown)

    def scale(self, message: Any) -> None:
        """Show the scale of depth between the ends of its interval, and what it rests on when that changes."""
        for name in _SCALE_COLORS:
            if math.isfinite(value := getattr(message, name)):
                self._stream.log(f'{layout.SCALE}/{name}', rr.Scalars(value))
        sources = ', '.join(dict.fromkeys(message.sources)) or 'nothing: a guess of the network'
        conflicts = '; '.join(message.conflicts)
        self._report('scale', 1 if conflicts or not len(message.sources) else 0, conflicts or f'rests on {sources}')

    def scanpath(self, message: Any) -> None:
        """Show the fixations with their numbers, and the lines from one to the next, in the picture and in space."""
        seen = [stop for stop in message.fixations if math.isfinite(stop.x) and math.isfinite(stop.y)]
        self._log_stops(
            layout.IMAGE,
            seen,
            [(self._scale * stop.x, self._scale * stop.y) for stop in seen],
            rr.Points2D,
            rr.LineStrips2D,
        )
        placed = [stop for stop in message.fixations if _is_known(stop.position)]
        places = [xyz_of(stop.position) for stop in placed]
        self._log_stops(layout.SCENE, placed, places, rr.Points3D, rr.LineStrips3D)

    def _log_stops(self, entity: str, stops: list[Any], places: list[Any], points: Any, strips: Any) -> None:
        colors = [_FIRST if stop.order == 1 else _LATER for stop in stops]
        labels = [str(stop.order) for stop in stops]
        path = [places] if len(places) > 1 else []
        self._stream.log(
            f'{entity}/fixations',
            points(places, labels=labels, colors=colors, radii=rr.Radius.ui_points(6.0), show_labels=True),
        )
        self._stream.log(
            f'{entity}/scanpath', strips(path, colors=[_LATER] * len(path), radii=rr.Radius.ui_points(1.5))
        )

    def gaze(self, message: Any) -> None:
        """Show where to look, in space."""
        point = rr.Points3D([xyz_of(message.point)], colors=[_FIRST], radii=rr.Radius.ui_points(8.0))
        self._stream.log(f'{layout.SCENE}/gaze', point)

    def camera_info(self, message: Any) -> None:
        """Show the camera in space."""
        matrix = np.asarray(getattr(message, 'k', getattr(message, 'K', None)), float).reshape(3, 3)
        if matrix[0, 0] > 0.0 and matrix[1, 1] > 0.0:
            camera = rr.Pinhole(
                image_from_camera=matrix,
                width=message.width,
                height=message.height,
                image_plane_distance=0.01,
                color=(150, 150, 150),
            )
            self._stream.log(f'{layout.SCENE}/camera', camera)

    def diagnostics(self, message: Any) -> None:
        """Show what nodes report when it changes, and latency and rates as lines."""
        for status in message.status:
            self._report(status.name, level_of(status), status.message)
            for value in status.values:
                if value.key in _FIGURES:
                    self._log_figure(_FIGURES[value.key], value.value)

    def _report(self, node: str, level: int, text: str) -> None:
        if self._reports.get(node) != (level, text):
            self._reports[node] = (level, text)
            self._stream.log(f'{layout.REPORTS}/{node.strip("/")}', rr.TextLog(text, level=_LEVELS[min(level, 3)]))

    def _log_figure(self, name: str, text: str) -> None:
        if math.isfinite(figure := float(text)):
            self._stream.log(f'{layout.FIGURES}/{_entity(name)}', rr.Scalars(figure))


def _caption(detection: Any) -> str:
    return caption(detection.class_name, detection.score, getattr(detection, 'track_id', -1))


def _entity(name: str) -> str:
    return name.partition(' ')[0]


def _is_known(point: Any) -> bool:
    return all(map(math.isfinite, xyz_of(point)))


SHOWN: Mapping[str, Callable[[SceneLog, Any], None]] = {
    'image': SceneLog.image,
    'overlay': SceneLog.overlay,
    'depth': SceneLog.depth,
    'saliency': SceneLog.saliency,
    'label_info': SceneLog.label_info,
    'detections': SceneLog.detections,
    'cloud': SceneLog.cloud,
    'scanpath': SceneLog.scanpath,
    'gaze': SceneLog.gaze,
    'scale': SceneLog.scale,
    'camera_info': SceneLog.camera_info,
    'diagnostics': SceneLog.diagnostics,
}
