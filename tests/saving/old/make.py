"""Keep a small model of the default kind, with its scores: ``PYTHONPATH=CHECKOUT python make.py NAME``."""

import gzip
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from sklearn.tree import DecisionTreeClassifier

from sklearn_mferl import (
    CTDTransformer,
    KmerTransformer,
    LevenshteinSimilarity,
    make_mferl_pipeline,
    save_model,
)
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs

HERE = Path(__file__).parent
PARAMS = {
    "features__background": 0,
    "features__binding": "drop",  # megabytes
    "features__scales": [
        ("kmer", KmerTransformer(k=1)),
        ("ctd", CTDTransformer()),
        ("similarity", LevenshteinSimilarity()),
    ],
    "mferl__network__max_epochs": 1,
    "mferl__network__embedding_dim": 2,
    "mferl__evidence__max_epochs": 1,
    "mferl__evidence__width": 2,
    "mferl__evidence__n_members": 1,
    "mferl__boosting__estimator": DecisionTreeClassifier(max_depth=2),
}


def make():
    """Return the content of the file, pairs and their scores."""
    torch.set_num_threads(1)
    data = make_cmi(12, 6, circrna_length=(30, 60), random_state=0)
    pairs, y = labelled_pairs(data.pairs, random_state=0)
    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0, **PARAMS).fit(pairs, y)
    with TemporaryDirectory() as folder:
        content = save_model(model, Path(folder) / "model.mferl").read_bytes()
    return content, pairs.to_numpy().tolist(), model.predict_proba(pairs)[:, 1].tolist()


if __name__ == "__main__":
    content, pairs, scores = make()
    (HERE / f"{sys.argv[1]}.mferl.gz").write_bytes(gzip.compress(content, mtime=0))
    (HERE / f"{sys.argv[1]}.json").write_text(json.dumps({"pairs": pairs, "scores": scores}) + "\n")
