"""The free alignment of a miRNA with a stretch of target has the best score, that of a plain recursion."""

from __future__ import annotations

import numpy as np

from sklearn_mferl.evidence.sites.free_duplex import align_freely

LETTERS = "ACGUN"
WATSON_CRICK, WOBBLE = {"AU", "UA", "CG", "GC"}, {"GU", "UG"}


def pair_score(target, mirna, place):
    score = 5 if target + mirna in WATSON_CRICK else 1 if target + mirna in WOBBLE else -3
    return 4 * score if 1 <= place <= 7 else score


def best_score(target, mirna):
    table = np.full((3, len(mirna) + 1, len(target) + 1), -1e6)
    for i, m in enumerate(mirna, start=1):
        for j, t in enumerate(target, start=1):
            table[0, i, j] = max(0, table[:, i - 1, j - 1].max()) + pair_score(t, m, i - 1)
            table[1, i, j] = max(table[0, i - 1, j] - 9, table[1, i - 1, j] - 4)
            table[2, i, j] = max(table[0, i, j - 1] - 9, table[2, i, j - 1] - 4)
    return max(0, table[0].max())


def score_of(target, bars, mirna, place):
    """Score a written alignment whose first nucleotide of the miRNA is at a place."""
    score, gap = 0, None
    for t, bar, m in zip(target, bars, mirna, strict=True):
        if "-" in (t, m):
            now = "target" if t == "-" else "mirna"
            score -= 4 if gap == now else 9
            gap = now
            assert bar == " "
        else:
            gap = None
            score += pair_score(t, m, place)
            assert bar == ("|" if t + m in WATSON_CRICK else ":" if t + m in WOBBLE else " ")
        place += m != "-"
    return score


def test_alignments_are_the_best_and_written_as_they_are():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 5, (300, 16)).astype(np.uint8)
    mirnas = rng.choice(5, (300, 12), p=[0.24, 0.24, 0.24, 0.24, 0.04]).astype(np.uint8)
    found = align_freely(targets, mirnas)
    for row, (target, bars, mirna, first, end) in enumerate(zip(*found, strict=True)):
        letters, whole = ("".join(LETTERS[code] for code in codes[row]) for codes in (targets, mirnas))
        assert target.replace("-", "") == letters[first:end]
        aligned = mirna.replace("-", "")
        places = [i for i in range(len(whole)) if whole[i : i + len(aligned)] == aligned]
        assert best_score(letters, whole) in [score_of(target, bars, mirna, place) for place in places]


def test_what_pairs_nowhere_has_an_empty_alignment():
    found = align_freely(np.full((1, 9), 0, np.uint8), np.full((1, 8), 0, np.uint8))
    assert (found.target, found.bars, found.mirna) == ([""], [""], [""])
