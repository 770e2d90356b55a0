from __future__ import annotations

import numpy as np
import pytest
from _rna_strings import reverse_complement, target_letter
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sklearn_mferl.evidence.graph.site_atlas import SiteAtlas, take_pairs
from sklearn_mferl.features.rna_codes import encode_rnas

SEEDS = ("GAGGUAG", "GGAAUGU", "UUGGCAC")
SITES = tuple(reverse_complement(seed) for seed in SEEDS)
COLUMNS = (
    "site_confirmed_15",
    "sites_around_15",
    "site_confirmed_60",
    "sites_around_60",
    "same_site_confirmed",
)


def random_rna(length, rng):
    return "".join(rng.choice(list("ACGU"), length))


FILLING = "".join(np.random.default_rng(0).choice(["A", "C"], 400))  # without a match of any of the seeds


def filling(length):
    return FILLING[:length]


def mirna_with(seed):
    return "U" + seed + "ACGUACGUACGUA"


def with_sites(length, sites):
    """Return an RNA with sites at the given windows and nothing else."""
    letters = list(filling(length))
    for window, site in sites.items():
        for i, letter in enumerate(site):
            letters[(window + i) % length] = letter
    return "".join(letters)


def adjacency_of(edges, shape):
    dense = np.zeros(shape, dtype=np.float32)
    for edge in edges:
        dense[edge] = 1
    return sparse.csr_array(dense)


def all_of(adjacency):
    return tuple(np.arange(n) for n in adjacency.shape)


def read(atlas, training_mirnas, circrnas, mirnas, edges, *, known=None, used=None):
    """Read every pair of the circRNAs and miRNAs; they are those of training where `known` does not say."""
    known = [np.arange(len(circrnas)), np.arange(len(mirnas))] if known is None else known
    known = [np.asarray(rows, dtype=np.int64) for rows in known]
    rows = np.array([(c, m) for c in range(len(circrnas)) for m in range(len(mirnas))])
    adjacency = adjacency_of(edges, (len(atlas.circrnas.lengths), len(training_mirnas)))
    sites = atlas.locate(encode_rnas(circrnas), encode_rnas(mirnas), rows, known[0])
    own = known[0][rows[:, 0]], known[1][rows[:, 1]]
    found = atlas.read(sites, own, adjacency, all_of(adjacency) if used is None else used)
    return {name: values.reshape(len(circrnas), len(mirnas)) for name, values in found.items()}


def share(near, known, average):
    return (near + 0.5 * average) / (known + 0.5)


# By hand ------------------------------------------------------------------------------------------------


def windows_by_hand(circrna, mirna, circular):
    """Return where the letters opposite to nucleotides 8 to 2 start."""
    word = reverse_complement(mirna[:8].ljust(8, "-")[1:])
    starts = range(len(circrna)) if circular else range(len(circrna) - 6)
    if circular and len(circrna) < 8:
        return []
    return [
        start
        for start in starts
        if "".join(target_letter(circrna, start + i, circular) for i in range(7)) == word
    ]


def copies_by_hand(circrna, window, own, circrnas, circular):
    """Return where else the 16 letters around a window stand, and the window itself in a training RNA."""
    start = window - 4
    if not circular:
        start = max(min(start, len(circrna) - 16), 0)
    word = "".join(target_letter(circrna, start + i, circular) for i in range(16))
    copies = []
    if len(circrna) >= 16 and set(word) <= set("ACGU"):
        for number, rna in enumerate(circrnas):
            text = rna + rna[:15] if circular else rna
            if number != own and len(rna) >= 16:
                copies += [
                    (number, at + window - start) for at in range(len(text) - 15) if text.startswith(word, at)
                ]
    return copies + ([(own, window)] if own >= 0 else [])


