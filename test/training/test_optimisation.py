"""The optimisers follow their papers, and decay what they should."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mt3dnet_ros.training.optimisation import build_optimizer
from mt3dnet_ros.training.recipe import Recipe

RATE, DECAY = 0.05, 0.1


def recipe(optimizer):
    return Recipe(data='', output='', optimizer=optimizer, learning_rate=RATE, weight_decay=DECAY)


def adan(weight, gradients, decay):
    """Return the weight after the steps of Adan, as its paper's algorithm 1 has them, in double precision."""
    betas, epsilon = (0.98, 0.92, 0.99), 1e-8
    weight, last = weight.double(), gradients[0].double()
    first, change, second = (torch.zeros_like(weight) for _ in range(3))
    for step, gradient in enumerate(gradients, 1):
        difference = gradient - last
        first = betas[0] * first + (1 - betas[0]) * gradient
        change = betas[1] * change + (1 - betas[1]) * difference
        second = betas[2] * second + (1 - betas[2]) * (gradient + betas[1] * difference) ** 2
        m, v, n = (value / (1 - beta**step) for value, beta in zip((first, change, second), betas, strict=True))
        weight = weight * (1 - RATE * decay) - RATE * (m + betas[1] * v) / (n.sqrt() + epsilon)
        last = gradient.double()
    return weight.float()


def test_adan_takes_the_steps_of_its_paper():
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    optimizer = build_optimizer(layer, recipe('adan'))
    weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    gradients = [(torch.randn(2, 3), torch.randn(2)) for _ in range(4)]
    for of_weight, of_bias in gradients:
        layer.weight.grad, layer.bias.grad = of_weight.clone(), of_bias.clone()
        optimizer.step()
    torch.testing.assert_close(layer.weight.detach(), adan(weight, [pair[0] for pair in gradients], DECAY))
    torch.testing.assert_close(layer.bias.detach(), adan(bias, [pair[1] for pair in gradients], 0.0))


@pytest.mark.parametrize('optimizer', ['adamw', 'adan'])
def test_decay_shrinks_matrices_alone_and_beside_the_gradient(optimizer):
    layer = torch.nn.Linear(3, 2)
    before = layer.weight.detach().clone(), layer.bias.detach().clone()
    for parameter in layer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    build_optimizer(layer, recipe(optimizer)).step()
    torch.testing.assert_close(layer.weight.detach(), before[0] * (1 - RATE * DECAY))
    assert torch.equal(layer.bias.detach(), before[1])


@pytest.mark.parametrize('factor', [1.0, 0.1])
def test_encoder_learns_at_its_factor_of_the_rate(factor):
    network = torch.nn.ModuleDict({'encoder': torch.nn.Linear(3, 2), 'decoder': torch.nn.Linear(2, 2)})
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    for weight in network.parameters():
        weight.grad = torch.ones_like(weight)
    build_optimizer(network, replace(recipe('adan'), weight_decay=0.0, encoder_rate=factor)).step()
    for name, weight in network.named_parameters():
        step = RATE * (factor if name.startswith('encoder.') else 1.0)
        torch.testing.assert_close(weight.detach(), before[name] - step * 1.0, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize('optimizer', ['adamw', 'adan'])
def test_saved_state_goes_on_with_the_same_steps(optimizer):
    torch.manual_seed(1)
    gradients = [torch.randn(2, 3) for _ in range(4)]
    steady, stopped = torch.nn.Linear(3, 2, bias=False), torch.nn.Linear(3, 2, bias=False)
    stopped.load_state_dict(steady.state_dict())
    take_steps(build_optimizer(steady, recipe(optimizer)), steady, gradients)
    first = build_optimizer(stopped, recipe(optimizer))
    take_steps(first, stopped, gradients[:2])
    second = build_optimizer(stopped, recipe(optimizer))
    second.load_state_dict(first.state_dict())
    take_steps(second, stopped, gradients[2:])
    assert torch.equal(stopped.weight, steady.weight)


def take_steps(optimizer, layer, gradients):
    for gradient in gradients:
        layer.weight.grad = gradient.clone()
        optimizer.step()
