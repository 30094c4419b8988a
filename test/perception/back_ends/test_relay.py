"""One back end after another: what takes over, what stands in, and what the network remembers meanwhile."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support.drawing import CONFIG, Drawing, DrawnBackEnd

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.registry import make_back_end
from mt3dnet_ros.perception.back_ends.relay import BackEndFailedError, BackEndRelay, BackEndWarning, Runner
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.preprocess import Letterbox

IMAGES = np.zeros((1, 3, 64, 96), np.float32)


class Remembering(DrawnBackEnd):
    """A back end that writes down which states it is given, and fails where it is told to.

    :param parts: makes what its state consists of
    """

    def __init__(self, parts: Any = np.float32, fails: bool = False) -> None:
        super().__init__(Drawing())
        self.parts, self.fails = parts, fails
        self.given: list[Any] = []
        self.closed = False

    def __call__(self, images: np.ndarray, state: Any = None) -> Prediction:
        if self.fails:
            raise MemoryError('no memory is left')
        self.given.append(state)
        parts = (self.parts(len(self.given)), self.parts(1), self.parts(2))
        return self.drawing.prediction._replace(state=ConvLSTMState(*parts))

    def close(self) -> None:
        self.closed = True


def tensor(value: int) -> torch.Tensor:
    return torch.full((1, 2), float(value), dtype=torch.bfloat16)


def test_it_is_what_its_back_end_is() -> None:
    relay = BackEndRelay(Runner('torch', Remembering()))
    assert (relay.name, relay.device, relay.describe(), relay.problem) == ('torch', 'cpu', 'torch', '')
    assert (relay.config, relay.input_size) == (CONFIG, (256, 320))


def test_what_is_coming_takes_over_between_two_frames_with_what_was_remembered() -> None:
    first, second, coming = Remembering(tensor), Remembering(), Future[Runner]()
    relay = BackEndRelay(Runner('torch', first), coming=coming)
    state = relay(IMAGES).state
    assert relay.describe() == 'torch, until openvino has converted the network'
    coming.set_result(Runner('openvino', second))
    state = relay(IMAGES, state).state
    (given,) = second.given
    assert [type(part) for part in given] == [np.ndarray] * 3 and given.previous.dtype == np.float32
    assert float(given.previous[0, 0]) == 1.0
    assert (relay.describe(), first.closed) == ('openvino', True)
    relay(IMAGES, state)
    assert second.given[1] is state.state, 'its own state goes back as it is'


def test_where_nothing_comes_the_first_goes_on_and_says_why() -> None:
    coming = Future[Runner]()
    coming.set_exception(RuntimeError('the disk is full'))
    relay = BackEndRelay(Runner('torch', Remembering()), coming=coming)
    with pytest.warns(BackEndWarning, match='the disk is full'):
        relay(IMAGES)
    assert relay.name == 'torch' and 'the disk is full' in relay.problem


def test_a_spare_one_stands_in_once_for_the_same_frame() -> None:
    first, spare = Remembering(tensor), Remembering()
    relay = BackEndRelay(Runner('openvino', first), lambda failed: Runner(f'not {failed}', spare))
    state = relay(IMAGES).state
    first.fails = True
    with pytest.warns(BackEndWarning, match="'openvino' failed while it ran: no memory is left; 'not openvino' on"):
        assert relay(IMAGES, state).types is spare.drawing.types
    assert float(spare.given[0].previous[0, 0]) == 1.0
    assert (relay.failures, first.closed) == (1, True)
    assert relay.problem.endswith("no memory is left; 'not openvino' on cpu runs the network instead")
    spare.fails = True
    with pytest.raises(BackEndFailedError, match="'not openvino' failed while it ran: no memory is left"):
        relay(IMAGES)
    assert relay.failures == 2


def test_a_spare_one_stands_in_where_a_frame_does_not_reach_the_device() -> None:
    def refuse(*_: Any) -> Any:
        raise RuntimeError('out of memory')

    first, spare = Remembering(), Remembering()
    first.canvas = refuse
    relay = BackEndRelay(Runner('cuda', first), lambda failed: Runner('torch', spare))
    frame = Frame(np.zeros((96, 128, 3), np.uint8))
    with pytest.warns(BackEndWarning, match="'cuda' failed while it ran: out of memory"):
        canvas = relay.canvas(Letterbox(frame.size, (64, 96), frame.visible.box), frame.rgb, frame.visible)
    assert canvas.normalized(CONFIG.mean, CONFIG.std).shape == IMAGES.shape
    assert (relay.name, relay.failures) == ('torch', 1)


def test_a_state_that_is_lost_with_the_device_is_forgotten() -> None:
    class Lost:
        def detach(self) -> Any:
            raise RuntimeError('the device is lost')

    first, spare = Remembering(lambda _: Lost()), Remembering()
    relay = BackEndRelay(Runner('cuda', first), lambda failed: Runner('torch', spare))
    state = relay(IMAGES).state
    first.fails = True
    with pytest.warns(BackEndWarning):
        relay(IMAGES, state)
    assert spare.given == [None]


def test_no_spare_one_is_an_error_with_both_reasons() -> None:
    def refuse(failed: str) -> Runner:
        raise RuntimeError('torch is not installed')

    relay = BackEndRelay(Runner('openvino', Remembering(fails=True)), refuse)
    with pytest.raises(BackEndFailedError, match=r'no memory is left; .*torch is not installed'):
        relay(IMAGES)


def test_closing_gives_up_what_is_coming() -> None:
    cancelled: list[str] = []
    back_end = Remembering()
    relay = BackEndRelay(Runner('torch', back_end), coming=Future(), cancel=lambda: cancelled.append('cancelled'))
    relay.close()
    assert cancelled and back_end.closed


@pytest.mark.timeout(600)  # exporting takes seconds of a core, and minutes beside a training
@pytest.mark.parametrize('way', [('torch', 'openvino'), ('openvino', 'torch')])
def test_saliency_goes_on_as_if_nothing_had_changed(way: tuple[str, str]) -> None:
    pytest.importorskip('openvino', reason='openvino is not installed')
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, encoder='efficientnet_lite0', decoder_channels=32, saliency=True)).eval()
    with torch.no_grad():
        model.saliency.temporal.cell.out.weight.normal_(0.0, 8.0)
        model.saliency.logits.bias.zero_()
    frames = torch.randn(1, 3, 3, 64, 96, generator=torch.Generator().manual_seed(6))
    with torch.inference_mode():
        expected = model.forward_sequence(frames).saliency[:, 2]
        alone = model(frames[:, 2]).saliency
    coming = Future[Runner]()
    relay = BackEndRelay(Runner(way[0], make_back_end(way[0], model, 'cpu', (64, 96))), coming=coming)
    state = relay(frames[:, 1].numpy(), relay(frames[:, 0].numpy()).state).state
    coming.set_result(Runner(way[1], make_back_end(way[1], model, 'cpu', (64, 96))))
    found = torch.from_numpy(relay(frames[:, 2].numpy(), state).saliency)
    assert relay.name == way[1]
    assert 3.0 * (found - expected).abs().mean() < (found - alone).abs().mean()