def read_by_hand(pair, own, circrnas, mirnas, adjacency, used, circular):
    known = [
        (i, j, window)
        for i in used[0]
        for j in used[1]
        for window in windows_by_hand(circrnas[i], mirnas[j], circular)
    ]
    average = (sum(adjacency[i, j] for i, j, _ in known) + 0.5) / (len(known) + 1)
    best = dict.fromkeys(("15", "60", "same"), (np.nan, np.nan))
    for window in windows_by_hand(*pair, circular):
        sums = {kind: [0.0, 0.0] for kind in best}
        for number, at in copies_by_hand(pair[0], window, own[0], circrnas, circular):
            for i, j, other in known:
                distance = abs(other - at)
                if circular:
                    distance %= len(circrnas[number])
                    distance = min(distance, len(circrnas[number]) - distance)
                if i != number or distance > 180:
                    continue
                weights = {width: np.exp(-0.5 * (distance / int(width)) ** 2) for width in ("15", "60")}
                if j == own[1]:
                    weights = {"same": 1.0} if distance == 0 and i != own[0] else {}
                for kind, weight in weights.items():
                    sums[kind][0] += weight * adjacency[i, j]
                    sums[kind][1] += weight
        for kind, (near, weight) in sums.items():
            if weight > 0 and not share(near, weight, average) < best[kind][0]:
                best[kind] = share(near, weight, average), weight
    return [*best["15"], *best["60"], best["same"][0]]


def make_world(seed):
    """Return training RNAs, others that share stretches, edges, what of them is known, and what is used."""
    rng = np.random.default_rng(seed)
    pieces = [random_rna(rng.integers(3, 25), rng) + SITES[i % 3] for i in range(5)] + [random_rna(90, rng)]

    def make_circrna():
        rna = "".join(pieces[i] for i in rng.integers(0, len(pieces), rng.integers(2, 6)))
        start = rng.integers(len(rna))
        rna = rna[start:] + rna[:start]
        if rng.random() < 0.2:
            rna = rna[:start] + "N" + rna[start + 1 :]
        return rna if rng.random() < 0.9 else rna[: rng.integers(1, 20)]

    circrnas = [make_circrna() for _ in range(6)]
    new = [make_circrna() for _ in range(2)] + [circrnas[0]]
    mirnas = [random_rna(1, rng) + SEEDS[i % 3] + random_rna(8, rng) for i in range(4)] + ["UGAG"]
    used = tuple(np.flatnonzero(rng.random(n) < 0.8) for n in (6, 5))
    edges = [(i, j) for i in used[0] for j in used[1] if rng.random() < 0.4]
    known = [*range(6), -1, -1, -1], [*range(5), -1]
    return circrnas, mirnas, [*circrnas, *new], [*mirnas, mirna_with(SEEDS[0])], edges, known, used


@pytest.mark.slow
@pytest.mark.parametrize("circular", [True, False])
@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_all_columns_are_those_of_counting_by_hand(circular, seed):
    circrnas, mirnas, asked_circrnas, asked_mirnas, edges, known, used = make_world(seed)
    atlas = SiteAtlas(circrnas, mirnas, circular=circular)
    found = read(atlas, mirnas, asked_circrnas, asked_mirnas, edges, known=known, used=used)
    assert tuple(found) == COLUMNS
    adjacency = adjacency_of(edges, (6, 5)).toarray().astype(float)
    for c, circrna in enumerate(asked_circrnas):
        for m, mirna in enumerate(asked_mirnas):
            own = known[0][c], known[1][m]
            expected = read_by_hand((circrna, mirna), own, circrnas, mirnas, adjacency, used, circular)
            actual = [values[c, m] for values in found.values()]
            np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


def test_the_worlds_have_something_to_count():
    finite = []
    for seed in range(5):
        circrnas, mirnas, asked_circrnas, asked_mirnas, edges, known, used = make_world(seed)
        atlas = SiteAtlas(circrnas, mirnas, circular=True)
        found = read(atlas, mirnas, asked_circrnas, asked_mirnas, edges, known=known, used=used)
        finite.append([np.isfinite(values).mean() for values in found.values()])
    assert np.min(np.mean(finite, axis=0)) > 0.1


