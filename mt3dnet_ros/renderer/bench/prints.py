"""Printed pictures (S, S, 3) float32 sRGB: text, drawings, boards for calibration, posters, shelves, screens."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mt3dnet_ros.renderer.bench.colours import any_colour, any_hue, dark, far_from, pale
from mt3dnet_ros.renderer.noise import fractal_noise

SIZE = 384
_LETTERS = np.array(list('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-+/()'))
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)

Print = Callable[[np.random.Generator], np.ndarray]


def _canvas(colour: np.ndarray) -> np.ndarray:
    return np.full((SIZE, SIZE, 3), colour, np.float32)


def _ink(colour: np.ndarray) -> tuple[float, float, float]:
    return float(colour[0]), float(colour[1]), float(colour[2])


def _point(rng: np.random.Generator, beyond: float = 0.1) -> tuple[int, int]:
    x, y = rng.uniform(-beyond, 1 + beyond, 2) * SIZE
    return int(x), int(y)


def _words(rng: np.random.Generator, letters: int) -> str:
    text = ''.join(rng.choice(_LETTERS, letters))
    return ''.join(' ' if gap < 0.15 else letter for letter, gap in zip(text, rng.random(letters), strict=True))


def write(rng: np.random.Generator, picture: np.ndarray, colour: np.ndarray, at: tuple[int, int], size: float) -> None:
    """Write some letters of a size in pixels into a picture, from a point on."""
    font, weight = _FONTS[rng.integers(len(_FONTS))], max(1, round(size * rng.uniform(0.05, 0.16)))
    letters = int(rng.integers(2, max(3, int(1.5 * SIZE / size))))
    cv2.putText(picture, _words(rng, letters), at, font, size / 22, _ink(colour), weight, cv2.LINE_AA)


def text_page(rng: np.random.Generator) -> np.ndarray:
    """Sample a page of text: a headline, paragraphs, perhaps a figure."""
    paper = pale(rng) if rng.random() < 0.8 else any_colour(rng)
    picture, ink = _canvas(paper), dark(rng) if paper.mean() > 0.5 else pale(rng)
    size, y = rng.uniform(7, 30), rng.uniform(0.05, 0.2) * SIZE
    while y < 0.97 * SIZE:
        if rng.random() < 0.12:
            y += rng.uniform(1, 4) * size
        write(rng, picture, ink, (int(0.06 * SIZE), int(y)), size * (2 if rng.random() < 0.08 else 1))
        y += size * rng.uniform(1.3, 1.8)
    if rng.random() < 0.5:
        _figure(rng, picture, ink)
    return picture


def _figure(rng: np.random.Generator, picture: np.ndarray, ink: np.ndarray) -> None:
    (x, y), (w, h) = rng.integers(20, SIZE // 2, 2), rng.integers(60, SIZE // 2, 2)
    cv2.rectangle(picture, (int(x), int(y)), (int(x + w), int(y + h)), _ink(any_colour(rng)), -1)
    steps = np.cumsum(rng.standard_normal(30))
    ys = y + h * (0.5 + 0.4 * steps / (np.abs(steps).max() + 1e-6))
    line = np.stack([np.linspace(x, x + w, 30), ys], -1).astype(np.int32)
    cv2.polylines(picture, [line], False, _ink(ink), 2, cv2.LINE_AA)


def drawing(rng: np.random.Generator) -> np.ndarray:
    """Sample lines, circles, arrows, letters and patches of any size: labels, logos, plans, scribbles."""
    paper = any_colour(rng)
    picture = _canvas(paper)
    for _ in range(rng.integers(3, 22)):
        ink, kind = _ink(far_from(rng, paper) if rng.random() < 0.6 else any_colour(rng)), rng.integers(6)
        a, b, weight = _point(rng), _point(rng), int(rng.integers(1, 9))
        fill = -1 if rng.random() < 0.5 else weight
        if kind == 0:
            cv2.line(picture, a, b, ink, weight, cv2.LINE_AA)
        elif kind == 1:
            cv2.circle(picture, a, int(rng.integers(4, SIZE // 4)), ink, fill, cv2.LINE_AA)
        elif kind == 2:
            cv2.rectangle(picture, a, b, ink, fill, cv2.LINE_AA)
        elif kind == 3:
            cv2.arrowedLine(picture, a, b, ink, weight, cv2.LINE_AA)
        elif kind == 4:
            corners = np.array([_point(rng) for _ in range(rng.integers(3, 8))], np.int32)
            (
                cv2.fillPoly(picture, [corners], ink, cv2.LINE_AA)
                if fill < 0
                else cv2.polylines(picture, [corners], True, ink, weight, cv2.LINE_AA)
            )
        else:
            write(rng, picture, np.array(ink), a, rng.uniform(10, 90))
    return picture


def checkerboard(rng: np.random.Generator) -> np.ndarray:
    """Sample a checkerboard within a margin, perhaps with markers in its white squares, text or axes beside it."""
    paper, ink = pale(rng), dark(rng) if rng.random() < 0.85 else any_hue(rng)
    picture, (rows, columns) = _canvas(paper), rng.integers(3, 14, 2)
    step = int(min(SIZE * rng.uniform(0.6, 1.0) / max(rows, columns), 80))
    left, top = (SIZE - step * columns) // 2, (SIZE - step * rows) // 2
    marked = rng.random() < 0.35
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * step, top + row * step
            if (row + column) % 2:
                picture[y : y + step, x : x + step] = ink
            elif marked:
                _marker(rng, picture, x + step // 6, y + step // 6, step - step // 3, ink)
    if rng.random() < 0.5:
        write(rng, picture, ink, (left, max(14, top - 6)), rng.uniform(10, 24))
    return picture


def _marker(rng: np.random.Generator, picture: np.ndarray, x: int, y: int, size: int, ink: np.ndarray) -> None:
    """Draw a square with a black border and random cells, as visual markers have them."""
    cells = np.pad(rng.integers(0, 2, (4, 4)), 1).astype(np.uint8)
    large = cv2.resize(cells, (max(size, 1), max(size, 1)), interpolation=cv2.INTER_NEAREST)[..., None]
    shown = picture[y : y + size, x : x + size]
    shown[:] = np.where(large[: shown.shape[0], : shown.shape[1]] > 0, shown, ink)


def markers(rng: np.random.Generator) -> np.ndarray:
    """Sample one visual marker, or a grid of them."""
    paper, ink, n = pale(rng), dark(rng), int(rng.integers(1, 6))
    picture, cell = _canvas(paper), SIZE // n
    inner = int(cell * rng.uniform(0.6, 0.9))
    for row in range(n):
        for column in range(n):
            offset = (cell - inner) // 2
            _marker(rng, picture, column * cell + offset, row * cell + offset, inner, ink)
    return picture


def dot_grid(rng: np.random.Generator) -> np.ndarray:
    """Sample rows of dots, straight or staggered."""
    paper, ink, n = pale(rng), dark(rng), int(rng.integers(4, 14))
    picture, cell = _canvas(paper), SIZE / n
    for row in range(n):
        for column in range(n):
            shift = 0.5 * (row % 2) * rng.integers(2)
            at = (int((column + 0.5 + shift) * cell), int((row + 0.5) * cell))
            cv2.circle(picture, at, max(1, int(0.3 * cell)), _ink(ink), -1, cv2.LINE_AA)
    return picture


def ruler(rng: np.random.Generator) -> np.ndarray:
    """Sample graduations and figures along both sides, as on rulers and cutting mats."""
    paper = any_colour(rng)
    ink, picture, n = far_from(rng, paper), _canvas(paper), int(rng.integers(10, 60))
    for i in range(n):
        at, length = int((i + 0.5) * SIZE / n), SIZE // (6 if i % 10 == 0 else 9 if i % 5 == 0 else 14)
        cv2.line(picture, (at, 0), (at, length), _ink(ink), 1, cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.line(picture, (0, at), (SIZE if i % 5 == 0 else length, at), _ink(ink), 1, cv2.LINE_AA)
        if i % 10 == 0:
            cv2.putText(picture, str(i), (at, length + 14), _FONTS[0], 0.45, _ink(ink), 1, cv2.LINE_AA)
    return picture


def suture_lines(rng: np.random.Generator) -> np.ndarray:
    """Sample the print of a suture pad: cuts, lines with dots on either side, curves, figures."""
    skin = any_colour(rng)
    picture, ink = _canvas(skin), far_from(rng, skin)
    for _ in range(rng.integers(1, 6)):
        start, heading = rng.uniform(0.1, 0.9, 2) * SIZE, rng.uniform(0, np.pi)
        steps = heading + np.cumsum(rng.uniform(0, 0.2) * rng.standard_normal(24))
        way = start + np.cumsum(np.stack([np.cos(steps), np.sin(steps)], -1), 0) * rng.uniform(4, 14)
        if rng.random() < 0.6:
            cut = np.round(way).astype(np.int32)
            cv2.polylines(picture, [cut], False, _ink(0.4 * skin), int(rng.integers(2, 9)), cv2.LINE_AA)
        across = np.stack([-np.sin(steps), np.cos(steps)], -1) * rng.uniform(10, 34)
        for side in (-1, 1):
            for x, y in (way + side * across)[:: int(rng.integers(2, 5))]:
                cv2.circle(picture, (int(x), int(y)), int(rng.integers(2, 7)), _ink(ink), -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        write(rng, picture, ink, _point(rng, 0.0), rng.uniform(14, 40))
    return picture


def shelf(rng: np.random.Generator) -> np.ndarray:
    """Sample shelves with books, folders, boxes and gaps."""
    picture, y = _canvas(any_colour(rng)), 0
    board, gap = any_colour(rng), 0.25 * dark(rng)
    while y < SIZE:
        height, x = int(rng.integers(50, 150)), 0
        picture[y : y + height] = gap
        while x < SIZE:
            width, tall = int(rng.integers(5, 45)), int(height * rng.uniform(0.5, 0.95))
            if rng.random() < 0.85:
                colour = any_colour(rng)
                picture[y + height - tall : y + height, x : x + width] = colour
                picture[y + height - tall : y + height, x : x + 1] = 0.5 * colour
                label = y + height - int(0.6 * tall)
                picture[label : label + int(rng.integers(4, 20)), x + 2 : x + width - 2] = far_from(rng, colour)
            x += width + 1
        picture[y + height : y + height + 7] = board
        y += height + 7
    return picture


def screen(rng: np.random.Generator) -> np.ndarray:
    """Sample a screen with windows, bars, menus and text."""
    picture = _canvas(any_colour(rng) * rng.uniform(0.2, 1.0))
    for _ in range(rng.integers(2, 7)):
        (x, y), (w, h) = rng.integers(0, SIZE - 60, 2), rng.integers(50, SIZE, 2)
        paper = pale(rng) if rng.random() < 0.5 else dark(rng)
        picture[y : y + h, x : x + w] = paper
        picture[y : y + 12, x : x + w] = any_colour(rng)
        for line in range(y + 24, min(y + h, SIZE), int(rng.integers(10, 18))):
            end = int(x + w * rng.uniform(0.2, 0.95))
            cv2.line(picture, (int(x) + 6, line), (end, line), _ink(far_from(rng, paper)), 1 + int(rng.integers(3)))
    return picture


def panel(rng: np.random.Generator) -> np.ndarray:
    """Sample a device's front or a keyboard: rows of keys, knobs, lamps, sockets, labels."""
    body = any_colour(rng)
    picture, n = _canvas(body), int(rng.integers(3, 16))
    cell, round_, ink = SIZE / n, rng.random() < 0.4, far_from(rng, body)
    for row in range(n):
        for column in range(n):
            if rng.random() < 0.3:
                continue
            x, y, half = int((column + 0.5) * cell), int((row + 0.5) * cell), int(cell * rng.uniform(0.2, 0.45))
            key = _ink(ink if rng.random() < 0.7 else any_colour(rng))
            if round_:
                cv2.circle(picture, (x, y), half, key, -1, cv2.LINE_AA)
            else:
                cv2.rectangle(picture, (x - half, y - half), (x + half, y + half), key, -1, cv2.LINE_AA)
            if rng.random() < 0.5:
                cv2.putText(picture, _words(rng, 2), (x - half, y + half // 2), _FONTS[0], half / 22, _ink(body), 1)
    return picture


def photograph(rng: np.random.Generator) -> np.ndarray:
    """Sample something like a photograph: a gradient, clouds of colour, blobs and edges."""
    ramp = np.linspace(0, 1, SIZE, dtype=np.float32)
    base = any_colour(rng) + ramp[:, None, None] * (any_colour(rng) - any_colour(rng))
    picture = np.broadcast_to(base, (SIZE, SIZE, 3)).astype(np.float32)
    for _ in range(rng.integers(2, 9)):
        cloud = fractal_noise(rng, SIZE, int(rng.integers(1, 10)), 4, rng.uniform(0.4, 0.7))
        share = np.clip(0.5 + rng.choice([1.0, 6.0]) * (cloud - rng.uniform(0.2, 1.6)), 0, 1)[..., None]
        picture = picture + share * (any_colour(rng) * (1 + 0.2 * cloud[..., None]) - picture)
    return np.clip(picture, 0, 1).astype(np.float32)


BOARDS: tuple[Print, ...] = (checkerboard, checkerboard, checkerboard, markers, dot_grid)
PAPERS: tuple[Print, ...] = (text_page, text_page, drawing, photograph, ruler, checkerboard, panel)
ROOM: tuple[Print, ...] = (shelf, shelf, screen, photograph, drawing, text_page, panel)


def printed(rng: np.random.Generator, prints: tuple[Print, ...]) -> np.ndarray:
    """Sample one of some prints."""
    return prints[rng.integers(len(prints))](rng)
