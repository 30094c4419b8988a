"""A teacher of depth: a Depth Anything (V1, V2) or DPT model in a local folder, run through transformers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mt3dnet_ros.errors import MT3DNetError, needs_extra

if TYPE_CHECKING:
    import torch

_CONFIG, _PREPROCESSOR = 'config.json', 'preprocessor_config.json'
_FOLDER = f'a folder as `save_pretrained` writes it, with {_CONFIG}, {_PREPROCESSOR} and model.safetensors'
_MODEL_TYPES = ('depth_anything', 'dpt')
_LEAST_DEPTH = 1e-4  # metres; a metric teacher's zero is not infinitely near


class TeacherError(MT3DNetError, ValueError):
    """A folder does not hold a teacher of depth."""


class Teacher:
    """Inverse depth of single images.

    :param folder: a local folder with the model; nothing is downloaded
    :raises TeacherError: transformers is not installed, or the folder holds no supported model
    """

    def __init__(self, folder: str | Path, device: str | torch.device) -> None:
        _check_folder(Path(folder))
        self._processor, self._model = _load(Path(folder))
        self._model.to(device).eval()
        self._device = device

    @property
    def is_metric(self) -> bool:
        """Whether inverse depth is in 1 / m; else it is relative: unknown in scale and shift."""
        return getattr(self._model.config, 'depth_estimation_type', 'relative') == 'metric'

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Return the inverse depth of an image, larger where nearer.

        :param image: (H, W, 3) uint8 RGB
        :returns: (H, W) float32
        """
        import torch

        inputs = self._processor(images=image, return_tensors='pt').to(self._device)
        with torch.inference_mode():
            output = self._model(**inputs)
        resized = self._processor.post_process_depth_estimation(output, target_sizes=[image.shape[:2]])
        values: np.ndarray = resized[0]['predicted_depth'].float().cpu().numpy()
        return 1.0 / np.maximum(values, np.float32(_LEAST_DEPTH)) if self.is_metric else values


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise TeacherError(f"teacher folder '{folder}' does not exist; name {_FOLDER}")
    for name in (_CONFIG, _PREPROCESSOR):
        if not (folder / name).is_file():
            raise TeacherError(f"teacher folder '{folder}' has no {name}; name {_FOLDER}")


def _load(folder: Path) -> tuple[Any, Any]:
    with needs_extra('depth'):
        from transformers import AutoConfig, AutoImageProcessor, AutoModelForDepthEstimation
        from transformers.utils import logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        kind = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False).model_type
        if kind not in _MODEL_TYPES:
            known = ', '.join(_MODEL_TYPES)
            raise TeacherError(f"model type '{kind}' in '{folder}' is not supported (supported: {known})")
        processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model, report = AutoModelForDepthEstimation.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, output_loading_info=True
        )
    except TeacherError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise TeacherError(f"teacher folder '{folder}' cannot be loaded: {error}; name {_FOLDER}") from error
    # transformers fills weights that the file lacks with random numbers.
    if missing := sorted(report['missing_keys']):
        raise TeacherError(
            f"the weights in '{folder}' lack {len(missing)} of the model's tensors, first {missing[0]}; "
            'they belong to another model'
        )
    return processor, model