@pytest.mark.parametrize("circular", [True, False])
@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_matches_are_those_of_comparing_strings(circular, seed):
    circrnas, mirnas, *_ = make_world(seed)
    atlas = SiteAtlas(circrnas, mirnas, circular=circular)
    expected = [
        (c, window, m)
        for c, circrna in enumerate(circrnas)
        for m, mirna in enumerate(mirnas)
        for window in windows_by_hand(circrna, mirna, circular)
    ]
    found = zip(atlas.site_circrna, atlas.site_window, atlas.site_mirna, strict=True)
    assert list(found) == sorted(expected)
    dense = np.zeros((6, 5))
    for c, _, m in expected:
        dense[c, m] = 1
    np.testing.assert_array_equal(atlas.matches.toarray(), dense)


# Around the circle, and at the ends ---------------------------------------------------------------------


@pytest.mark.parametrize(("circular", "distance"), [(True, 13), (False, None)])
def test_a_confirmed_site_across_the_origin_is_near_on_a_circle_alone(circular, distance):
    circrna = with_sites(200, {3: SITES[0], 190: SITES[1]})  # 13 apart on the circle, 187 on the line
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    found = read(SiteAtlas([circrna], mirnas, circular=circular), mirnas, [circrna], mirnas, [(0, 1)])
    if distance is None:
        assert np.isnan(found["site_confirmed_60"]).all()
        return
    average = (1 + 0.5) / (2 + 1)
    weight = np.exp(-0.5 * (distance / 15) ** 2)
    assert found["sites_around_15"][0, 0] == pytest.approx(weight)
    assert found["site_confirmed_15"][0, 0] == pytest.approx(share(weight, weight, average))
    assert found["site_confirmed_15"][0, 1] == pytest.approx(share(0, weight, average))


def test_a_site_astride_the_origin_is_one_of_a_circle_alone():
    circrna = with_sites(100, {97: SITES[0], 20: SITES[1]})
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    for circular, is_known in ((True, True), (False, False)):
        atlas = SiteAtlas([circrna], mirnas, circular=circular)
        found = read(atlas, mirnas, [circrna], mirnas, [(0, 1)])
        assert np.isfinite(found["site_confirmed_60"][0, 0]) == is_known
        assert atlas.matches.toarray().tolist() == [[float(is_known), 1]]


def test_where_a_circle_is_opened_changes_nothing():
    circrna = with_sites(150, {10: SITES[0], 40: SITES[1], 141: SITES[2]})
    mirnas = [mirna_with(seed) for seed in SEEDS]
    expected = None
    for start in range(0, 150, 7):
        opened = circrna[start:] + circrna[:start]
        atlas = SiteAtlas([opened, opened[5:] + opened[:5]], mirnas, circular=True)
        found = read(atlas, mirnas, [opened, circrna], mirnas, [(0, 1), (1, 2)], known=([0, -1], range(3)))
        expected = found if expected is None else expected
        for name, values in found.items():
            np.testing.assert_allclose(values, expected[name], rtol=1e-12)


@pytest.mark.parametrize("window", [0, 2, 4, 20, 29, 31, 33])
def test_a_site_at_either_end_of_a_linear_rna_finds_the_same_stretch_inside_another(window):
    rng = np.random.default_rng(window)
    piece = list(random_rna(40, rng))
    piece[window : window + 7] = SITES[0]
    piece = "".join(piece)
    inside = filling(70) + piece + filling(30)
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    atlas = SiteAtlas([inside], mirnas, circular=False)
    found = read(atlas, mirnas, [piece], mirnas[:1], [(0, 0)], known=([-1], [0]))
    assert found["same_site_confirmed"][0, 0] == pytest.approx(share(1, 1, 1.5 / 2))


# The same stretch elsewhere -----------------------------------------------------------------------------


