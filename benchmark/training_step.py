"""What does a training step cost, in time and memory? On the CPU, or on a GPU with `--device cuda`.

    python benchmark/training_step.py [--device cpu] [--threads 2] [--steps 5] [--precision bf16 float32]

Each case runs in a process of its own, whose peak memory is that of the case: the network, its averaged twin, Adan's
four numbers per weight, and a batch of noise with labels of four bars. A training step is that of
`mt3dnet_ros.training`: forward, all losses, backward, clipping, optimiser, average. An evaluation pass is the averaged
network with full-resolution scores. Preparing batches is not part of either. The ratios are to the first case.

    python benchmark/training_step.py --parts rendered [--recipe default] [--steps 10]

prints where the steps of one process of a recipe go, reading and augmenting the frames of a folder included: CPU time
of one thread, and its shares, on which other work of the machine has little influence. Waiting for a disk is no CPU
time; what frames take in all is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.augmentation.augment import Batch
from mt3dnet_ros.training.data import TrainingData
from mt3dnet_ros.training.module import TrainingModule
from mt3dnet_ros.training.optimisation import update_average
from mt3dnet_ros.training.recipe import Recipe
from mt3dnet_ros.training.recipe_file import read_recipe, read_values

# encoder, decoder's channels, input height and width, batch
CASES = (
    ('b0', 96, 256, 320, 1), ('b0', 96, 256, 320, 16), ('b2', 128, 512, 640, 1), ('b2', 128, 512, 640, 2),
)  # fmt: skip
CEILING = 24.0  # GiB


def make_batch(count: int, height: int, width: int, stride: int, device: torch.device) -> Batch:
    """Return noise with four bars of known type, part and depth, labelled at a stride."""
    rows, columns = height // stride, width // stride
    types = torch.zeros(count, rows, columns, dtype=torch.int64)
    for kind in range(1, 5):
        types[:, rows * kind // 6 : rows * kind // 6 + rows // 10, columns // 8 : columns // 2] = kind
    depth = torch.full((count, 1, rows, columns), 0.12)
    images = torch.randn(count, 3, height, width).to(memory_format=torch.channels_last)
    ones, intrinsics = torch.ones(count), torch.eye(3).expand(count, 3, 3)
    batch = Batch(images, types, types.clamp(max=3), types.byte(), depth, ones, intrinsics, ones)
    return Batch(*(values.to(device) for values in batch))


def silent_module(recipe: Recipe, device: torch.device) -> TrainingModule:
    """Return a module that works without a trainer."""
    module = TrainingModule(recipe)
    vars(module).update(log=lambda *_, **options: None, log_dict=lambda *_, **options: None)
    module.on_validation_epoch_start()
    return module.to(device).train()


def take_step(module: TrainingModule, optimizer: torch.optim.Optimizer, batch: Batch, mixed: torch.autocast) -> None:
    """Take one step of training, as Lightning would."""
    with mixed:
        loss = module.training_step(batch, 0)
    optimizer.zero_grad()
    loss.backward()
    module.configure_gradient_clipping(optimizer)
    optimizer.step()
    update_average(module.average, module.network, module.recipe.ema_decay, step=1000)


def milliseconds(work: Callable[[], object], repetitions: int, device: torch.device) -> list[float]:
    """Return the durations of some repetitions after one more that is not counted."""
    times = []
    for _ in range(repetitions + 1):
        start = time.perf_counter()
        work()
        if device.type == 'cuda':
            torch.cuda.synchronize(device)
        times.append(1e3 * (time.perf_counter() - start))
    return times[1:]


def peak_memory(device: torch.device) -> float:
    """Return the largest memory that this process has held so far, in GiB: of the GPU, or its resident set."""
    if device.type == 'cuda':
        return torch.cuda.max_memory_reserved(device) / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(case: tuple[str, int, int, int, int], arguments: argparse.Namespace) -> dict[str, float]:
    """Return times in milliseconds and memory in GiB of one case, in this process."""
    encoder, channels, height, width, count = case
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    device = torch.device(arguments.device)
    recipe = Recipe('', '', encoder=encoder, decoder_channels=channels, input_size=(height, width), warmup_steps=1)
    module = silent_module(recipe, device)
    optimizer = module.configure_optimizers()['optimizer']
    mixed = torch.autocast(device.type, torch.bfloat16, enabled=arguments.precision == 'bf16')

    def evaluate(batch: Batch) -> None:
        with mixed, torch.no_grad():
            module.validation_step(batch, 0)

    whole = make_batch(count, height, width, 1, device)
    evaluation = milliseconds(lambda: evaluate(whole), arguments.steps, device)
    memory = peak_memory(device)
    batch = make_batch(count, height, width, 2, device)
    training = milliseconds(lambda: take_step(module, optimizer, batch, mixed), arguments.steps, device)
    return {
        'evaluation': float(np.median(evaluation)), 'evaluation memory': memory,
        'step': float(np.median(training)), 'memory': peak_memory(device),
    }  # fmt: skip


class Stopwatch:
    """Adds up CPU time and time by the name of what was done since the last call."""

    def __init__(self) -> None:
        self.spent: dict[str, np.ndarray] = {}
        self._last = self._now()

    @staticmethod
    def _now() -> np.ndarray:
        return 1e3 * np.array([time.process_time(), time.perf_counter()])

    def note(self, name: str) -> None:
        """Count what has passed as time of a part."""
        now = self._now()
        self.spent[name] = self.spent.get(name, 0.0) + now - self._last
        self._last = now


def spend(recipe: Recipe, steps: int) -> dict[str, np.ndarray]:
    """Return CPU time and time, in milliseconds, of each part of some steps after one that is not counted."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    loader = TrainingData(recipe).train_dataloader()
    assert loader.batch_sampler is not None and loader.collate_fn is not None
    module = silent_module(recipe, torch.device('cpu'))
    optimizer = module.configure_optimizers()['optimizer']
    watch = Stopwatch()
    module.network.register_forward_pre_hook(lambda *_: watch.note('labels and losses'))
    module.network.register_forward_hook(lambda *_: watch.note('network, forward'))
    for number, draws in zip(range(steps + 1), loader.batch_sampler, strict=False):
        if number == 1:
            watch.spent.clear()
        watch.note('between steps')
        samples = [loader.dataset[draw] for draw in draws]
        watch.note('reading frames')
        batch = loader.collate_fn(samples)
        watch.note('augmentation')
        with torch.autocast('cpu', torch.bfloat16, enabled=recipe.precision == 'bf16-mixed'):
            loss = module.training_step(batch, 0)
        watch.note('labels and losses')
        optimizer.zero_grad()
        loss.backward()
        watch.note('backward')
        module.configure_gradient_clipping(optimizer)
        optimizer.step()
        watch.note('clipping and optimiser')
        update_average(module.average, module.network, recipe.ema_decay, step=1000)
        watch.note('averaged weights')
    return {name: spent / steps for name, spent in watch.spent.items() if name != 'between steps'}


