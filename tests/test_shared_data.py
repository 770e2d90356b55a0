"""The main job on real data."""

import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.datasets import load_cmi
from sklearn_mferl.model_selection import labelled_pairs

# a narrower network than by default, and on long RNAs without the two scales that take longest
NARROW = {"mferl__embedding_dim": 64, "mferl__max_epochs": 5}
SHORT_OF_SCALES = {
    **NARROW,
    "mferl__max_epochs": 12,
    "features__doc2vec": "drop",
    "features__similarity": "drop",
}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "preset", "params", "least"),
    [
        ("cmi-9589", "best", {}, 0.97),
        ("cmi-9589", "paper", NARROW, 0.93),
        ("lmi-ingi", "best", {}, 0.98),
        ("lmi-ingi", "paper", SHORT_OF_SCALES, 0.90),
    ],
)
@pytest.mark.usefixtures("few_trees")
def test_the_pipeline_tells_held_out_pairs_from_unknown_ones(shared, name, preset, params, least):
    data, linear = load_cmi(shared / name), name == "lmi-ingi"
    known = data.pairs
    if linear:  # the shorter of the lncRNAs, which have a fraction of the letters
        known = known[known["circrna"].map(data.circrna).str.len() <= (700 if preset == "best" else 1000)]
    elif preset == "best":  # half of the pairs tell enough
        known = known.sample(frac=0.5, random_state=0)
    pairs, y = labelled_pairs(known, random_state=0)
    train, test, y_train, y_test = train_test_split(pairs, y, test_size=0.2, random_state=0)
    model = make_mferl_pipeline(
        data.circrna,
        data.mirna,
        embeddings=data.embeddings or None,
        preset=preset,
        random_state=0,
        features__circular=not linear,
        **params,
    )
    score = model.fit(train, y_train).predict_proba(test)[:, 1]
    assert roc_auc_score(y_test, score) > least
