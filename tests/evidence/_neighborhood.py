"""Small graphs with labels drawn by lot, and what brute force says of their pairs."""

from itertools import product

import numpy as np
import pandas as pd
from _builders import random_rna
from _rna_strings import SITE_COLUMNS, read_sites_by_hand, reverse_complement, windows_by_hand

from sklearn_mferl.evidence.graph.relatedness import MicroRNAFamilies, SharedKmers
from sklearn_mferl.pairs.novelty import Novelty
from sklearn_mferl.utils.validation import SIDES

N_CIRCRNAS, N_MIRNAS, N_PAIRS = 18, 10, 120
SETTINGS = {"n_neighbors": (3, 6), "n_components": 4, "n_splits": 5, "random_state": 0}
ALPHAS = (1.0, 10.0)


def make_rnas(n_circrnas=N_CIRCRNAS, n_mirnas=N_MIRNAS, seed=0):
    """Return circRNAs with isoforms and seed matches, and miRNAs of few families, by id."""
    rng = np.random.default_rng(seed)
    families = [random_rna(8, rng) for _ in range(4)]
    sites = [reverse_complement(family[1:]) for family in families]
    genes = [random_rna(60, rng) + sites[i % 4] + random_rna(13, rng) for i in range(5)]
    # ids sort like sequences, so that they can stand for each other
    circrnas = sorted(genes[i % 5] + random_rna(20, rng) for i in range(n_circrnas))
    circrnas[0] += sites[0]
    mirnas = sorted(families[i % 4] + random_rna(14, rng) for i in range(n_mirnas))
    return {f"c{i:02d}": rna for i, rna in enumerate(circrnas)}, {
        f"m{i:02d}": rna for i, rna in enumerate(mirnas)
    }


def make_pairs(n=N_PAIRS, n_circrnas=N_CIRCRNAS, n_mirnas=N_MIRNAS, seed=0):
    """Return distinct pairs with labels that are drawn by lot."""
    rng = np.random.default_rng(seed)
    cells = np.column_stack(np.divmod(rng.permutation(n_circrnas * n_mirnas)[:n], n_mirnas))
    return [(f"c{i:02d}", f"m{j:02d}") for i, j in cells], rng.integers(0, 2, n)


def draw_vectors(rnas, size):
    """Return vectors of RNAs by side and id."""
    rng = np.random.default_rng(0)
    drawn = (pd.DataFrame(rng.normal(size=(len(by_id), size)), index=list(by_id)) for by_id in rnas)
    return dict(zip(SIDES, drawn, strict=True))


RNAS = make_rnas()
X, Y = make_pairs()


def place_of(neighborhood, X):
    """Return where the labelled pairs stand among those of training."""
    listed = neighborhood.training_pairs()[list(SIDES)]
    return pd.MultiIndex.from_frame(listed).get_indexer(X)


def part_of(neighborhood, X):
    """Return in which part the labelled pairs were dealt."""
    return neighborhood._labelled.part[place_of(neighborhood, X)]


def assert_same(actual, expected, atol=1e-5):
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=atol)


def compare_with_training(X):
    """Return ids, neighbours by kind and kernel of each side, of which the labels know nothing."""
    sides = []
    for column, (by_id, relatedness) in enumerate(zip(RNAS, (SharedKmers, MicroRNAFamilies), strict=True)):
        ids = np.array(sorted({pair[column] for pair in X}), dtype=object)
        kwargs = {"n_neighbors": SETTINGS["n_neighbors"], "n_landmarks": 1500, "n_directions": 300}
        if column == 0:
            kwargs["circular"] = True
        relatives = relatedness(**kwargs).fit(ids, [by_id[rna] for rna in ids], np.random.default_rng(0))
        votes = {name: weights.toarray().astype(float) for name, weights in relatives.neighbours.items()}
        coordinates = relatives.coordinates.astype(float)
        sides.append((list(ids), votes, coordinates @ coordinates.T))
    return sides


def seed_matches(circrnas, mirnas):
    """Tell which circles hold the reverse complement of nucleotides 2 to 8."""
    return np.array(
        [[bool(windows_by_hand(RNAS[0][c], RNAS[1][m], True)) for m in mirnas] for c in circrnas], dtype=float
    )


def log_degree(degree, scale):
    """Return the logarithm with the second term of its series around the mean of a thinned degree."""
    mean = scale * degree
    return np.log(1 + mean) + (scale - 1) * mean / (2 * (1 + mean) ** 2)


