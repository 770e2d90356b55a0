"""The free alignment of a miRNA with a stretch of target has the best score, that of a plain recursion."""

import numpy as np
from _builders import random_rnas
from _rna_strings import best_free_score, written_score

from sklearn_mferl.evidence.sites.free_duplex import align_freely
from sklearn_mferl.features.rna_codes import encode_rnas


def test_alignments_are_the_best_and_written_as_they_are():
    rng = np.random.default_rng(0)
    targets, mirnas = random_rnas([16] * 300, rng, "ACGUN"), random_rnas([12] * 300, rng, 6 * "ACGU" + "N")
    found = align_freely(encode_rnas(targets).first_letters(16), encode_rnas(mirnas).first_letters(12))
    for row, (target, bars, mirna, first, end) in enumerate(zip(*found, strict=True)):
        assert target.replace("-", "") == targets[row][first:end]
        aligned = mirna.replace("-", "")
        starts = [i + 1 for i in range(12) if mirnas[row].startswith(aligned, i)]
        scores = [written_score(target, bars, mirna, start) for start in starts]
        assert best_free_score(targets[row], mirnas[row]) in scores


def test_what_pairs_nowhere_has_an_empty_alignment():
    found = align_freely(np.full((1, 9), 0, np.uint8), np.full((1, 8), 0, np.uint8))
    assert (found.target, found.bars, found.mirna) == ([""], [""], [""])
