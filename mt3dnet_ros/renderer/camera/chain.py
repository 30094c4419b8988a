"""The chain of a camera's effects: from the light of a scene to the picture that an endoscope's recording shows.

The table ``CHAIN`` is the whole order. An effect draws from a random stream that bears its name, so that one that is
switched on or off, added or taken out leaves all others as they were. Those marked ``Draws.FRAME`` are older than the
named streams: they draw one after the other from the frame's own generator, where its shading has left it. The frames
that the shipped checkpoint has learned from were drawn so; a stream of its own for any of them would change them all.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.renderer.camera.capture import Capture
from mt3dnet_ros.renderer.camera.control_unit import (
    blur,
    gain,
    gamma,
    noise,
    overexpose,
    quantised,
    saturation,
    sharpening,
    white_balance,
)
from mt3dnet_ros.renderer.camera.front_lens import blood, droplets
from mt3dnet_ros.renderer.camera.optics import defocus, fringe, vignette
from mt3dnet_ros.renderer.camera.recording import chroma_subsampled, compressed, downscaled
from mt3dnet_ros.renderer.camera.sensor import bloom, expose, flare
from mt3dnet_ros.renderer.camera.shutter import interlace, motion_blur
from mt3dnet_ros.renderer.camera.smoke import haze, plumes
from mt3dnet_ros.renderer.streams import stream


class Draws(Enum):
    """What an effect draws from."""

    OWN = 'a stream with the name of the effect'
    FRAME = "the frame's generator, after the effects before it that do so, too"
    NOTHING = 'nothing: what it shows was drawn before'


class Effect(NamedTuple):
    """One step of the chain.

    :param name: of the effect and of its random stream
    :param apply: takes a generator, the picture (H, W, 3) and the capture; returns the picture
    """

    name: str
    draws: Draws
    apply: Callable[[np.random.Generator, np.ndarray, Capture], np.ndarray]


CHAIN = (
    # radiance that falls on the lens while the shutter is open, float32
    Effect('defocus', Draws.OWN, lambda rng, x, c: defocus(rng, x, c.depth, c.camera, c.effects.lens)),
    Effect('motion blur', Draws.NOTHING, lambda _, x, c: motion_blur(x, c.warp, c.timing) if c.warp else x),
    # relative to a fully exposed pixel, float32
    Effect('gain', Draws.FRAME, lambda rng, x, c: gain(rng, x, c.effects.control_unit)),
    Effect('overexposure', Draws.OWN, lambda rng, x, c: overexpose(rng, x, c.effects.control_unit)),
    Effect('haze', Draws.FRAME, lambda rng, x, c: haze(rng, x, c.effects.air)),
    Effect('smoke', Draws.OWN, lambda rng, x, c: plumes(rng, x, c.depth, c.effects.air, c.time)),
    Effect('droplets', Draws.OWN, lambda rng, x, c: droplets(rng, x, c.effects.dirt)),
    Effect('blood', Draws.OWN, lambda rng, x, c: blood(rng, x, c.effects.dirt)),
    Effect('flare', Draws.OWN, lambda rng, x, c: flare(rng, x, c.effects.sensor)),
    Effect('fringe', Draws.OWN, lambda rng, x, c: fringe(rng, x, c.effects.lens)),
    Effect('vignette', Draws.FRAME, lambda rng, x, c: vignette(rng, x, c.effects.lens)),
    Effect('bloom', Draws.FRAME, lambda rng, x, c: bloom(rng, x, c.effects.sensor)),
    Effect('white balance', Draws.FRAME, lambda rng, x, c: white_balance(rng, x, c.effects.control_unit)),
    Effect('sensor', Draws.OWN, lambda rng, x, c: expose(rng, stream(c.grain, 'noise'), x, c.effects.sensor)),
    # encoded, float32 in about [0, 1]
    Effect('gamma', Draws.FRAME, lambda rng, x, c: gamma(rng, x, c.effects.control_unit)),
    Effect('saturation', Draws.FRAME, lambda rng, x, c: saturation(rng, x, c.effects.control_unit)),
    Effect('blur', Draws.FRAME, lambda rng, x, c: blur(rng, x, c.effects.control_unit)),
    Effect('sharpening', Draws.FRAME, lambda rng, x, c: sharpening(rng, x, c.effects.control_unit)),
    Effect('noise', Draws.FRAME, lambda rng, x, c: noise(rng, c.grain, x, c.effects.control_unit)),
    # a picture, uint8
    Effect('quantisation', Draws.NOTHING, lambda _, x, c: quantised(x)),
    Effect('interlacing', Draws.NOTHING, lambda _, x, c: interlace(x, c.warp, c.timing) if c.warp else x),
    Effect('field of view', Draws.NOTHING, lambda _, x, c: _blackened(x, c.visible)),
    Effect('softened', Draws.OWN, lambda rng, x, c: downscaled(rng, x, c.effects.recorder)),
    Effect('subsampled', Draws.OWN, lambda rng, x, c: chroma_subsampled(rng, x, c.effects.recorder)),
    Effect('compressed', Draws.OWN, lambda rng, x, c: compressed(rng, x, c.effects.recorder)),
)


def film(radiance: np.ndarray, capture: Capture) -> np.ndarray:
    """Return what the recording of a frame shows, (H, W, 3) uint8 RGB, of linear radiance (H, W, 3) float32."""
    picture = radiance
    for effect in CHAIN:
        own = effect.draws is Draws.OWN
        picture = effect.apply(stream(capture.rng, effect.name) if own else capture.rng, picture, capture)
    return picture


def _blackened(picture: np.ndarray, visible: np.ndarray) -> np.ndarray:
    if visible.min() == 1:
        return picture
    return (picture * visible[..., None] + 0.5).astype(np.uint8)
