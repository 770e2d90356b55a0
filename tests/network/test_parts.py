"""Each part of the network equals its equation, written out in loops."""

import math

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sklearn_mferl.network import (
    BilinearInteraction,
    ChannelAttention,
    DualConvolutionalAttention,
    HomogeneousAggregation,
    InteractionHead,
    MFERLLoss,
    SpatialAttention,
    ViewConvolution,
    info_nce,
)
from sklearn_mferl.pairs.propagation import degrees, propagate

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def weights(layer: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    return layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()


def affine(layer: nn.Module, x: np.ndarray) -> np.ndarray:
    kernel, bias = weights(layer)
    return x @ kernel.T + bias


def tensor(array) -> torch.Tensor:
    return torch.as_tensor(np.asarray(array), dtype=torch.float32)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_graph_convolution_equals_the_dense_normalised_adjacency_matrix(rng):
    n, width, d = 7, 5, 4
    upper = np.triu(rng.random((n, n)) < 0.4, 1)
    adjacency = (upper | upper.T).astype(float)
    features = rng.normal(size=(n, width))
    with_loops = adjacency + np.eye(n)
    root = np.diag(with_loops.sum(1) ** -0.5)
    module = HomogeneousAggregation([width], d)
    hidden = np.maximum(affine(module.convolutions[0], root @ with_loops @ root @ features), 0)
    expected = affine(module.project, hidden)

    graph = sparse.csr_matrix(adjacency)
    propagated = propagate(graph, features, features, degrees(graph))
    np.testing.assert_allclose(module([tensor(propagated)]).detach(), expected, **TOLERANCE)


def test_scales_are_aggregated_one_by_one_and_then_projected_together(rng):
    tables = [rng.normal(size=(3, width)) for width in (2, 5)]
    module = HomogeneousAggregation([2, 5], 4)
    layers = zip(module.convolutions, tables, strict=True)
    hidden = [np.maximum(affine(convolution, table), 0) for convolution, table in layers]
    expected = affine(module.project, np.hstack(hidden))
    np.testing.assert_allclose(module([tensor(t) for t in tables]).detach(), expected, **TOLERANCE)


def test_fusing_first_is_one_convolution_of_all_scales(rng):
    tables = [rng.normal(size=(3, width)) for width in (2, 5)]
    module = HomogeneousAggregation([2, 5], 4, fuse_first=True)
    assert len(module.convolutions) == 1
    expected = affine(module.project, np.maximum(affine(module.convolutions[0], np.hstack(tables)), 0))
    np.testing.assert_allclose(module([tensor(t) for t in tables]).detach(), expected, **TOLERANCE)


def channel_oracle(module: ChannelAttention, stack: np.ndarray) -> np.ndarray:
    squeeze, squeeze_bias = weights(module.squeeze)
    restore, restore_bias = weights(module.restore)
    n_scales = len(stack)
    total = np.zeros(n_scales)
    for pool in (np.max, np.mean):
        pooled = [pool(stack[s]) for s in range(n_scales)]
        hidden = [
            max(sum(squeeze[t, s, 0, 0] * pooled[s] for s in range(n_scales)) + squeeze_bias[t], 0)
            for t in range(n_scales)
        ]
        for t in range(n_scales):
            total[t] += sum(restore[t, s, 0, 0] * hidden[s] for s in range(n_scales)) + restore_bias[t]
    return np.array([sigmoid(value) for value in total])


def spatial_oracle(module: SpatialAttention, stack: np.ndarray) -> np.ndarray:
    kernel, bias = weights(module.convolution)
    maps = [stack.mean(0), stack.max(0)]
    n, d = maps[0].shape
    height = kernel.shape[2]
    out = np.empty((n, d))
    for i in range(n):
        for j in range(d):
            total = bias[0]
            for m, pooled in enumerate(maps):
                for a in range(height):
                    for b in range(3):
                        row, column = i + a - height // 2, j + b - 1
                        if 0 <= row < n and 0 <= column < d:
                            total += kernel[0, m, a, b] * pooled[row, column]
            out[i, j] = sigmoid(total)
    return out


def test_channel_attention_equals_loops(rng):
    stack = rng.normal(size=(5, 6, 4))
    module = ChannelAttention(5)
    found = module(tensor(stack))
    assert found.shape == (5, 1, 1)
    np.testing.assert_allclose(found.detach().ravel(), channel_oracle(module, stack), **TOLERANCE)


@pytest.mark.parametrize("kernel", ["feature", "node"])
def test_spatial_attention_equals_loops(rng, kernel):
    stack = rng.normal(size=(5, 6, 4))
    module = SpatialAttention(kernel)
    np.testing.assert_allclose(module(tensor(stack)).detach()[0], spatial_oracle(module, stack), **TOLERANCE)


def test_dual_convolutional_attention_equals_loops(rng):
    stack = rng.normal(size=(3, 4, 5))
    module = DualConvolutionalAttention(3, 5)
    attended = channel_oracle(module.channel, stack)[:, None, None] * stack
    attended = spatial_oracle(module.spatial, attended)[None] * attended
    expected = [affine(module.mix, np.concatenate(attended[:, node])) for node in range(4)]
    found = module(tensor(stack), module.channel(tensor(stack)))
    np.testing.assert_allclose(found.detach(), expected, **TOLERANCE)


@pytest.mark.parametrize(("kernel", "independent"), [("feature", True), ("node", False)])
def test_only_the_kernel_along_features_leaves_a_node_independent_of_the_order(rng, kernel, independent):
    stack = tensor(rng.normal(size=(3, 8, 5)))
    module = DualConvolutionalAttention(3, 5, kernel)
    channel = module.channel(stack)
    order = torch.randperm(8)
    moved = module(stack[:, order], channel)
    assert torch.allclose(moved, module(stack, channel)[order], atol=1e-6) is independent


def test_bilinear_interaction_equals_the_map_that_it_never_builds(rng):
    d, n_mirna, n_circrna = 4, 3, 5
    fused = {"mirna": rng.normal(size=(n_mirna, d)), "circrna": rng.normal(size=(n_circrna, d))}
    module = BilinearInteraction(d)
    direction, bias = weights(module.interact)
    length = module.interact.length.detach().double().numpy()
    interact = length * direction / np.linalg.norm(direction, axis=1, keepdims=True)

    mapped = {side: np.maximum(affine(module.map[side], nodes), 0) for side, nodes in fused.items()}
    weighed = {side: affine(module.weigh[side], nodes) for side, nodes in fused.items()}
    for side, other in (("mirna", "circrna"), ("circrna", "mirna")):
        expected = np.zeros((len(fused[side]), d))
        for i in range(len(fused[side])):
            for j in range(len(fused[other])):
                cell = interact @ (mapped[side][i] * mapped[other][j]) + bias
                expected[i] += cell * weighed[other][j] / len(fused[other])
        found = module(side, tensor(fused[side]), *module.summarize(other, tensor(fused[other])))
        np.testing.assert_allclose(found.detach(), expected, **TOLERANCE)


def test_bilinear_interaction_never_holds_a_cell_a_pair():
    """A map of 20,000 x 20,000 pairs would take 1.6 GB a dimension; here no tensor exceeds the nodes."""
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            out = function(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor):
                largest = max(largest, out.numel())
            return out

    nodes = torch.ones(20_000, 4)
    module = BilinearInteraction(4)
    with Watch():
        module("mirna", nodes, *module.summarize("circrna", nodes))
    assert largest == nodes.numel()


def test_info_nce_equals_loops(rng):
    x, y, tau = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), 0.1
    unit = lambda v: v / np.linalg.norm(v)  # noqa: E731
    expected = 0.0
    for n in range(4):
        terms = [math.exp(unit(x[n]) @ unit(y[i]) / tau) for i in range(4)]
        expected -= math.log(terms[n] / sum(terms))
    assert float(info_nce(tensor(x), tensor(y), tau)) == pytest.approx(expected, rel=1e-5)


