"""A parameter that a transformer of RNAs cannot use is refused by its name when fitting."""

import numpy as np
import pytest

from sklearn_mferl import (
    CosineSimilarity,
    Doc2VecEmbedder,
    KmerTransformer,
    LevenshteinSimilarity,
    Role2VecEmbedder,
)

LANDMARKS = "n_landmarks must be a whole number of at least 1, or None"
METRIC = r"metric must be one of 'levenshtein', 'indel'; got"
THRESHOLD = r"threshold must be a number from 0 to 1; got"
VECTORS = {"ACGU": [1.0, 0.0]}
REFUSED = [
    *[
        (KmerTransformer(k=k), r"\bk\b")
        for k in (0, 9, -1, 1.0, "3", None, True, (), (1, 9), (1, "2"), (2, 2), [1, None])
    ],
    *[(LevenshteinSimilarity(metric=m), METRIC) for m in ("Levenshtein", "hamming", None, ["indel"])],
    *[(LevenshteinSimilarity(threshold=t), THRESHOLD) for t in (-0.1, 1.1, float("nan"), "0.5", None)],
    *[(LevenshteinSimilarity(n_landmarks=n), LANDMARKS) for n in (0, -1, 2.5, "all", True)],
    (CosineSimilarity(VECTORS, threshold=1.1), THRESHOLD),
    (CosineSimilarity(), "embeddings= is required"),
    (CosineSimilarity({"a": [1.0]}), "The id 'ACGU' of row 0 is not in embeddings="),
    (Doc2VecEmbedder(vector_size=0), "vector_size must be a whole number of at least 1; got 0"),
    (Doc2VecEmbedder(infer_epochs=0), "infer_epochs must be a whole number"),
    (Doc2VecEmbedder(negative=-1), "negative must be a whole number"),
    (Doc2VecEmbedder(dm=2), r"dm must be 0 \(PV-DBOW\) or 1 \(PV-DM\); got 2"),
    (Doc2VecEmbedder(alpha=0.0), "alpha must be a learning rate above 0"),
    (Doc2VecEmbedder(random_state="x"), "random_state"),
    (Doc2VecEmbedder(min_count=50), "min_count=50"),
    (Doc2VecEmbedder(k=5), r"None of the 1 sequences has a 5-mer .* lower k=5"),
    (Role2VecEmbedder(vector_size=0), "vector_size must be a whole number of at least 1; got 0"),
    (Role2VecEmbedder(wl_iterations=-1), "wl_iterations must be a whole number of at least 0"),
    (Role2VecEmbedder(walk_length=3), "walk_length must exceed window_size; got 3 and 3"),
    (Role2VecEmbedder(engine="fast"), r"engine must be one of \['karateclub', 'native'\]; got 'fast'"),
]


@pytest.mark.parametrize(("transformer", "message"), REFUSED)
def test_a_parameter_out_of_range_is_named(transformer, message):
    pairs = isinstance(transformer, Role2VecEmbedder)
    with pytest.raises(ValueError, match=message):
        transformer.fit([("ACGU", "ACGU")] if pairs else ["ACGU"])


@pytest.mark.parametrize("k", [3, np.int64(3), [3], np.array([3])])
def test_k_may_be_a_number_or_any_sequence_of_numbers(k):
    assert KmerTransformer(k=k).fit(["ACGU"]).k_ == (3,)
