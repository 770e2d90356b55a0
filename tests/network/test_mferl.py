"""The network: each part equals its equation, and joined they train, freeze and can be switched off."""

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate, correlate1d
from scipy.special import expit, log_softmax
from sklearn.metrics import log_loss
from sklearn.metrics.pairwise import cosine_similarity
from torch import nn

from sklearn_mferl.network import (
    BilinearInteraction,
    DualConvolutionalAttention,
    HomogeneousAggregation,
    InteractionHead,
    MFERLLoss,
    MFERLNetwork,
    NodeTable,
    ViewConvolution,
    info_nce,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


# Parts ----------------------------------------------------------------------------------------------------


def weights(layer: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    return layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()


def affine(layer: nn.Module, x: np.ndarray) -> np.ndarray:
    """Apply a linear layer, or a convolution whose kernel has one place."""
    kernel, bias = weights(layer)
    return x @ kernel.reshape(len(kernel), -1).T + bias


def tensor(array) -> torch.Tensor:
    return torch.as_tensor(np.asarray(array), dtype=torch.float32)


def assert_close(found: torch.Tensor, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("fuse_first", [False, True])
def test_scales_are_aggregated_one_by_one_or_all_at_once_and_then_projected(rng, fuse_first):
    tables = [rng.normal(size=(3, width)) for width in (2, 5)]
    module = HomogeneousAggregation([2, 5], 4, fuse_first)
    layers = zip(module.convolutions, [np.hstack(tables)] if fuse_first else tables, strict=True)
    hidden = [np.maximum(affine(convolution, table), 0) for convolution, table in layers]
    assert_close(module([tensor(t) for t in tables]), affine(module.project, np.hstack(hidden)))


@pytest.mark.parametrize("kernel", ["feature", "node"])
def test_dual_convolutional_attention_equals_its_two_equations(rng, kernel):
    stack = rng.normal(size=(5, 6, 4))
    module = DualConvolutionalAttention(5, 4, kernel)
    squeeze, restore = module.channel.squeeze, module.channel.restore
    pooled = [stack.max(axis=(1, 2)), stack.mean(axis=(1, 2))]
    of_channels = expit(sum(affine(restore, np.maximum(affine(squeeze, each), 0)) for each in pooled))
    channel = module.channel(tensor(stack))
    assert_close(channel, of_channels[:, None, None])
    attended = of_channels[:, None, None] * stack
    (kernels,), bias = weights(module.spatial.convolution)
    maps = zip((attended.mean(axis=0), attended.max(axis=0)), kernels, strict=True)
    attended = attended * expit(sum(correlate(each, k, mode="constant") for each, k in maps) + bias)
    expected = [affine(module.mix, np.concatenate(attended[:, node])) for node in range(6)]
    assert_close(module(tensor(stack), channel), np.array(expected))


@pytest.mark.parametrize(("kernel", "independent"), [("feature", True), ("node", False)])
def test_only_the_kernel_along_features_leaves_a_node_independent_of_the_order(rng, kernel, independent):
    stack = tensor(rng.normal(size=(3, 8, 5)))
    module = DualConvolutionalAttention(3, 5, kernel)
    channel = module.channel(stack)
    order = torch.randperm(8)
    moved = module(stack[:, order], channel)
    assert torch.allclose(moved, module(stack, channel)[order], atol=1e-6) is independent


def test_bilinear_interaction_equals_the_map_that_it_never_builds(rng):
    fused = {"mirna": rng.normal(size=(3, 4)), "circrna": rng.normal(size=(5, 4))}
    module = BilinearInteraction(4)
    direction, bias = weights(module.interact)
    length = module.interact.length.detach().double().numpy()
    interact = length * direction / np.linalg.norm(direction, axis=1, keepdims=True)

    mapped = {side: np.maximum(affine(module.map[side], nodes), 0) for side, nodes in fused.items()}
    weighed = {side: affine(module.weigh[side], nodes) for side, nodes in fused.items()}
    for side, other in (("mirna", "circrna"), ("circrna", "mirna")):
        cells = np.einsum("od,id,jd->ijo", interact, mapped[side], mapped[other]) + bias
        found = module(side, tensor(fused[side]), *module.summarize(other, tensor(fused[other])))
        assert_close(found, (cells * weighed[other]).mean(axis=1))


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


def test_info_nce_is_the_cross_entropy_of_finding_the_same_node_by_cosine(rng):
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    expected = -np.trace(log_softmax(cosine_similarity(x, y) / 0.1, axis=1))
    assert float(info_nce(tensor(x), tensor(y), 0.1)) == pytest.approx(expected, rel=1e-5)


def test_view_convolution_runs_along_the_features_with_the_views_as_channels(rng):
    views = [rng.normal(size=(2, 6)) for _ in range(3)]
    module = ViewConvolution(3, n_filters=2)
    filters = [
        sum(correlate1d(view, k, mode="constant") for view, k in zip(views, kernels, strict=True)) + bias
        for kernels, bias in zip(*weights(module.convolution), strict=True)
    ]
    assert_close(module([tensor(view) for view in views]), np.hstack(filters))


def test_the_head_is_linear_in_the_product(rng):
    circrna, mirna = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    module = InteractionHead(4)
    assert_close(module(tensor(circrna), tensor(mirna)), affine(module.linear, circrna * mirna).ravel())


def test_the_loss_is_the_weighted_cross_entropy_plus_the_contrastive_part():
    logits, labels, weight = [0.3, -1.2, 2.0], [1.0, 0.0, 0.0], [1.0, 0.5, 1.5]
    expected = log_loss(labels, expit(logits), sample_weight=weight, normalize=False) / 3 + 0.1 * 4.0
    target = torch.tensor([labels, weight]).T
    found = MFERLLoss(contrastive_weight=0.1)((torch.tensor(logits), torch.tensor(4.0)), target)
    assert float(found) == pytest.approx(expected, rel=1e-5)


# Joined ---------------------------------------------------------------------------------------------------

ROWS = torch.tensor([[0, 0], [8, 4], [3, 1], [3, 0]])


def make_table(n_nodes: int, propagated: bool = True) -> NodeTable:
    scales = [torch.randn(n_nodes, width) for width in (3, 6, 4)]
    return NodeTable(scales, [table + 1 for table in scales[:2]] if propagated else [])


def make_network(**switches) -> tuple[MFERLNetwork, dict[str, NodeTable]]:
    tables = {"circrna": make_table(9), "mirna": make_table(5)}
    return MFERLNetwork(**tables, embedding_dim=8, **switches), tables


def test_frozen_encodings_score_pairs_as_the_forward_pass_does():
    network, tables = make_network()
    logits, _ = network.eval()(ROWS)
    network.freeze()
    vectors = {side: network.encode(side, table.double()).vectors for side, table in tables.items()}
    frozen = network.head(vectors["circrna"][ROWS[:, 0]], vectors["mirna"][ROWS[:, 1]])
    torch.testing.assert_close(frozen, logits.double(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("switches", "n_views"),
    [
        ({}, 3),
        ({"homogeneous": "fuse_first"}, 3),
        ({"homogeneous": None}, 2),
        ({"attention": None}, 2),
        ({"bilinear": False}, 2),
        ({"convolution": False}, 3),
        ({"homogeneous": None, "attention": None, "bilinear": False}, 1),
    ],
)
def test_each_part_can_be_switched_off(switches, n_views):
    network, tables = make_network(**switches)
    logits, contrastive = network.train()(ROWS)
    assert logits.shape == (4,)
    (logits.sum() + contrastive).backward()
    network.freeze()
    assert len(network.encode("mirna", tables["mirna"].double()).views) == n_views


def test_every_parameter_learns():
    network, _ = make_network(dropout=0.0)
    logits, contrastive = network.train()(ROWS)
    (logits.square().sum() + contrastive).backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert [name for name in idle if "channel.squeeze" not in name] == []


def test_the_contrastive_loss_sums_both_sides_over_the_distinct_nodes():
    network, _ = make_network(dropout=0.0, contrastive_balance=0.5)
    _, found = network.train()(ROWS)
    network.eval()
    expected = torch.zeros(())
    encodings, _ = network._encode_reference(ROWS)
    for side, nodes, weight in (("circrna", [0, 3, 8], 0.5), ("mirna", [0, 1, 4], 1.0)):
        for view in encodings[side].views:
            expected = expected + weight * info_nce(view[nodes], encodings[side].initial[nodes], 0.1)
    torch.testing.assert_close(found, expected)
    # none in evaluation, nor where it has no weight
    assert network(ROWS)[1] == 0
    network, _ = make_network(contrastive=False)
    assert network.train()(ROWS)[1] == 0


def test_sides_with_different_views_and_encoding_before_freezing_are_refused():
    with pytest.raises(ValueError, match="homogeneous graph"):
        MFERLNetwork(make_table(4), make_table(4, propagated=False), convolution=False)
    network, tables = make_network()
    with pytest.raises(RuntimeError, match="freeze"):
        network.encode("mirna", tables["mirna"])


def test_training_shows_some_nodes_as_new_and_evaluation_none():
    tables = {"circrna": make_table(9), "mirna": make_table(5)}
    cold = {
        side: NodeTable([torch.zeros_like(table.scales[0]), *table.scales[1:]], table.propagated)
        for side, table in tables.items()
    }
    small = {"embedding_dim": 8, "dropout": 0}
    networks = [MFERLNetwork(**tables, **small, cold=cold, new_share=share) for share in (0.0, 0.5, 1.0)]
    as_new = MFERLNetwork(**cold, **small)
    for network in (*networks, as_new):
        network.load_state_dict(networks[0].state_dict())
    none, some, all_nodes = networks
    known = none(ROWS)[0]
    torch.testing.assert_close(all_nodes(ROWS)[0], as_new(ROWS)[0])
    assert not torch.equal(some(ROWS)[0], some(ROWS)[0])
    for network in networks:
        torch.testing.assert_close(network.eval()(ROWS)[0], known)
