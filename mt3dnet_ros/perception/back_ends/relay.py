"""One back end after another: the faster one once it is prepared, and a spare one where the first fails."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.back_end import BackEnd, BackEndError
from mt3dnet_ros.perception.canvas.canvas import Canvas
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.visible_area import VisibleArea


class BackEndFailedError(BackEndError):
    """The network cannot be run any more; the message says what failed."""


class BackEndWarning(UserWarning):
    """Another back end runs the network than was chosen."""


class Runner(NamedTuple):
    """A back end and its name."""

    name: str
    back_end: BackEnd


class GivenState(NamedTuple):
    """What a network remembers, and the back end that gave it."""

    giver: BackEnd
    state: ConvLSTMState


class BackEndRelay:
    """Runs a network by one back end at a time.

    What the network remembers of the frames before goes from one to the next, where the first still gives it.

    :param first: that runs it from now on
    :param make_spare: makes what runs it where that fails, once; None where nothing does
    :param coming: what takes over between two frames, once it is there
    :param cancel: gives up what is coming
    """

    def __init__(
        self,
        first: Runner,
        make_spare: Callable[[str], Runner] | None = None,
        coming: Future[Runner] | None = None,
        cancel: Callable[[], None] = lambda: None,
    ) -> None:
        self._runner, self._make_spare, self._coming, self._cancel = first, make_spare, coming, cancel
        self.problem = ''  # why another back end runs the network than was chosen; empty where that is not so
        self.failures = 0  # of back ends while they ran

    @property
    def config(self) -> MT3DNetConfig:
        """The network's."""
        return self._runner.back_end.config

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return self._runner.back_end.input_size

    @property
    def device(self) -> str:
        """Where the network runs, for people."""
        return self._runner.back_end.device

    def canvas(self, letterbox: Letterbox, rgb: np.ndarray, visible: VisibleArea) -> Canvas:
        """Return a frame's canvas, as the back end has it that runs the network.

        :raises BackEndFailedError: it cannot be made, and there is no spare back end
        """
        try:
            return self._runner.back_end.canvas(letterbox, rgb, visible)
        except Exception as error:
            self._fall_back(error)
        return self.canvas(letterbox, rgb, visible)

    @property
    def name(self) -> str:
        """What runs the network now, of ``BACK_ENDS``."""
        return self._runner.name

    def describe(self) -> str:
        """Return what runs the network, and what will, for people."""
        return self.name if self._coming is None else f'{self.name}, until openvino has converted the network'

    def __call__(self, images: Any, state: GivenState | None = None) -> Prediction:
        """Run the network; ``BackEnd`` says on what.

        :raises BackEndFailedError: the back end failed, and there is no spare one
        """
        if self._coming is not None and self._coming.done():
            self._take_over(self._coming)
        try:
            return self._run(images, state)
        except Exception as error:
            self._fall_back(error)
        return self(_to_numpy(images), state)

    def _run(self, images: Any, given: GivenState | None) -> Prediction:
        back_end, state = self._runner.back_end, None
        if given is not None:
            state = given.state if given.giver is back_end else _moved(given.state)
        prediction = back_end(images, state)
        if prediction.state is None:
            return prediction
        return prediction._replace(state=GivenState(back_end, prediction.state))  # type: ignore[arg-type]

    def close(self) -> None:
        """Give the device's memory back, and give up what is coming."""
        self._coming = None
        self._cancel()
        self._runner.back_end.close()

    def _take_over(self, coming: Future[Runner]) -> None:
        self._coming = None
        try:
            later = coming.result()
        except Exception as error:
            self.problem = f'{self.name!r} runs the network on, as the other is not to be had: {_text(error)}'
            _warn(self.problem)
            return
        self._replace(later)

    def _fall_back(self, error: Exception) -> None:
        """Put the spare back end in the place of the present one.

        :raises BackEndFailedError: that is not possible
        """
        failed, reason = self.name, _text(error)
        self.failures += 1
        failure = f'back end {failed!r} failed while it ran: {reason}'
        make, self._make_spare = self._make_spare, None
        if make is None:
            raise BackEndFailedError(failure) from error
        with suppress(Exception):
            self._runner.back_end.close()
        try:
            self._runner = make(failed)
        except Exception as second:
            raise BackEndFailedError(f'{failure}; and no other could be made: {_text(second)}') from error
        self.problem = f'{failure}; {self.name!r} on {self.device} runs the network instead'
        _warn(self.problem)

    def _replace(self, later: Runner) -> None:
        with suppress(Exception):
            self._runner.back_end.close()
        self._runner = later


def _moved(state: ConvLSTMState) -> ConvLSTMState | None:
    """Return what one back end gave so that another takes it; None where the device that holds it is lost."""
    with suppress(Exception):
        return ConvLSTMState(*map(_to_numpy, state))
    return None


def _to_numpy(part: Any) -> np.ndarray:
    return part if isinstance(part, np.ndarray) else part.detach().float().cpu().numpy()


def _text(error: Exception) -> str:
    return ' '.join(str(error).split()) or type(error).__name__


def _warn(text: str) -> None:
    warnings.warn(text, BackEndWarning, stacklevel=4)