def test_a_new_circrna_sees_the_confirmed_sites_where_a_training_one_has_the_same_stretch():
    training = with_sites(300, {100: SITES[0], 110: SITES[1]})
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    isoform = training[40:160]
    other = filling(30) + "G" * 5 + SITES[0] + "G" * 40  # has the site, but not the stretch
    atlas = SiteAtlas([training], mirnas, circular=True)
    found = read(atlas, mirnas, [isoform, other], mirnas, [(0, 1)], known=([-1, -1], [0, 1]))
    average, weight = 1.5 / 3, np.exp(-0.5 * (10 / 15) ** 2)
    assert found["site_confirmed_15"][0, 0] == pytest.approx(share(weight, weight, average))
    assert found["same_site_confirmed"][0].tolist() == pytest.approx(
        [share(0, 1, average), share(1, 1, average)]
    )
    assert all(np.isnan(values[1]).all() for values in found.values())


def test_letters_other_than_the_four_make_no_stretch():
    circrna = with_sites(100, {50: SITES[0]})
    mirnas = [mirna_with(SEEDS[0])]
    for at, is_seen in ((45, True), (46, False), (61, False), (62, True)):
        gapped = circrna[:at] + "N" + circrna[at + 1 :]
        for training, asked in ((circrna, gapped), (gapped, circrna), (gapped, gapped)):
            atlas = SiteAtlas([training], mirnas, circular=True)
            found = read(atlas, mirnas, [asked], mirnas, [(0, 0)], known=([-1], [0]))
            assert np.isfinite(found["same_site_confirmed"][0, 0]) == is_seen


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize(("length", "is_seen"), [(15, False), (16, True)])
def test_a_circrna_shorter_than_a_stretch_has_no_copies_but_sees_itself(circular, length, is_seen):
    short = with_sites(length, {0: SITES[0], 7: SITES[1]})
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    atlas = SiteAtlas([short], mirnas, circular=circular)
    new = read(atlas, mirnas, [short], mirnas, [(0, 1)], known=([-1], [0, 1]))
    itself = read(atlas, mirnas, [short], mirnas, [(0, 1)])
    assert np.isfinite(new["same_site_confirmed"]).all() == is_seen
    assert np.isfinite(new["site_confirmed_15"]).all() == is_seen
    assert np.isfinite(itself["site_confirmed_15"]).all()
    assert np.isnan(itself["same_site_confirmed"]).all()


def test_at_most_50_copies_of_a_stretch_are_looked_at():
    circrna = with_sites(60, {20: SITES[0], 30: SITES[1]})
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    weight = np.exp(-0.5 * (10 / 15) ** 2)
    for n in (49, 50, 70):
        atlas = SiteAtlas([circrna] * n, mirnas, circular=True)
        found = read(atlas, mirnas, [circrna], mirnas, [(0, 0)], known=([-1], [0, 1]))
        assert found["sites_around_15"][0, 0] == pytest.approx(min(n, 50) * weight)
    last = read(atlas, mirnas, [circrna], mirnas, [(69, 0)])  # row 0 is one of the 50 copies itself
    assert last["same_site_confirmed"][0, 0] == pytest.approx(share(0, 49, 1.5 / 141))


def test_a_stretch_that_repeats_within_a_circrna_counts_each_time():
    unit = with_sites(40, {10: SITES[0]})
    mirnas = [mirna_with(SEEDS[0])]
    atlas = SiteAtlas([unit * 3, unit + filling(200)], mirnas, circular=True)
    found = read(atlas, mirnas, [unit], mirnas, [(0, 0)], known=([-1], [0]))
    assert found["same_site_confirmed"][0, 0] == pytest.approx(share(3, 4, 3.5 / 5))


