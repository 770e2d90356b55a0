"""What a user with types writes; it is read by a type checker, not run."""

from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl import (
    CTDTransformer,
    KmerTransformer,
    MFERLClassifier,
    PairFeatures,
    SiteClassifier,
    TargetSites,
    load_model,
    make_mferl_pipeline,
    save_model,
)
from sklearn_mferl.baselines import PathCount, SeedCount
from sklearn_mferl.datasets import CMIData, load_cmi, make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.features import SequenceTransformer
from sklearn_mferl.inspection import Explanation, applicability, explain
from sklearn_mferl.metrics import interaction_scores
from sklearn_mferl.model_selection import ColdStartKFold, labelled_pairs
from sklearn_mferl.plotting import plot_roc
from sklearn_mferl.ranking import rank_interactions, rank_sites


class Length(SequenceTransformer):
    """A scale of one's own."""

    def _fit(self, sequences: NDArray[np.object_]) -> None:
        self.n_features_out_ = 1

    def _transform(self, sequences: NDArray[np.object_]) -> NDArray[np.float32]:
        return np.array([[len(sequence)] for sequence in sequences], dtype=np.float32)

    def _feature_names(self) -> list[str]:
        return ["length"]


def use(folder: Path) -> pd.DataFrame:
    save_cmi(make_cmi(30, 12, circrna_length=(60, 200), random_state=0), folder)
    data = assert_type(load_cmi(folder), CMIData)
    pairs, y = labelled_pairs(data.pairs, random_state=np.random.RandomState(0))
    assert_type(pairs, pd.DataFrame)

    scales = [("kmer", KmerTransformer(k=(1, 2))), ("ctd", CTDTransformer()), ("length", Length())]
    features = PairFeatures(data.circrna, data.mirna, scales, evidence=[("sites", TargetSites())])
    table = features.fit_transform(pairs, y)
    network = assert_type(MFERLClassifier(16, max_epochs=2).fit(table, y), MFERLClassifier)
    scores = assert_type(network.predict_proba(table), NDArray[np.float64])[:, 1]
    assert_type(interaction_scores(y, scores), dict[str, float])

    models = {"paths": PathCount(), "seeds": SeedCount(data.circrna, data.mirna)}
    found = cross_validate_pairs(models, pairs, y, split=ColdStartKFold(3, on="both"))
    assert_type(found.summary(), pd.DataFrame)
    plot_roc(found.by_fold()).set_title("new circRNAs")

    model = make_mferl_pipeline(data.circrna, data.mirna, preset="paper", mferl__max_epochs=2).fit(pairs, y)
    save_model(model, folder / "model.mferl")
    model = load_model(folder / "model.mferl")
    assert_type(rank_interactions(model, known=data.pairs, top_k=5), pd.DataFrame)
    assert_type(rank_interactions(model, out=folder / "ranking.csv"), Path)
    assert_type(explain(model, pairs[:2]), Explanation)
    SiteClassifier.pretrained().predict([("AACUACCUCA", "UGAGGUAGUAGG")])
    assert_type(rank_sites(data.circrna, data.mirna), pd.DataFrame)
    return applicability(model, pairs)


def misuse() -> None:
    """Each line is an error, or the comment behind it is one too many."""
    MFERLClassifier(lr="fast")  # type: ignore[arg-type]
    MFERLClassifier(attention="all")  # type: ignore[arg-type]
    make_mferl_pipeline({"circ": "ACGU"})  # type: ignore[call-arg]
    rank_interactions(None, per="rna")  # type: ignore[call-overload]
