"""Training recipes: every choice behind a checkpoint, with its meaning and its default (``recipe_file.py`` reads them).

A setting is declared once: what every training has in ``CommonRecipe``, what training MT3DNet adds in ``Recipe``, and
what training in stages adds in ``asto/recipe.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple, TypeVar

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.encoders import ENCODERS, STAGES
from mt3dnet_ros.models.tasks import switches
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.augmentation.crops import USUAL_ROLL
from mt3dnet_ros.training.losses.tasks import (
    COMPONENTS,
    DEFAULT_TASKS,
    DETECTION_LOSSES,
    FRAME_TASKS,
    TASKS,
    LossSettings,
)

from .balancing import MOVES, REFERENCES

Kind = TypeVar('Kind')


class RecipeError(InputError):
    """A recipe has an unknown key or a value that cannot be used."""


class Place(NamedTuple):
    """A step of a run: the number of its stage, and its own number in that stage, both from 0."""

    stage: int
    step: int


def setting(
    meaning: str, default: Any = MISSING, *, choices: Sequence[str] = (), least: float | None = None, path: bool = False
) -> Any:
    """Return the field of a setting.

    :param default: without one the setting must be given
    :param choices: the values that it may have; empty where it is free
    :param least: that it may be, or that each of its numbers may be
    :param path: whether it names a file or folder of the machine that trains, which checkpoints do not tell
    """
    return field(default=default, metadata={'meaning': meaning, 'choices': choices, 'least': least, 'path': path})


@dataclass(frozen=True)
class CommonRecipe:
    """What every training can be told; a subclass may have other defaults: ``class Other(CommonRecipe, seed=2)``."""

    LEAST_SIDE: ClassVar[int] = 32  # of the input, in pixels

    data: str = setting('folder of the data set', path=True)
    output: str = setting('folder for logs, pictures, the state to resume from and the checkpoints', path=True)
    dataset: str = setting(
        'which data set lies there: ``rendered``, ``endovis2018`` ... (docs/train/datasets.md)', 'rendered'
    )
    train_split: str = setting('split that is trained on', 'train')
    val_split: str = setting('split that is validated on; empty to validate on none', 'val')
    frame_size: tuple[int, int] = setting(
        'height and width to which frames are brought when they are read; 0, 0 keeps them', (0, 0), least=0
    )
    taxonomy: str = setting('name of the numbering of instrument types that a new network speaks', 'endovis2018')
    pretrained: str = setting('file of ImageNet weights for a new encoder; empty for none', '', path=True)
    initial: str = setting(
        'checkpoint to start from: a path, or the name of a shipped one; empty for none', '', path=True
    )
    resume: str = setting('``last.ckpt`` of an interrupted run; empty to start a new one', '', path=True)
    input_size: tuple[int, int] = setting('height and width in pixels, multiples of 32, of a new network', (256, 320))
    zoom: tuple[float, float] = setting(
        'least and largest enlargement of random crops, relative to the crop that shows the whole frame', (0.8, 1.7)
    )
    inside: bool = setting(
        'keep random crops inside the frame; else black borders come into view, as endoscopes have them', False
    )
    appearance: float = setting(
        'strength of random appearance; 0 for none, 1 for renderings that must pass for any endoscope', 1.0, least=0
    )
    batch_size: int = setting('frames per step, over all processes', 16, least=1)
    learning_rate: float = setting('of the optimiser, at its highest', 2e-3)
    weight_decay: float = setting('of the optimiser', 0.02)
    gradient_clip: float = setting('largest norm of a gradient that is followed; 0 for no limit', 1.0, least=0)
    precision: str = setting('as Lightning names it: ``bf16-mixed``, ``32-true`` ...', 'bf16-mixed')
    accelerator: str = setting('as Lightning names it: ``auto``, ``cpu``, ``gpu``; ``cuda:1`` for one GPU', 'auto')
    processes: int = setting(
        'training processes (devices) per node, each with its share of the batch; on a CPU several of one thread are '
        'faster than one with many threads, by a factor of two when the machine has other work',
        1,
        least=1,
    )
    nodes: int = setting('machines that train together', 1, least=1)
    threads: int = setting('CPU threads of each training process', 2, least=1)
    workers: int = setting(
        'processes that prepare batches, per training process; 0 prepares them in the training process', 0, least=0
    )
    synchronise_batch_norm: bool = setting('share the statistics of batch normalisation among all processes', False)
    seed: int = setting('of everything that is random', 1)
    log_every: int = setting('steps between rows of the log', 10, least=1)
    validate_every: int = setting(
        'steps between validations; each also exports a checkpoint, and keeps the state to resume from', 500, least=1
    )

    def __init_subclass__(cls, **defaults: Any) -> None:
        for name, default in defaults.items():
            inherited = cls.__dataclass_fields__[name]
            cls.__annotations__[name] = inherited.type
            setattr(cls, name, field(default=default, metadata=inherited.metadata))

    @property
    def stage_names(self) -> tuple[str, ...]:
        """What a state to resume from must have in common with the run that goes on from it."""
        return ()

    @property
    def stage_steps(self) -> tuple[int, ...]:
        """Steps of each stage; a run without stages is one."""
        raise NotImplementedError

    @property
    def total_steps(self) -> int:
        """Steps of the whole run."""
        return sum(self.stage_steps)

    @property
    def world_size(self) -> int:
        """Processes on all machines, which share every batch."""
        return self.processes * self.nodes

    @property
    def lightning_precision(self) -> str:
        """What Lightning computes steps and validations in."""
        return self.precision

    def place(self, step: int) -> Place:
        """Return the stage of a step of the run, and its number there."""
        stage = 0
        while stage + 1 < len(self.stage_steps) and step >= self.stage_steps[stage]:
            step, stage = step - self.stage_steps[stage], stage + 1
        return Place(stage, step)

    def is_milestone(self, steps_done: int) -> bool:
        """Return whether a run is validated, exported and kept after so many steps: now and then, and after stages."""
        last = self.place(steps_done - 1)
        return (last.step + 1) % self.validate_every == 0 or last.step + 1 == self.stage_steps[last.stage]

    def without_paths(self) -> dict[str, Any]:
        """Return the settings that mean something on other machines."""
        hidden = {member.name for member in fields(self) if member.metadata['path']}
        return {key: value for key, value in asdict(self).items() if key not in hidden}

    def check(self) -> None:
        """Raise RecipeError where settings do not go together."""
        if any(side < self.LEAST_SIDE or side % 32 for side in self.input_size):
            needed = f'multiples of 32 from {self.LEAST_SIDE}'
            raise RecipeError(f"recipe key 'input_size' must be {needed}, got {list(self.input_size)}")
        if not 0.0 < self.zoom[0] <= self.zoom[1]:
            raise RecipeError(f"recipe key 'zoom' must rise from above 0, got {list(self.zoom)}")
        if ':' in self.accelerator and self.world_size > 1:
            raise RecipeError(
                f"recipe key 'accelerator' is one GPU, '{self.accelerator}'; take gpu for several processes"
            )
        self.check_share('batch_size')

    def check_share(self, key: str) -> None:
        """Raise RecipeError where a batch does not divide among the processes."""
        if getattr(self, key) % self.world_size:
            raise RecipeError(
                f"recipe key '{key}' ({getattr(self, key)}) must divide among {self.world_size} processes"
            )


def with_factors(kind: type[Kind]) -> type[Kind]:
    """Add a setting per component of the losses of single frames: ``factor_types`` and so on."""
    for component in (name for task in FRAME_TASKS for name in TASKS[task]):
        kind.__annotations__[f'factor_{component}'] = 'float'
        meaning = f'of the loss of {component} in that of its task'
        setattr(kind, f'factor_{component}', setting(meaning, COMPONENTS[component].factor))
    return kind


@dataclass(frozen=True)
@with_factors
class Recipe(CommonRecipe):
    """How to train MT3DNet."""

    further_data: tuple[str, ...] = setting(
        'more folders of such a data set, whose frames are trained on as well and not validated on; one that is named '
        'twice is seen twice as often',
        (),
        path=True,
    )
    depth: str = setting(
        "folder written by ``mt3dnet prepare-depth``, whose maps become the frames' depth; empty for none",
        '',
        path=True,
    )
    roll: float = setting(
        'largest roll of random crops in degrees; above 45, half of the crops are turned: a quarter of all by 90 or '
        '180 degrees, a quarter by any angle',
        USUAL_ROLL,
        least=0,
    )
    white_balance: float = setting(
        'strength of warm and cool casts on half of the images; 0 for none, 1 for red times 0.7 to 1.35 and blue '
        'times 1.4 to 0.6',
        0.0,
        least=0,
    )
    overexposure: float = setting('share of images with too much light, all over or in patches', 0.0, least=0)
    surround: float = setting(
        'share of images within a round, cut, octagonal or rectangular surround, with text, icons and insets',
        0.0,
        least=0,
    )
    nothing: float = setting(
        'share of images that a picture without a scene takes the place of: blanks, noise, test pictures, menus, '
        'covered or fogged lenses',
        0.0,
        least=0,
    )
    initial_share: float = setting(
        'how far exported weights go back to those of ``initial``, where there is one, from 0 to 1: it may keep what '
        'training forgets; scores of validations are without',
        0.0,
        least=0,
    )
    encoder: str = setting('of a new network', 'b0', choices=tuple(ENCODERS))
    encoder_rate: float = setting("factor of the learning rate for the encoder's weights", 1.0, least=0)
    frozen_stages: int = setting(
        'stages of the encoder, of its four, finest first, that stay as they are when training starts', 0, least=0
    )
    fixed_statistics: bool = setting(
        "keep the encoder's batch normalisation at the statistics that it starts with: for pre-trained ones, whose "
        'steps are then faster',
        False,
    )
    teacher: str = setting(
        "file of EfficientNet-Lite0's ImageNet weights, whose features the encoder is to learn beside the tasks; empty "
        'for none',
        '',
        path=True,
    )
    teacher_factor: float = setting("of the distance to the teacher's features", 1.0, least=0)
    decoder: str = setting('``top_down`` or ``all_mlp``', 'top_down')
    decoder_channels: int = setting('channels of the maps that the heads read', 96, least=1)
    scene_scale: bool = setting('let one number per image, from pooled features, move all its depths', False)
    drop_path: float = setting('largest probability to skip a block of the encoder; it rises with depth', 0.1)
    canonical_focal: float = setting(
        "focal length, in pixels of the network's input, that depth is predicted at", 260.0
    )
    depth_range: tuple[float, float] = setting('least and largest canonical depth in metres', (0.01, 0.5))
    tasks: tuple[str, ...] = setting(f'what is trained, of {", ".join(FRAME_TASKS)}', DEFAULT_TASKS)
    detection_loss: str = setting(
        'what heat means: ``penalty_reduced`` (an object) or ``quality`` (and how well its box fits)',
        'penalty_reduced',
        choices=DETECTION_LOSSES,
    )
    class_weights: tuple[float, ...] = setting(
        "of the types' cross entropy, one per class of the taxonomy; empty weighs all alike", ()
    )
    balancing: str = setting(
        "how the tasks' losses are weighed",
        'adversarial',
        choices=('fixed', 'adversarial', 'uncertainty', 'dynamic'),
    )
    task_weights: tuple[float, ...] = setting('of fixed balancing, one per task; empty weighs all alike', ())
    adversary: str = setting('how the adversary moves the weights', 'exponential', choices=tuple(MOVES))
    balance_rate: float = setting('step size of the adversary', 0.01)
    balance_floor: float = setting('least weight of a task under the adversary', 0.2, least=0)
    balance_reference: str = setting(
        'what the adversary divides losses by: their ``initial`` mean, a running ``average``, ``goals``, or ``none``',
        'initial',
        choices=REFERENCES,
    )
    balance_goals: tuple[float, ...] = setting('the loss that each task should reach, for the reference ``goals``', ())
    balance_period: int = setting('steps over which the dynamic average compares losses', 100, least=1)
    optimizer: str = setting('its name', 'adan', choices=('adamw', 'adan'))
    warmup_steps: int = setting('steps over which the learning rate rises from 0', 200)
    steps: int = setting('optimiser steps; the learning rate reaches its end at the last', 4000, least=1)
    ema_decay: float = setting('of the averaged weights that are validated and exported', 0.998)
    validation_frames: int = setting('frames used in each validation at most', 200, least=1)

    @property
    def stage_steps(self) -> tuple[int, ...]:
        """One stage."""
        return (self.steps,)

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

    def check(self) -> None:
        """Raise RecipeError where settings do not go together."""
        super().check()
        for key in ('overexposure', 'surround', 'nothing'):
            if getattr(self, key) > 1.0:
                raise RecipeError(f"recipe key '{key}' is a share, from 0 to 1, got {getattr(self, key)}")
        if self.roll > 180.0:
            raise RecipeError(f"recipe key 'roll' must lie from 0 to 180 degrees, got {self.roll}")
        if self.balance_floor >= 1.0:
            raise RecipeError(f"recipe key 'balance_floor' must lie from 0 to below 1, got {self.balance_floor}")
        if self.initial_share > 1.0:
            raise RecipeError(f"recipe key 'initial_share' is a share, from 0 to 1, got {self.initial_share}")
        if self.depth and self.further_data:
            raise RecipeError("recipe key 'depth' names the maps of one folder; leave it or 'further_data' out")
        if not self.tasks or not set(self.tasks) <= set(FRAME_TASKS) or len(set(self.tasks)) < len(self.tasks):
            raise RecipeError(f"recipe key 'tasks' must name some of {', '.join(FRAME_TASKS)}, got {list(self.tasks)}")
        if self.frozen_stages > STAGES:
            raise RecipeError(f"recipe key 'frozen_stages' must be {STAGES} or less, got {self.frozen_stages}")
        self._check_length('task_weights', len(self.tasks), 'task')
        self._check_length('balance_goals', len(self.tasks), 'task')
        if self.balance_reference == 'goals' and not self.balance_goals:
            raise RecipeError("recipe key 'balance_reference' is goals; give balance_goals, one loss per task")
        self._check_length('class_weights', len(load_taxonomy(self.taxonomy).classes), 'class')

    def _check_length(self, key: str, count: int, what: str) -> None:
        values = getattr(self, key)
        if values and len(values) != count:
            raise RecipeError(f"recipe key '{key}' needs one number per {what}, {count}; got {len(values)}")