def report_parts(arguments: argparse.Namespace) -> None:
    """Print a row per part of a recipe's step."""
    # Each of the recipe's processes has its share of the batch.
    values = read_values(package_file('config', 'train', f'{arguments.recipe}.yaml'))
    share = int(values['batch_size']) // int(values.get('processes', 1))
    overrides = [f'data={arguments.parts}', 'output=', 'processes=1', f'batch_size={share}', 'initial=']
    recipe = read_recipe(package_file('config', 'train', f'{arguments.recipe}.yaml'), overrides, Recipe)
    assert isinstance(recipe, Recipe)
    spent = spend(recipe, arguments.steps)
    total = sum(cpu for cpu, _ in spent.values())
    print(f'{arguments.recipe}, {share} frames of {recipe.input_size[1]}x{recipe.input_size[0]}, one thread')
    for name, (cpu, passed) in spent.items():
        print(f'{name:>24} {cpu:8.0f} ms CPU {cpu / total:6.1%} {passed:8.0f} ms in all')
    print(f'{"step":>24} {total:8.0f} ms CPU')


def measure_apart(index: int, precision: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Return what a process of its own measures for one case."""
    command = [sys.executable, __file__, '--case', str(index), '--device', arguments.device, '--precision', precision]
    command += ['--threads', str(arguments.threads), '--steps', str(arguments.steps)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def main() -> None:
    """Print a row per case and precision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--device', default='cpu', choices=('cpu', 'cuda'))
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--steps', type=int, default=5)
    parser.add_argument('--precision', nargs='+', default=['bf16', 'float32'], choices=('bf16', 'float32'))
    parser.add_argument('--parts', metavar='FOLDER', help='of rendered frames: where a step of a recipe goes')
    parser.add_argument('--recipe', default='default', help='one that ships (default: %(default)s)')
    parser.add_argument('--case', type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case is not None:
        arguments.precision = arguments.precision[0]
        print(json.dumps(measure(CASES[arguments.case], arguments)))
        return
    if arguments.parts:
        report_parts(arguments)
        return
    columns = f'{"step ms":>8} {"ratio":>6} {"GiB":>6} {"eval ms":>8} {"ratio":>6} {"GiB":>6}'
    print(f'{"network":>13} {"batch":>5} {"":>8} {columns}')
    for precision in arguments.precision:
        report(precision, arguments)


def report(precision: str, arguments: argparse.Namespace) -> None:
    """Print a row per case, with times relative to those of the first."""
    first: dict[str, float] = {}
    for index, (encoder, _, height, width, count) in enumerate(CASES):
        found = measure_apart(index, precision, arguments)
        first = first or found
        ratios = {name: found[name] / first[name] for name in ('step', 'evaluation')}
        print(
            f'{encoder} {width}x{height:<6} {count:5d} {precision:>8} {found["step"]:8.0f} {ratios["step"]:6.2f} '
            f'{found["memory"]:6.2f} {found["evaluation"]:8.0f} {ratios["evaluation"]:6.2f} '
            f'{found["evaluation memory"]:6.2f}{" above 24 GiB" if found["memory"] > CEILING else ""}',
            flush=True,
        )


if __name__ == '__main__':
    main()
