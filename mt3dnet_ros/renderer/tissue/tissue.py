"""Tissue: a height field with organs on it, and its textures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.domain import Ground, Skin
from mt3dnet_ros.renderer.domains.scene import Flesh
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.noise import cell_count, fractal_noise, ridge_noise
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tissue.flesh import paint_textures
from mt3dnet_ros.renderer.tissue.ground import fat_lumps, height_field, mesh_organ, organ, with_cavity_and_ridges
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE

# Pairs of colours, sRGB in [0, 1], between which a tissue's own noise mixes.
PALETTES = np.array(
    [
        [[0.62, 0.30, 0.27], [0.80, 0.52, 0.45]],  # peritoneum
        [[0.45, 0.12, 0.11], [0.62, 0.25, 0.20]],  # liver, kidney
        [[0.80, 0.55, 0.25], [0.92, 0.76, 0.48]],  # fat
        [[0.70, 0.42, 0.42], [0.88, 0.66, 0.62]],  # bowel
        [[0.42, 0.05, 0.06], [0.60, 0.12, 0.10]],  # muscle and blood
        [[0.72, 0.48, 0.38], [0.83, 0.62, 0.52]],  # ex vivo tissue
        [[0.80, 0.70, 0.66], [0.93, 0.87, 0.83]],  # fascia, gauze
        [[0.50, 0.40, 0.42], [0.66, 0.55, 0.58]],  # gallbladder, veins
    ],
    np.float32,
)


@dataclass(frozen=True)
class Tissue:
    """What lies behind the tools.

    :param meshes: the height field and the organs, metres, camera frame
    :param albedo: (n, TEXTURE, TEXTURE, 3) float32 linear colour, one texture per surface
    :param bumps: (n, TEXTURE, TEXTURE, 2) float32 slopes that perturb the normals
    :param wetness: (n, TEXTURE, TEXTURE) float32 strength of the highlights
    :param texture_size: width of a texture in metres
    :param pose: (4, 4) rigid motion of the surfaces since the texture was laid on them; None for none
    """

    meshes: tuple[Mesh, ...]
    albedo: np.ndarray
    bumps: np.ndarray
    wetness: np.ndarray
    texture_size: float
    pose: np.ndarray | None = None

    def moved(self, pose: np.ndarray) -> Tissue:
        """Return the tissue under a rigid motion (4, 4); its texture moves with it."""
        whole = pose if self.pose is None else pose @ self.pose
        return replace(self, meshes=tuple(mesh.moved(pose) for mesh in self.meshes), pose=whole)

    def anchored(self, points: np.ndarray) -> np.ndarray:
        """Return where points (N, 3) of the tissue lay before it moved, metres: the inverse of ``moved``."""
        if self.pose is None:
            return points
        return ((points - self.pose[:3, 3]) @ self.pose[:3, :3]).astype(np.float32)


def _albedo(rng: np.random.Generator, skin: Skin, size: float, photographs: tuple[np.ndarray, ...]) -> np.ndarray:
    if rng.random() < skin.photographs and photographs:
        return _photograph(rng, photographs[rng.integers(len(photographs))])
    dark, light = PALETTES[rng.integers(len(PALETTES))] * rng.uniform(*skin.brightness, 3).astype(np.float32)
    mottling = fractal_noise(rng, TEXTURE, cell_count(size, rng.uniform(*skin.mottling)), 5, 0.65)
    mix = np.clip(0.5 + 0.35 * mottling, 0, 1)[..., None]
    colour = (dark + (light - dark) * mix) * _vessels(rng, skin, size)
    if rng.random() < skin.patches:
        patch = 1 / (1 + np.exp(-6 * (fractal_noise(rng, TEXTURE, 4, 5, 0.6) - rng.uniform(0.3, 1.5))))[..., None]
        colour += patch * (PALETTES[rng.integers(len(PALETTES)), 0] * (0.8 + 0.4 * mix) - colour)
    return np.clip(colour, 0, 1) ** np.float32(2.2)


def _vessels(rng: np.random.Generator, skin: Skin, size: float) -> np.ndarray:
    spacing, width = rng.uniform(*skin.vessel_spacing), rng.uniform(*skin.vessel_width)
    lines = ridge_noise(rng, TEXTURE, cell_count(size, spacing), 2, spacing / width)
    lines *= np.clip(0.5 + fractal_noise(rng, TEXTURE, 3, 2), 0, 1)
    absorbed = np.float32(rng.uniform(*skin.vessel_contrast)) * np.array([0.35, 0.8, 0.75], np.float32)
    return 1 - lines[..., None] * absorbed


def _bumps(rng: np.random.Generator, skin: Skin, size: float) -> np.ndarray:
    height = rng.uniform(*skin.bump_height)
    relief = height * fractal_noise(rng, TEXTURE, cell_count(size, 0.004), 2, 0.5)
    relief += 0.1 * height * fractal_noise(rng, TEXTURE, cell_count(size, 0.0008), 1)
    down, across = np.gradient(relief, size / TEXTURE)
    return np.stack([across, down], -1).astype(np.float32)


def _photograph(rng: np.random.Generator, photograph: np.ndarray) -> np.ndarray:
    side = int(min(photograph.shape[:2]) * rng.uniform(0.35, 0.95))
    y, x = (int(rng.integers(n - side + 1)) for n in photograph.shape[:2])
    crop = cv2.resize(photograph[y : y + side, x : x + side], (TEXTURE, TEXTURE), interpolation=cv2.INTER_AREA)
    crop = np.rot90(crop, int(rng.integers(4))).astype(np.float32) / 255
    return np.clip(crop * rng.uniform(0.8, 1.5), 0, 1) ** np.float32(2.2)


def load_photographs(data: Path) -> tuple[np.ndarray, ...]:
    """Load the real pictures of tissue without tools below ``data``, RGB uint8; none when it has none."""
    path = data / 'scikit_surgery' / 'laparoscopic_still_no_tool.jpg'
    picture = cv2.imread(str(path)) if path.is_file() else None
    return () if picture is None else (cv2.cvtColor(crop_to_lit_part(picture), cv2.COLOR_BGR2RGB),)


def crop_to_lit_part(picture: np.ndarray) -> np.ndarray:
    """Cut the inner part out of a round view (H, W, 3), without its black surroundings."""
    lit = picture.max(-1) > 25
    (top, bottom), (left, right) = (np.flatnonzero(lit.mean(axis) > 0.02)[[0, -1]] for axis in (1, 0))
    y, x = round(0.15 * (bottom - top)), round(0.15 * (right - left))
    return picture[top + y : bottom - y, left + x : right - x]


def sample_tissue(
    rng: np.random.Generator,
    distance: float,
    ground: Ground,
    skin: Skin,
    photographs: tuple[np.ndarray, ...],
    flesh: Flesh | None = None,
    shapes: tuple[Mesh, ...] = (),
) -> Tissue:
    """Sample a field of tissue whose middle lies at a distance in metres.

    :param shapes: of organs, see ``ground.organ_meshes``
    """
    flesh, own = flesh or Flesh(), stream(rng, 'flesh')
    organs = tuple(organ(rng, distance, ground) for _ in range(rng.integers(ground.organs[0], ground.organs[1] + 1)))
    field = with_cavity_and_ridges(own, height_field(rng, distance, ground), distance, flesh)
    size = rng.uniform(*skin.texture_size)
    if own.random() < flesh.share:
        return _flesh(own, (field, *organs), distance, size, flesh, shapes)
    meshes = (field, *organs)
    albedo = np.stack([_albedo(rng, skin, size, photographs) for _ in meshes])
    wetness = np.clip(0.6 + 0.6 * fractal_noise(rng, TEXTURE, 6, 4), 0, 2).astype(np.float32)
    bumps = _bumps(rng, skin, size)
    bumps, wetness = (np.broadcast_to(layer, (len(meshes), *layer.shape)) for layer in (bumps, wetness))
    return Tissue(meshes, albedo, bumps, wetness, size)


def _flesh(
    rng: np.random.Generator,
    meshes: tuple[Mesh, ...],
    distance: float,
    size: float,
    flesh: Flesh,
    shapes: tuple[Mesh, ...],
) -> Tissue:
    """Paint surfaces as anatomical tissue, among more organs and fat."""
    if shapes and rng.random() < flesh.organs:
        meshes = (*meshes, mesh_organ(rng, shapes, meshes[0], distance))
    fat = fat_lumps(rng, meshes[0], distance, flesh) if rng.random() < flesh.fat else ()
    skins = paint_textures(rng, flesh, size, len(meshes), len(fat))
    albedo, bumps, wetness = (np.stack(layer) for layer in zip(*skins, strict=True))
    return Tissue((*meshes, *fat), albedo, bumps, wetness, size)