# What never counts --------------------------------------------------------------------------------------


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_the_own_edge_of_a_pair_never_counts(seed):
    circrnas, mirnas, *_ = make_world(seed)
    atlas = SiteAtlas(circrnas, mirnas, circular=True)
    n_sites = np.zeros((6, 5), dtype=int)
    np.add.at(n_sites, (atlas.site_circrna, atlas.site_mirna), 1)
    rng = np.random.default_rng(seed)
    for c, m in np.argwhere(n_sites > 0)[:6]:
        edges = {(i, j) for i in range(6) for j in range(5) if rng.random() < 0.4} - {(c, m)}
        before, after = (
            read(atlas, mirnas, circrnas, mirnas, each) for each in (sorted(edges), sorted(edges | {(c, m)}))
        )
        averages = [
            (sum(n_sites[edge] for edge in each) + 0.5) / (n_sites.sum() + 1)
            for each in (edges, edges | {(c, m)})
        ]
        for width in ("15", "60"):  # nothing but the average of all sites, to which every share is drawn
            weight = before[f"sites_around_{width}"][c, m]
            change = after[f"site_confirmed_{width}"][c, m] - before[f"site_confirmed_{width}"][c, m]
            if after[f"sites_around_{width}"][c, m] == weight:
                np.testing.assert_allclose(
                    change, 0.5 * (averages[1] - averages[0]) / (weight + 0.5), atol=1e-9
                )
        same = before["same_site_confirmed"][c, m], after["same_site_confirmed"][c, m]
        assert np.isnan(same[0]) == np.isnan(same[1])
        assert not same[1] - same[0] > 0.5 * (averages[1] - averages[0]) / 1.5 + 1e-9


def test_the_own_mirna_counts_at_the_same_site_of_other_circrnas_alone():
    circrna = with_sites(200, {50: SITES[0], 70: SITES[0]})  # two sites of the same miRNA, and no other
    mirnas = [mirna_with(SEEDS[0]), mirna_with(SEEDS[1])]
    atlas = SiteAtlas([circrna, circrna], mirnas, circular=True)
    found = read(atlas, mirnas, [circrna], mirnas[:1], [(0, 0)], known=([0], [0]))
    assert np.isnan(found["site_confirmed_60"][0, 0])
    assert found["same_site_confirmed"][0, 0] == pytest.approx(share(0, 1, 2.5 / 5))
    found = read(atlas, mirnas, [circrna], mirnas[:1], [(1, 0)], known=([0], [0]))
    assert found["same_site_confirmed"][0, 0] == pytest.approx(share(1, 1, 2.5 / 5))


def test_a_new_mirna_of_the_same_family_sees_the_site_itself():
    circrna, mirnas = with_sites(100, {50: SITES[0]}), [mirna_with(SEEDS[0])]
    atlas = SiteAtlas([circrna], mirnas, circular=True)
    found = read(atlas, mirnas, [circrna], ["A" + SEEDS[0] + "CC"], [(0, 0)], known=([0], [-1]))
    assert found["sites_around_15"][0, 0] == 1
    assert np.isnan(found["same_site_confirmed"][0, 0])


@pytest.mark.parametrize("circular", [True, False])
@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_an_rna_that_is_left_out_counts_no_more_than_one_that_never_was_there(circular, seed):
    circrnas, mirnas, _, _, edges, _, used = make_world(seed)
    if not (len(used[0]) and len(used[1])):
        return
    whole = SiteAtlas(circrnas, mirnas, circular=circular)
    rest = [[circrnas[i] for i in used[0]], [mirnas[j] for j in used[1]]]
    part = SiteAtlas(*rest, circular=circular)
    place = [{row: number for number, row in enumerate(rows)} for rows in used]
    found = read(whole, mirnas, circrnas, mirnas, edges, used=used)
    expected = read(
        *(part, rest[1], circrnas, mirnas, [(place[0][i], place[1][j]) for i, j in edges]),
        known=[[place[side].get(row, -1) for row in range(n)] for side, n in enumerate((6, 5))],
    )
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)


def test_without_any_site_everything_is_nan():
    circrnas, mirnas = [filling(50), "N" * 30, "A"], [mirna_with(SEEDS[0]), "U", "NNNNNNNN"]
    for circular in (True, False):
        atlas = SiteAtlas(circrnas, mirnas, circular=circular)
        assert atlas.matches.nnz == 0
        found = read(
            atlas, mirnas, [*circrnas, filling(50)], mirnas, [(0, 0)], known=([0, 1, 2, -1], [0] * 3)
        )
        assert all(np.isnan(values).all() for values in found.values())


