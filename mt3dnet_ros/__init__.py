"""MT3DNet and ST-MTL for robotic endoscopy: segmentation, detection, metric depth, saliency."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # merges the checkout with the installed messages
__version__ = '0.2.0'