def brute_force(sides, kept, labels, pair):
    """Describe a pair by the graph of the kept pairs alone."""
    ids, votes, kernels = zip(*sides, strict=True)
    adjacency = np.zeros([len(names) for names in ids])
    for ends, label in zip(kept, labels, strict=True):
        adjacency[tuple(names.index(rna) for names, rna in zip(ids, ends, strict=True))] = label
    own = c, m = [names.index(rna) for names, rna in zip(ids, pair, strict=True)]
    used = [sorted({names.index(ends[i]) for ends in kept}) for i, names in enumerate(ids)]
    scale = [len(names) / len(rows) for names, rows in zip(ids, used, strict=True)]
    degree = c_degree, m_degree = adjacency.sum(axis=1), adjacency.sum(axis=0)
    is_known = c_degree[c] > 0, m_degree[m] > 0
    edges = adjacency[:, m], adjacency[c]  # of each RNA of a side with the other RNA of the pair
    c_partners, m_partners = partners = [np.flatnonzero(edges[1 - i]) for i in (0, 1)]
    candidates = np.zeros_like(adjacency)
    candidates[np.ix_(*used)] = seed_matches(*ids)[np.ix_(*used)]
    confirmed = adjacency * candidates
    overall = (confirmed.sum() + 1) / (candidates.sum() + 2)
    rate = [
        np.log((confirmed.sum(axis=i) + overall) / (candidates.sum(axis=i) + 1) / overall) for i in (1, 0)
    ]
    found = {}

    def note(values, *knowns):
        for name, value in values.items():
            found[name] = value if all(knowns) else np.nan

    sequences = [[by_id[rna] for rna in names] for by_id, names in zip(RNAS, ids, strict=True)]
    asked = sequences[0][c], sequences[1][m]
    sites = read_sites_by_hand(asked, own, *sequences, adjacency, used, True)
    found |= dict(zip(SITE_COLUMNS, sites, strict=True))
    # paths c - j - i - m
    paths = [(j, i) for j in c_partners for i in m_partners if adjacency[i, j]]
    hubs = {
        "paths": [1.0 for _ in paths],
        "paths_over_expected": [1 / (1 + c_degree[c] * m_degree[m]) for _ in paths],
        "paths_normalized": [
            1 / (np.sqrt(c_degree[c]) * m_degree[j] * c_degree[i] * np.sqrt(m_degree[m])) for j, i in paths
        ],
        "paths_split_by_circrnas": [1 / c_degree[i] for _, i in paths],
        "paths_split_by_all": [1 / (m_degree[j] * c_degree[i]) for j, i in paths],
    }
    note({name: sum(terms) for name, terms in hubs.items()}, *is_known)
    damping = [1 / np.sqrt(each + each[each > 0].mean()) for each in degree]
    left, values, right = np.linalg.svd(damping[0][:, None] * adjacency * damping[1])
    for name, n in {"factors_coarse": 1, "factors_fine": 4}.items():
        shrunk = values[:n] - values[n]
        note({name: (left[c, :n] * shrunk * right[:n, m]).sum()}, *is_known)
    for i, side in enumerate(SIDES):  # a row of the other side weighs what the partners of this one have
        rows = adjacency if i == 0 else adjacency.T
        inverse = np.linalg.inv(rows.T @ rows + 10 * np.eye(rows.shape[1]))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        note({f"partners_{side}": rows[own[i]] @ weights[:, own[1 - i]]}, *is_known)
    for i, side in enumerate(SIDES):
        rna, others = own[i], degree[1 - i][partners[i]]
        note({f"degree_{side}": degree[i][rna]}, is_known[i])
        note({f"partner_degree_{side}": others.sum() / max(len(others), 1)}, is_known[i])
        note({f"confirmed_{side}": rate[i][rna]}, is_known[i])
        for name, weights in votes[i].items():
            voters, won = weights[rna] @ (degree[i] > 0), weights[rna] @ edges[i]
            found[f"known_{side}_{name}"] = scale[i] * voters
            note({f"votes_{side}_{name}": scale[i] * won}, is_known[1 - i])
            note({f"share_{side}_{name}": won / voters if voters > 0 else np.nan}, is_known[1 - i])
    matches = seed_matches(ids[0], [pair[1]])[:, 0]
    for name, weights in votes[0].items():
        found[f"matches_circrna_{name}"] = won = weights[c] @ matches
        found[f"match_share_circrna_{name}"] = won / weights[c].sum() if weights[c].any() else np.nan
    for one, other in product(*votes):
        if one.split("_")[1] == other.split("_")[1]:
            both = votes[0][one][c] @ adjacency @ votes[1][other][m]
            found[f"votes_both_{one}_{other}"] = scale[0] * scale[1] * both
    for alpha in ALPHAS:  # the dual form, in kernels
        hats = [
            kernel[rna, rows]
            @ np.linalg.inv(kernel[np.ix_(rows, rows)] + alpha * len(rows) / len(kernel) * np.eye(len(rows)))
            for kernel, rna, rows in zip(kernels, own, used, strict=True)
        ]
        found[f"ridge_both_{alpha:g}"] = hats[0] @ adjacency[np.ix_(*used)] @ hats[1]
        for i, side in enumerate(SIDES):
            note({f"ridge_{side}_{alpha:g}": hats[i] @ edges[i][used[i]]}, is_known[1 - i])
            found[f"popularity_{side}_{alpha:g}"] = hats[i] @ log_degree(degree[i][used[i]], scale[1 - i])
            found[f"confirmable_{side}_{alpha:g}"] = hats[i] @ rate[i][used[i]]
    return found


def assert_described(actual, neighborhood, X, y, asked, left_out):
    """Compare pairs with what the graph of those pairs of X says that are not left out for each of them."""
    sides = compare_with_training(X)
    for row, pair, is_out in zip(actual, asked, left_out, strict=True):
        kept = np.flatnonzero(~is_out)
        found = brute_force(sides, [X[i] for i in kept], y[kept], pair)
        assert found.keys() == set(neighborhood.columns_)
        expected = np.array([found[name] for name in neighborhood.columns_])
        assert_same(row, expected)


def read_off_edges(columns, novelty):
    """Tell the columns that are read off the edges of an RNA that the view takes for new."""
    starts = ("paths", "factors", "partners")
    for side, other in (("circrna", "mirna"), ("mirna", "circrna")):
        if novelty & Novelty[side.upper()]:
            starts += (f"confirmed_{side}", f"degree_{side}", f"partner_degree_{side}")
            starts += (f"votes_{other}", f"share_{other}", f"ridge_{other}")
    return np.array([name.startswith(starts) for name in columns])
