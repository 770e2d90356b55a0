"""What the page says of the labels: measured on the pairs of the page, not on somebody else's."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sklearn_mferl.baselines import has_seed_match
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.report.figures import WORDS
from sklearn_mferl.report.page.parts import Section
from sklearn_mferl.utils.validation import SIDES

_MADE: Final = (
    "Read the figures with this in mind. Many lists of circRNA–miRNA interactions were made with target "
    "prediction, or filtered by it: a model that finds seed matches has then found the filter."
)
_NEGATIVES: Final = (
    "Negatives are pairs that nobody has reported, not pairs shown not to interact. A high AUC says that a "
    "model reproduces such a list; it does not say that the next pair of its ranking will be confirmed in "
    "the laboratory."
)


def describe_labels(data: CMIData, result: CrossValidation, *, circular: bool) -> Section:
    """Write the section on the labels: how many pairs have a seed match, and how far simple scores come.

    `result` is the cross-validation on new pairs, of the model beside the baselines.
    """
    paragraphs = [
        _MADE,
        f"{_seed_matches(data, result.scores, circular)} {_simple_scores(result)}",
        _NEGATIVES,
    ]
    return Section("labels", "What the labels are", paragraphs)


def _seed_matches(data: CMIData, scores: pd.DataFrame, circular: bool) -> str:
    sequences = {"circrna": data.circrna, "mirna": data.mirna}
    without = [WORDS[side] for side in SIDES if sequences[side] is None]
    if without:
        return (
            "Here it cannot be measured how many pairs have a match of the seed: there are no sequences of "
            f"the {' and '.join(without)}."
        )
    has_match = has_seed_match(scores, data.circrna, data.mirna, circular=circular)
    label = scores["label"].to_numpy() == 1
    return (
        f"Here {has_match[label].mean():.0%} of the {label.sum():,} known interactions have a match of "
        "nucleotides 2 to 8 of the miRNA (an 8mer or 7mer-m8 site), and "
        f"{has_match[~label].mean():.0%} of the {(~label).sum():,} pairs drawn as negatives."
    )


def _simple_scores(result: CrossValidation) -> str:
    auc = result.summary()["auc"].str.replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")
    words = {"seed count": "seed sites alone", "path count": "paths of known interactions alone"}
    words = {name: what for name, what in words.items() if name in auc}
    found = [f"{what} reach an AUC of {auc[name]}" for name, what in words.items()]
    return f"On new pairs, {' and '.join(found)}: a model is worth what it adds to that."
