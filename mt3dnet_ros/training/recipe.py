"""A training recipe: every choice that makes a checkpoint, in one YAML file (``recipe_file.py`` reads it)."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import switches
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.losses.tasks import COMPONENTS, DEFAULT_TASKS, LossSettings


@dataclass(frozen=True)
class Recipe:
    """How to train.

    :param data: folder of the data set
    :param output: folder for logs, pictures, resumable state and the exported checkpoint
    :param dataset: which data set lies there: ``rendered``, ``endovis2018`` ... (docs/train/datasets.md)
    :param further_data: more folders of such a data set, whose frames are trained on as well and not validated on; one
        that is named twice is seen twice as often
    :param train_split: split that is trained on
    :param val_split: split that is validated on; empty to validate on none
    :param depth: folder written by ``mt3dnet prepare-depth``, whose maps become the frames' depth; empty for none
    :param frame_size: height and width to which frames are brought when they are read; 0, 0 keeps them
    :param taxonomy: name of the numbering of instrument types that the network speaks
    :param encoder: ``b0`` to ``b5``
    :param decoder: ``top_down`` or ``all_mlp``
    :param scene_scale: let one number per image, from pooled features, move all its depths
    :param drop_path: largest probability to skip a block of the encoder; it rises with depth
    :param pretrained: file of ImageNet weights for the encoder; empty for none
    :param initial: checkpoint to start from as far as it fits: a path, or the name of a shipped one; empty for none
    :param resume: ``last.ckpt`` of an interrupted run; empty to start anew
    :param input_size: height and width in pixels; multiples of 32
    :param canonical_focal: focal length, in pixels of the network's input, at which depth is predicted
    :param depth_range: least and largest canonical depth in metres
    :param zoom: least and largest enlargement of augmented views, relative to the view of the whole frame
    :param inside: keep augmented views inside the frame; else black borders come into view, as endoscopes have them
    :param appearance: strength of random appearance; 0 for none, 1 for renderings that must pass for any endoscope
    :param tasks: what is trained, of ``segmentation``, ``detection``, ``depth``
    :param detection_loss: what heat means: ``penalty_reduced`` (an object) or ``quality`` (and how well its box fits)
    :param class_weights: of the types' cross entropy, one per class of the taxonomy; empty weighs all alike
    :param factor_types: of the component in its task; so for the other components
    :param balancing: ``adversarial``, ``fixed``, ``uncertainty`` or ``dynamic``: how the tasks' losses are weighed
    :param task_weights: of fixed balancing, one per task; empty weighs all alike
    :param adversary: ``exponential``, ``linear`` or ``projected``
    :param balance_rate: step size of the adversary
    :param balance_floor: least weight of a task under the adversary
    :param balance_reference: what the adversary divides losses by: their ``initial`` mean, a running ``average``,
        ``goals``, or ``none``
    :param balance_goals: the loss that each task should reach, for the reference ``goals``
    :param balance_period: steps over which the dynamic average compares losses
    :param optimizer: ``adan`` or ``adamw``
    :param warmup_steps: steps over which the learning rate rises from 0
    :param batch_size: frames per step, over all processes
    :param steps: optimiser steps; the learning rate reaches its end at the last
    :param ema_decay: of the averaged weights that are validated and exported
    :param gradient_clip: largest norm of the gradient
    :param precision: as Lightning names it: ``bf16-mixed``, ``32-true`` ...
    :param accelerator: as Lightning names it: ``auto``, ``cpu``, ``gpu``
    :param processes: training processes (devices) per node, each with its share of the batch; on a CPU several of one
        thread are faster than one with many threads, by a factor of two when the machine has other work
    :param nodes: machines that train together
    :param threads: CPU threads of each training process
    :param workers: processes that prepare batches, per training process; 0 prepares them in the training process
    :param synchronise_batch_norm: share the statistics of batch normalisation among all processes
    :param log_every: steps between rows of the log
    :param validate_every: steps between validations; each also exports a checkpoint
    :param validation_frames: frames used in each validation at most
    """

    data: str
    output: str
    dataset: str = 'rendered'
    further_data: tuple[str, ...] = ()
    train_split: str = 'train'
    val_split: str = 'val'
    depth: str = ''
    frame_size: tuple[int, int] = (0, 0)
    taxonomy: str = 'endovis2018'
    encoder: str = 'b0'
    decoder: str = 'top_down'
    decoder_channels: int = 96
    scene_scale: bool = False
    drop_path: float = 0.1
    pretrained: str = ''
    initial: str = ''
    resume: str = ''
    input_size: tuple[int, int] = (256, 320)
    canonical_focal: float = 260.0
    depth_range: tuple[float, float] = (0.01, 0.5)
    zoom: tuple[float, float] = (0.8, 1.7)
    inside: bool = False
    appearance: float = 1.0
    tasks: tuple[str, ...] = DEFAULT_TASKS
    detection_loss: str = 'penalty_reduced'
    class_weights: tuple[float, ...] = ()
    factor_types: float = 1.0
    factor_parts: float = 1.0
    factor_heat: float = 0.2
    factor_boxes: float = 0.3
    factor_depth: float = 1.0
    balancing: str = 'adversarial'
    task_weights: tuple[float, ...] = ()
    adversary: str = 'exponential'
    balance_rate: float = 0.01
    balance_floor: float = 0.2
    balance_reference: str = 'initial'
    balance_goals: tuple[float, ...] = ()
    balance_period: int = 100
    optimizer: str = 'adan'
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_steps: int = 200
    batch_size: int = 16
    steps: int = 4000
    ema_decay: float = 0.998
    gradient_clip: float = 1.0
    precision: str = 'bf16-mixed'
    accelerator: str = 'auto'
    processes: int = 1
    nodes: int = 1
    threads: int = 2
    workers: int = 0
    synchronise_batch_norm: bool = False
    seed: int = 1
    log_every: int = 10
    validate_every: int = 500
    validation_frames: int = 200

    def network(self) -> MT3DNetConfig:
        """Return the configuration of the network to train."""
        return MT3DNetConfig(
            classes=load_taxonomy(self.taxonomy).names,
            taxonomy=self.taxonomy,
            encoder=self.encoder,
            decoder=self.decoder,
            decoder_channels=self.decoder_channels,
            scene_scale=self.scene_scale,
            drop_path=self.drop_path,
            input_size=self.input_size,
            canonical_focal=self.canonical_focal,
            depth_range=self.depth_range,
            **switches(self.tasks),
        )

    def losses(self) -> LossSettings:
        """Return how the tasks' losses are computed."""
        factors = {name: getattr(self, f'factor_{name}', made.factor) for name, made in COMPONENTS.items()}
        return LossSettings(factors, self.detection_loss, self.class_weights)
