"""The parts joined: switches, contexts, and nodes that do not know of each other."""

import pytest
import torch

from sklearn_mferl.network import MFERLNetwork, NodeTable, info_nce


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def make_table(n_nodes: int, propagated: bool = True) -> NodeTable:
    scales = [torch.randn(n_nodes, width) for width in (3, 6, 4)]
    return NodeTable(scales, [table + 1 for table in scales[:2]] if propagated else [])


def make_network(**switches) -> tuple[MFERLNetwork, dict[str, NodeTable]]:
    tables = {"circrna": make_table(9), "mirna": make_table(5)}
    return MFERLNetwork(**tables, embedding_dim=8, **switches), tables


ROWS = torch.tensor([[0, 0], [8, 4], [3, 1], [3, 0]])


def take(table: NodeTable, rows) -> NodeTable:
    return NodeTable([t[rows] for t in table.scales], [t[rows] for t in table.propagated])


def test_frozen_encodings_score_pairs_as_the_forward_pass_does():
    network, tables = make_network()
    logits, _ = network.eval()(ROWS)
    network.freeze()
    vectors = {side: network.encode(side, table.double()).vectors for side, table in tables.items()}
    frozen = network.head(vectors["circrna"][ROWS[:, 0]], vectors["mirna"][ROWS[:, 1]])
    torch.testing.assert_close(frozen, logits.double(), rtol=1e-4, atol=1e-5)


def test_a_node_is_encoded_alike_alone_and_among_others():
    network, tables = make_network()
    network.freeze()
    table = tables["circrna"].double()
    together = network.encode("circrna", table).vectors
    alone = torch.cat([network.encode("circrna", take(table, [row])).vectors for row in range(9)])
    torch.testing.assert_close(alone, together, rtol=1e-12, atol=1e-12)


def test_a_new_node_equal_to_a_reference_node_has_its_encoding():
    network, tables = make_network()
    network.freeze()
    known, new = tables["mirna"].double(), make_table(3).double()
    blocks = zip((new.scales, new.propagated), (known.scales, known.propagated), strict=True)
    mixed = NodeTable(*([torch.cat([a, b[2:3]]) for a, b in zip(*both, strict=True)] for both in blocks))
    found = network.encode("mirna", mixed).vectors[-1]
    torch.testing.assert_close(found, network.encode("mirna", known).vectors[2])


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


def test_evaluation_computes_no_contrastive_loss():
    network, _ = make_network()
    assert network.eval()(ROWS)[1] == 0
    network, _ = make_network(contrastive=False)
    assert network.train()(ROWS)[1] == 0


def test_no_parameter_depends_on_the_number_of_rnas():
    network, _ = make_network()
    larger = MFERLNetwork(make_table(90), make_table(50), embedding_dim=8)
    assert [p.shape for p in network.parameters()] == [p.shape for p in larger.parameters()]


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
