"""Training RNAs shown as new look as they do to features that were fitted without them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_mferl import (
    CosineSimilarity,
    KmerTransformer,
    LevenshteinSimilarity,
    PairFeatures,
    PairNeighborhood,
    Role2VecEmbedder,
)
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pairs.novelty import VIEWS, Novelty
from sklearn_mferl.utils.validation import SIDES

SCALES = [
    ("kmer", KmerTransformer(k=2)),
    ("role2vec", Role2VecEmbedder(vector_size=4)),
    ("similarity", LevenshteinSimilarity(threshold=0.4)),
]


@pytest.mark.parametrize("side", ["circrna", "mirna"])
@pytest.mark.parametrize("number", [0, 3])
def test_an_rna_as_new_is_one_that_the_features_have_not_seen(data, labelled, side, number):
    pairs, y = labelled
    features = PairFeatures(data.circrna, data.mirna, SCALES, random_state=0)
    shown = getattr(features.fit_transform(pairs, y), side)
    rna = shown.ids[number]
    without = (pairs[side] != rna).to_numpy()
    features.fit(pairs[without], y[without])
    unseen = getattr(features.transform(pairs[~without]), side)
    as_new = shown.as_new().take([number])
    np.testing.assert_array_equal(as_new.scales["kmer"], unseen.scales["kmer"])
    np.testing.assert_array_equal(as_new.scales["role2vec"], unseen.scales["role2vec"])
    assert not as_new.scales["role2vec"].any()
    similarity = as_new.scales["similarity"][0]
    assert similarity[number] == 0
    np.testing.assert_array_equal(np.delete(similarity, number), unseen.scales["similarity"][0])
    np.testing.assert_allclose(as_new.propagated["kmer"], unseen.propagated["kmer"], rtol=1e-5)


def test_of_similarity_by_embeddings_alone_the_own_column_goes_too(data, labelled):
    pairs, y = labelled
    rng = np.random.default_rng(0)
    vectors = pd.DataFrame(rng.normal(size=(len(data.circrna), 3)), index=list(data.circrna))
    features = PairFeatures(None, data.mirna, SCALES, embeddings={"circrna": vectors}, random_state=0)
    table = features.fit_transform(pairs, y).circrna
    assert isinstance(features.scales_["circrna"]["similarity"], CosineSimilarity)
    assert (np.diag(table.scales["similarity"]) > 0.99).all()
    assert not np.diag(table.as_new().scales["similarity"]).any()


def test_what_does_not_depend_on_others_is_shared(data, labelled):
    table = PairFeatures(data.circrna, data.mirna, SCALES, random_state=0).fit_transform(*labelled)
    assert set(table.circrna.cold_scales) == {"role2vec", "similarity"}
    assert table.circrna.as_new().scales["kmer"] is table.circrna.scales["kmer"]


@pytest.mark.slow
@pytest.mark.parametrize("novelty", list(VIEWS), ids=lambda novelty: novelty.name.lower())
def test_no_column_tells_a_pair_shown_as_new_in_training_from_one_that_is_new_in_use(novelty):
    data = make_cmi(200, 100, circrna_length=(200, 600), random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    rng = np.random.default_rng(0)
    # each RNA is new in use once, and shown as new in the other folds, so that both see the same RNAs
    fold = {side: pairs[side].map({rna: rng.integers(6) for rna in pairs[side].unique()}) for side in pairs}
    shown, used = [], []
    for shift in range(3 if novelty == Novelty.BOTH else 1):
        for number in range(6):
            is_new = {"mirna": fold["mirna"] == number, "circrna": fold["circrna"] == (number + shift) % 6}
            of_side = [is_new[side] for side in SIDES if novelty & Novelty[side.upper()]]
            known, new = ~np.any(of_side, axis=0), np.all(of_side, axis=0)
            neighborhood = PairNeighborhood(data.circrna, data.mirna, random_state=0)
            neighborhood.fit(pairs[known], y[known])
            shown.append(neighborhood.cold_views(pairs[known])[VIEWS.index(novelty)])
            used.append(neighborhood.transform(pairs[new]))
    shown, used = np.concatenate(shown), np.concatenate(used)
    in_use = np.repeat([0, 1], [len(shown), len(used)])
    for name, column in zip(neighborhood.columns_, np.concatenate([shown, used]).T, strict=True):
        assert 0.45 < roc_auc_score(in_use, np.nan_to_num(column, nan=-1e9)) < 0.55, name