# Order, batches, subsets --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world():
    """Return an atlas, and the RNAs and rows to ask for."""
    circrnas, mirnas, asked_circrnas, asked_mirnas, edges, known, used = make_world(1)
    atlas = SiteAtlas(circrnas, mirnas, circular=True)
    rows = np.array([(c, m) for c in range(len(asked_circrnas)) for m in range(len(asked_mirnas))])
    known = [np.array(rows) for rows in known]
    return atlas, asked_circrnas, asked_mirnas, rows, known, adjacency_of(edges, (6, 5)), used


def table_of(world, rows, sites=None):
    atlas, _, _, _, known, adjacency, used = world
    sites = locate(world, rows) if sites is None else sites
    own = known[0][rows[:, 0]], known[1][rows[:, 1]]
    return np.column_stack(list(atlas.read(sites, own, adjacency, used).values()))


def locate(world, rows):
    atlas, circrnas, mirnas, _, known, _, _ = world
    return atlas.locate(encode_rnas(circrnas), encode_rnas(mirnas), rows, known[0])


def test_order_repetition_and_batch_of_the_pairs_change_nothing(world):
    rows = world[3]
    whole = table_of(world, rows)
    assert np.isfinite(whole).any(axis=0).all()
    order = np.random.default_rng(0).permutation([*range(len(rows)), 3, 3, 20])
    np.testing.assert_array_equal(table_of(world, rows[order]), whole[order])
    alone = np.concatenate([table_of(world, rows[[row]]) for row in range(len(rows))])
    np.testing.assert_array_equal(alone, whole)


def test_the_order_of_the_rnas_asked_for_changes_nothing(world):
    atlas, circrnas, mirnas, rows, known, adjacency, used = world
    turned = (
        *(atlas, circrnas[::-1], mirnas[::-1], rows),
        *([side[::-1] for side in known], adjacency, used),
    )
    other = np.array([len(circrnas), len(mirnas)]) - 1 - rows
    np.testing.assert_array_equal(table_of(turned, other), table_of(world, rows))


def test_the_size_of_blocks_changes_nothing(world, monkeypatch):
    circrnas, mirnas, *_ = make_world(1)
    located = locate(world, world[3])
    monkeypatch.setattr("sklearn_mferl.evidence.graph.site_atlas._CELLS_AT_ONCE", 7)
    monkeypatch.setattr("sklearn_mferl.evidence.sites.rna_pairs._BLOCK_COST", 150)
    atlas = SiteAtlas(circrnas, mirnas, circular=True)
    for name in ("site_circrna", "site_window", "site_mirna", "words"):
        np.testing.assert_array_equal(getattr(atlas, name), getattr(world[0], name))
    for actual, expected in zip(locate((atlas, *world[1:]), world[3]), located, strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("taken", [[], [4], [30, 2, 2, 41, 2], range(5, 25), range(53, -1, -1)])
def test_taking_pairs_is_locating_them(world, taken):
    rows, taken = world[3], np.array(taken, dtype=np.int64)
    found = take_pairs(locate(world, rows), taken)
    for actual, expected in zip(found, locate(world, rows[taken]), strict=True):
        np.testing.assert_array_equal(actual, expected)
    assert found.first_copy[0] == 0
    assert found.first_copy[-1] == len(found.copy_circrna) == len(found.copy_window)
    np.testing.assert_array_equal(table_of(world, rows[taken], found), table_of(world, rows)[taken])


def test_reading_leaves_the_atlas_and_the_sites_as_they_were(world):
    sites = locate(world, world[3])
    before = [values.copy() for values in sites], world[0].site_window.copy(), world[0].matches.copy()
    table_of(world, world[3], sites)
    for values, expected in zip(sites, before[0], strict=True):
        np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(world[0].site_window, before[1])
    assert (world[0].matches != before[2]).nnz == 0
