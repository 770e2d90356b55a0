"""What holds on a GPU."""

import pickle

import numpy as np
import pytest
import torch
from _networks import SCALES

from sklearn_mferl import MFERLClassifier, make_mferl_pipeline
from sklearn_mferl.models import find_network
from sklearn_mferl.ranking import rank_interactions

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def test_a_model_trained_on_a_gpu_scores_alike_on_the_cpu(table, y):
    model = MFERLClassifier(max_epochs=3, device="cuda", random_state=0).fit(table, y)
    on_gpu = model.predict_proba(table)
    restored = pickle.loads(pickle.dumps(model))
    restored.net_.module_.cpu()
    np.testing.assert_allclose(restored.predict_proba(table), on_gpu, atol=1e-4)


@pytest.mark.parametrize(
    ("preset", "epochs"), [("best", "mferl__network__max_epochs"), ("paper", "mferl__max_epochs")]
)
def test_a_pipeline_scores_and_ranks_alike_on_both(data, labelled, preset, epochs):
    pairs, y = labelled
    params = {"preset": preset, "device": "cuda", "random_state": 0, "features__scales": SCALES, epochs: 3}
    model = make_mferl_pipeline(data.circrna, data.mirna, **params).fit(pairs, y)
    n_pairs = len(data.circrna) * len(data.mirna)
    scores, ranking = model.predict_proba(pairs), rank_interactions(model, top_k=n_pairs)
    find_network(model[-1]).net_.module_.cpu()
    np.testing.assert_allclose(model.predict_proba(pairs), scores, atol=1e-4)
    by_pair = ranking.set_index(["circrna", "mirna"])["score"]
    on_cpu = rank_interactions(model, top_k=n_pairs).set_index(["circrna", "mirna"])["score"]
    np.testing.assert_allclose(on_cpu[by_pair.index], by_pair, atol=1e-4)


def test_an_allocation_that_is_too_large_names_what_to_lower(table, y):
    torch.cuda.empty_cache()  # or there is room in what torch has reserved
    torch.cuda.set_per_process_memory_fraction(1e-6)
    try:
        with pytest.raises(MemoryError, match="lower embedding_dim"):
            MFERLClassifier(embedding_dim=1024, max_epochs=1, device="cuda").fit(table, y)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_auto_takes_the_gpu(table, y):
    model = MFERLClassifier(max_epochs=1, random_state=0).fit(table, y)
    assert next(model.net_.module_.parameters()).is_cuda


def test_the_global_cuda_generator_is_untouched(table, y):
    before = torch.cuda.get_rng_state()
    MFERLClassifier(max_epochs=1, device="cuda", random_state=0).fit(table, y)
    assert torch.equal(torch.cuda.get_rng_state(), before)
