"""Each baseline tells interactions that were held out from other pairs."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_mferl.baselines import (
    DegreeProduct,
    PathCount,
    SeedCount,
    SVDFactorizer,
    make_boosting_pipeline,
)
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs

BOOSTING = {"features__doc2vec": "drop", "boosting__max_iter": 50, "boosting__min_samples_leaf": 2}


@pytest.mark.parametrize(
    ("make", "params", "least"),
    [
        (lambda *_: DegreeProduct(), {}, 0.65),
        (lambda *_: PathCount(), {}, 0.65),
        (lambda *_: PathCount(weighted=False), {}, 0.65),
        (lambda *_: SVDFactorizer(4, random_state=0), {}, 0.65),
        (SeedCount, {"noise": 0.0}, 0.9),
        (
            lambda *rnas: make_boosting_pipeline(*rnas, random_state=0, **BOOSTING),
            {"circrna_length": (60, 200)},
            0.6,
        ),
    ],
    ids=["degrees", "weighted paths", "paths", "factors", "seeds", "boosting"],
)
def test_new_pairs_of_known_rnas_are_told_from_the_rest(make, params, least):
    data = make_cmi(100, 40, random_state=0, **params)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    train = np.arange(len(y)) % 4 > 0
    model = make(data.circrna, data.mirna).fit(pairs[train], y[train])
    assert roc_auc_score(y[~train], model.predict_proba(pairs[~train])[:, 1]) > least
