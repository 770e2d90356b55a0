"""What holds on a GPU."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from sklearn_mferl import KmerTransformer, LevenshteinSimilarity, MFERLClassifier, PairFeatures

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.fixture(scope="module")
def table_and_labels(data, labelled):
    pairs, y = labelled
    scales = [("kmer", KmerTransformer()), ("similarity", LevenshteinSimilarity())]
    return PairFeatures(data.circrna, data.mirna, scales).fit_transform(pairs, y), y


def test_a_model_trained_on_a_gpu_scores_alike_on_the_cpu(table_and_labels):
    table, y = table_and_labels
    model = MFERLClassifier(max_epochs=3, device="cuda", random_state=0).fit(table, y)
    on_gpu = model.predict_proba(table)
    restored = pickle.loads(pickle.dumps(model))
    restored.net_.module_.cpu()
    np.testing.assert_allclose(restored.predict_proba(table), on_gpu, atol=1e-4)


def test_auto_takes_the_gpu(table_and_labels):
    model = MFERLClassifier(max_epochs=1, random_state=0).fit(*table_and_labels)
    assert next(model.net_.module_.parameters()).is_cuda


def test_the_global_cuda_generator_is_untouched(table_and_labels):
    before = torch.cuda.get_rng_state()
    MFERLClassifier(max_epochs=1, device="cuda", random_state=0).fit(*table_and_labels)
    assert torch.equal(torch.cuda.get_rng_state(), before)