def test_info_nce_is_small_for_equal_views_and_large_for_shuffled_ones(rng):
    x = tensor(rng.normal(size=(20, 8)))
    assert info_nce(x, x, 0.1) < info_nce(x, x.flip(0), 0.1)


def test_view_convolution_equals_loops(rng):
    views = [rng.normal(size=(2, 6)) for _ in range(3)]
    module = ViewConvolution(3, n_filters=2)
    kernel, bias = weights(module.convolution)
    expected = np.empty((2, 2, 6))
    for node in range(2):
        for f in range(2):
            for j in range(6):
                expected[node, f, j] = bias[f] + sum(
                    kernel[f, v, b] * views[v][node, j + b - 1]
                    for v in range(3)
                    for b in range(3)
                    if 0 <= j + b - 1 < 6
                )
    found = module([tensor(view) for view in views])
    np.testing.assert_allclose(found.detach(), expected.reshape(2, 12), **TOLERANCE)


def test_the_head_is_linear_in_the_product(rng):
    circrna, mirna = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    module = InteractionHead(4)
    expected = affine(module.linear, circrna * mirna).ravel()
    np.testing.assert_allclose(module(tensor(circrna), tensor(mirna)).detach(), expected, **TOLERANCE)


def test_the_loss_is_the_weighted_cross_entropy_plus_the_contrastive_part():
    logits, labels, weight = [0.3, -1.2, 2.0], [1.0, 0.0, 0.0], [1.0, 0.5, 1.5]
    expected = 0.0
    for logit, label, w in zip(logits, labels, weight, strict=True):
        p = sigmoid(logit)
        expected -= w * (label * math.log(p) + (1 - label) * math.log(1 - p)) / 3
    target = torch.tensor([labels, weight]).T
    found = MFERLLoss(contrastive_weight=0.1)((torch.tensor(logits), torch.tensor(4.0)), target)
    assert float(found) == pytest.approx(expected + 0.4, rel=1e-5)
