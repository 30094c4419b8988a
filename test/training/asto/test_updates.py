"""Each task of ASTO follows gradients of its own: what an update does not train stays as it is, bit for bit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.conv_lstm import ConvLSTM
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.resnet import ResNet18
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.training.asto.learners import BranchLearner, STMTLLearner
from mt3dnet_ros.training.asto.stages import STAGES, updates_of
from mt3dnet_ros.training.asto.updates import UpdateSettings, build_adam, put_gradients
from mt3dnet_ros.training.asto.window_transform import WindowBatch
from mt3dnet_ros.training.recipe import RecipeError

CLASSES = ('background', 'forceps', 'scissors')
SEGMENTATION_PARTS = ('encoder', 'segmentation')


class SmallDecoder(nn.Module):
    """Logits of the coarsest map: the published decoders take seconds for what is asked here."""

    def __init__(self, outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm2d(512), nn.Conv2d(512, outputs, 1))

    def forward(self, maps):
        return self.layers(maps[-1])


def st_mtl(temporal=True):
    torch.manual_seed(0)
    config = STMTLConfig(CLASSES, recalibration='scse', temporal=temporal, temporal_cell='separable', temporal_hidden=8)
    with torch.device('meta'):
        network = STMTL(config)
    network.segmentation, network.saliency = SmallDecoder(len(CLASSES)), SmallDecoder(1)
    network.encoder = ResNet18()
    if temporal:
        network.segmentation_cell, network.saliency_cell = (ConvLSTM(512, 8, 'separable') for _ in range(2))
    return STMTLLearner(network)


def branch():
    torch.manual_seed(0)
    return BranchLearner(MT3DNet(MT3DNetConfig(CLASSES, decoder_channels=16, saliency=True)))


LEARNERS = {'st_mtl': st_mtl, 'mt3dnet': branch}


pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture
def batch():
    """Return a window of two frames: a bright tool that moves, and is salient."""
    torch.manual_seed(1)
    images, types, saliency = torch.randn(1, 2, 3, 64, 64), torch.zeros(1, 2, 64, 64), torch.zeros(1, 2, 1, 64, 64)
    for frame in (0, 1):
        rows, columns = slice(8, 32), slice(8 + 16 * frame, 40 + 16 * frame)
        images[0, frame, :, rows, columns] += 2.0
        types[0, frame, rows, columns] = 1
        saliency[0, frame, 0, rows, columns] = 0.8
    return WindowBatch(images, types.long(), saliency)


class Steps:
    """The updates of a stage, made one by one."""

    def __init__(self, learner, stage, **settings):
        self.learner, self.over_time = learner, STAGES[stage].over_time
        self.settings = UpdateSettings(**settings)
        self.updates = updates_of(stage, learner.tasks, learner.parts)
        self.optimizer = build_adam(learner, weight_decay=0.0)

    def update(self, update, batch, rate):
        self.optimizer.zero_grad()
        losses = put_gradients(self.learner, update, batch, self.over_time, self.settings)
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        self.optimizer.step()
        return {task: loss.item() for task, loss in losses.items()}

    def step(self, batch, rate):
        return {task: loss for update in self.updates for task, loss in self.update(update, batch, rate).items()}

    def moments(self, part):
        """Return what the optimiser keeps of the weights of a part."""
        kept = [self.optimizer.state[weight] for weight in self.learner.parameters([part])]
        return [{name: value.clone() for name, value in moments.items()} for moments in kept]


def snapshot(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def changed(before, network):
    return {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}


def names_of(learner, parts):
    """Return the names of all parameters and buffers of some parts."""
    members = {id(value) for part in parts for module in learner.parts[part]
               for value in module.state_dict(keep_vars=True).values()}  # fmt: skip
    return {name for name, value in learner.network.state_dict(keep_vars=True).items() if id(value) in members}


@pytest.mark.parametrize(
    ('kind', 'stage'),
    [('st_mtl', name) for name in ('segmentation', 'saliency', 'temporal', 'alternating')]
    + [('mt3dnet', name) for name in ('saliency', 'temporal', 'saliency_temporal')],
)
def test_an_update_changes_its_own_parts_and_nothing_else(batch, kind, stage):
    learner = LEARNERS[kind]()
    steps = Steps(learner, stage)
    for update in steps.updates:
        before = snapshot(learner.network)
        steps.update(update, batch, 1e-3)
        moved = changed(before, learner.network)
        assert moved and moved <= names_of(learner, update.parts)


def test_a_step_moves_the_weights_and_statistics_of_what_is_trained(batch):
    learner = st_mtl()
    before = snapshot(learner.network)
    Steps(learner, 'segmentation').step(batch, 1e-3)
    still = names_of(learner, SEGMENTATION_PARTS) - changed(before, learner.network)
    assert still == set()


@pytest.mark.parametrize(('first', 'other'), [(0, 'saliency'), (1, 'segmentation')])
def test_a_step_for_one_task_leaves_the_moments_of_the_other_decoder(batch, first, other):
    steps = Steps(st_mtl(), 'alternating')
    steps.step(batch, 1e-3)
    before = steps.moments(other)
    steps.update(steps.updates[first], batch, 1e-3)
    after = steps.moments(other)
    assert all(before) and all(
        torch.equal(value, later[name])
        for moments, later in zip(before, after, strict=True)
        for name, value in moments.items()
    )


def test_alternating_with_saliency_trains_segmentation_as_if_alone(batch):
    alone, beside = st_mtl(temporal=False), st_mtl(temporal=False)
    for learner, stage in ((alone, 'segmentation'), (beside, 'alternating')):
        steps = Steps(learner, stage)
        for _ in range(2):
            steps.step(batch, 1e-3)
    expected = alone.network.state_dict()
    differing = changed(expected, beside.network)
    assert differing and differing.isdisjoint(names_of(beside, SEGMENTATION_PARTS))


def test_joint_training_moves_the_encoder_for_saliency(batch):
    joint, alone = st_mtl(temporal=False), st_mtl(temporal=False)
    Steps(joint, 'joint').step(batch, 1e-3)
    Steps(alone, 'segmentation').step(batch, 1e-3)
    assert changed(alone.network.state_dict(), joint.network) & names_of(joint, ('encoder',))


@pytest.mark.parametrize(
    ('kind', 'stage'),
    [('st_mtl', 'alternating'), ('st_mtl', 'temporal'), ('st_mtl', 'joint_temporal'), ('mt3dnet', 'saliency'),
     ('mt3dnet', 'temporal'), ('mt3dnet', 'saliency_temporal')],
)  # fmt: skip
def test_losses_of_a_stage_fall_on_one_batch(batch, kind, stage):
    steps = Steps(LEARNERS[kind](), stage)
    losses = [steps.step(batch, 5e-4) for _ in range(5)]
    assert all(losses[-1][task] < losses[0][task] for task in losses[0])


def test_weights_of_the_losses_count_in_joint_steps(batch):
    for joint, still in (
        ({'segmentation': 1.0, 'saliency': 0.0}, 'saliency'),
        ({'segmentation': 0.0, 'saliency': 1.0}, 'segmentation'),
    ):
        learner = st_mtl(temporal=False)
        weights = {name: value.clone() for name, value in learner.network.named_parameters()}
        Steps(learner, 'joint', joint=joint).step(batch, 1e-3)
        moved = {name for name, value in learner.network.named_parameters() if not torch.equal(value, weights[name])}
        assert moved and not any(name.startswith(f'{still}.') for name in moved)


def test_clipping_shortens_the_gradient_that_the_moments_see(batch):
    steps = Steps(branch(), 'saliency', gradient_clip=1e-3)
    steps.step(batch, 0.0)
    first_moments = [moments['exp_avg'] for moments in steps.moments('saliency')]
    norm = torch.cat([moment.flatten() for moment in first_moments]).norm().item()
    assert norm == pytest.approx(0.1 * 1e-3, rel=0.01)  # Adam keeps a tenth of the first gradient


@pytest.mark.parametrize('kind', ['st_mtl', 'mt3dnet'])
def test_low_precision_leads_to_nearly_the_same_loss(batch, kind):
    losses = []
    for low_precision in (False, True):
        steps = Steps(LEARNERS[kind](), 'temporal', low_precision=low_precision)
        losses.append(steps.step(batch, 1e-4))
    assert losses[1] == pytest.approx(losses[0], rel=0.02) and losses[1] != losses[0]


@pytest.mark.parametrize(
    ('make', 'stage', 'complaint'),
    [(branch, 'segmentation', 'trains tasks that this network lacks'), (branch, 'joint', 'this network lacks'),
     (lambda: st_mtl(temporal=False), 'temporal', 'trains saliency_cell, segmentation_cell that this network lacks')],
)  # fmt: skip
def test_a_stage_that_a_network_has_no_parts_for_is_refused(make, stage, complaint):
    learner = make()
    with pytest.raises(RecipeError, match=complaint):
        updates_of(stage, learner.tasks, learner.parts)


def test_a_network_without_a_branch_is_refused():
    with pytest.raises(ValueError, match='no saliency branch; build it with saliency=True'):
        BranchLearner(MT3DNet(MT3DNetConfig(CLASSES, decoder_channels=16)))
