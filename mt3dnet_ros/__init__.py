"""MT3DNet and ST-MTL for robotic endoscopy: segmentation, detection, metric depth, saliency.

>>> scene = mt3dnet_ros.load()(rgb)  # (H, W, 3) uint8, red first
>>> print(scene)

``load`` and the classes beside it are imported when they are first used: PyTorch takes seconds.
"""

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING

__path__ = extend_path(__path__, __name__)  # merges the checkout with the installed messages
__version__ = '0.2.0'
__all__ = ['Camera', 'Frame', 'Scene', 'load']

if TYPE_CHECKING:
    from mt3dnet_ros.geometry.camera import Camera
    from mt3dnet_ros.perception.frame import Frame
    from mt3dnet_ros.perception.loading import load
    from mt3dnet_ros.perception.scene import Scene
else:
    _HOMES = {
        'Camera': 'geometry.camera',
        'Frame': 'perception.frame',
        'Scene': 'perception.scene',
        'load': 'perception.loading',
    }

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
        value = getattr(import_module(f'{__name__}.{_HOMES[name]}'), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})


from mt3dnet_ros.renamed import keep_old_names

keep_old_names()
