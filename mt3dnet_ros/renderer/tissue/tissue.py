"""Tissue: a height field with organs on it, and its textures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.renderer.domains.tissue import Flesh, Ground, Skin
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tissue.flesh import paint_textures
from mt3dnet_ros.renderer.tissue.ground import fat_lumps, height_field, mesh_organ, organ, with_cavity_and_ridges
from mt3dnet_ros.renderer.tissue.plain_textures import plain_albedo, plain_bumps
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE


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
    albedo = np.stack([plain_albedo(rng, skin, size, photographs) for _ in meshes])
    wetness = np.clip(0.6 + 0.6 * fractal_noise(rng, TEXTURE, 6, 4), 0, 2).astype(np.float32)
    bumps = plain_bumps(rng, skin, size)
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
