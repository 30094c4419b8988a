"""Do what is left of a plan, stage after stage."""

from __future__ import annotations

import argparse
import fcntl
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mt3dnet_ros.commands.main import parse, run_parsed
from mt3dnet_ros.errors import MT3DNetError

from .journal import Entry, Journal, JournalError
from .plan import IMAGENET, MESHES, CheckpointPlan, PlanError, PlannedStage, references
from .stage_commands import TRAINING, check_recipe, command_lines, place_of, result_of, settings_of


class StageError(MT3DNetError):
    """A stage did not come to its end."""


class Maker:
    """Fills a folder by a plan.

    :param meshes: folder of meshes; None for tools of simple shapes
    :param imagenet: file of an encoder's ImageNet weights, for a plan that asks for them
    :param again: make anew what was made with other settings, and what depends on it
    """

    def __init__(
        self,
        plan: CheckpointPlan,
        meshes: Path | None,
        output: Path,
        imagenet: Path | None = None,
        again: bool = False,
    ) -> None:
        self._plan, self._output, self._again = plan, output, again
        given = {MESHES: meshes, IMAGENET: imagenet}
        self._made = {name: None if path is None else str(path) for name, path in given.items()}

    def check(self) -> None:
        """Raise an error where any stage could not begin for what the plan says of it."""
        made = self._made | {stage.name: str(place_of(stage, self._output)) for stage in self._plan.stages}
        for stage in self._plan.stages:
            self._check_stage(stage, made)

    def _check_stage(self, stage: PlannedStage, made: Mapping[str, str | None]) -> None:
        if IMAGENET in references(stage.options) and self._made[IMAGENET] is None:
            raise PlanError(
                f"stage '{stage.name}' starts from ImageNet weights; name their file with --imagenet "
                '(docs/train/network.md says which)'
            )
        try:
            settings_of(self._plan, stage)
            for words in command_lines(self._plan, stage, made, self._output):
                parse(words)
                if stage.command in TRAINING:
                    check_recipe(words)
        except SystemExit as end:
            raise PlanError(f"stage '{stage.name}' cannot be run as the plan has it; see above") from end
        except (MT3DNetError, OSError, argparse.ArgumentTypeError) as error:
            raise PlanError(f"stage '{stage.name}': {error}") from error

    def make(self) -> Path:
        """Do what is left, tell each stage in a line, and return what the last one made.

        :raises JournalError: another run fills the folder, or a stage was made with other settings
        :raises StageError: a stage did not come to its end
        """
        self._output.mkdir(parents=True, exist_ok=True)
        with _alone(self._output) as lock:
            journal, identities = Journal(self._output), dict[str, str]()
            for number, stage in enumerate(self._plan.stages, start=1):
                wanted = Entry(settings_of(self._plan, stage), {name: identities[name] for name in stage.uses})
                title = f'{number}/{len(self._plan.stages)} {stage.name} ({stage.command})'
                self._do(stage, wanted, journal, title, lock)
                identities[stage.name] = wanted.identity
                self._made[stage.name] = str(result_of(stage, self._output))
        return result_of(self._plan.stages[-1], self._output)

    def _do(self, stage: PlannedStage, wanted: Entry, journal: Journal, title: str, lock: int) -> None:
        begun = self._begun(stage, wanted, journal)
        if begun and begun.done and place_of(stage, self._output).exists():
            print(f'{title}: there', flush=True)
            return
        print(f'{title}: {"goes on" if begun else "begins"}', flush=True)
        journal.put(stage.name, wanted)
        start = time.monotonic()
        try:
            self._run(stage, begun is not None, lock)
        except KeyboardInterrupt:
            print(f"\ninterrupted in stage '{stage.name}'; the same command goes on from here", file=sys.stderr)
            raise
        journal.put(stage.name, replace(wanted, done=True))
        print(f'{title}: made in {_duration(time.monotonic() - start)}', flush=True)

    def _begun(self, stage: PlannedStage, wanted: Entry, journal: Journal) -> Entry | None:
        """Return the stage's entry of an earlier run, None after deleting what was made in another way."""
        entry = journal.get(stage.name)
        if entry is None or not (difference := entry.difference(wanted)):
            return entry
        place = place_of(stage, self._output)
        if not self._again:
            raise JournalError(
                f"stage '{stage.name}' was made {difference}; --again deletes '{place}' and makes it anew, as all that "
                'depends on it'
            )
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        return None

    def _run(self, stage: PlannedStage, resumed: bool, lock: int) -> None:
        if stage.command == 'card':  # which changes the file
            shutil.copyfile(str(self._made[stage.uses[0]]), place_of(stage, self._output))
        for words in command_lines(self._plan, stage, self._made, self._output, resumed):
            status = _in_own_process(words, lock) if stage.command in TRAINING else run_parsed(parse(words))
            if status != 0:
                raise StageError(f"stage '{stage.name}' ended with status {status}; see above")


def _in_own_process(words: list[str], lock: int) -> int:
    """Run a training: where it has several processes, each of the others is started by the first's command line.

    :param lock: stays held while the training lives, even where this process is killed
    """
    process = subprocess.Popen([sys.executable, '-m', 'mt3dnet_ros.commands', *words], pass_fds=(lock,))
    try:
        return process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """Keep other runs out of a folder; yield the file descriptor that does."""
    with (folder / '.lock').open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalError(f"another run fills '{folder}'; wait for it, or end it") from error
        yield file.fileno()


def _duration(seconds: float) -> str:
    return f'{seconds:.0f} s' if seconds < 120 else f'{seconds / 60:.0f} min'
