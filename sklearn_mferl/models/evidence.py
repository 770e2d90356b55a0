"""What classifiers of the evidence for pairs have in common."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.evidence import default_evidence
from sklearn_mferl.models.base import PairClassifier
from sklearn_mferl.models.training_data import LabelledPairs
from sklearn_mferl.pairs import PairFeatures, PairTable, RNATable
from sklearn_mferl.pairs.novelty import VIEWS, Novelty


class EvidenceClassifier(PairClassifier):
    """A classifier that reads the evidence for a pair, and nothing of its RNAs.

    It is two: one for pairs of known RNAs, and one for those with an RNA that has no known interaction. Views
    of training pairs as if their RNAs were new take from the one what the other needs.
    """

    _n_seeds = 1

    def _default_features(self) -> PairFeatures:
        return PairFeatures(scales=[], evidence=default_evidence())

    def _split_matrix(self, X: NDArray[Any]) -> PairTable:
        distinct, inverse = np.unique(X, axis=0, return_inverse=True)
        side = RNATable(np.arange(len(distinct)).astype(str).astype(object), {}, {})
        rows = np.column_stack([inverse.ravel()] * 2)
        return PairTable(side, side, rows, {"features": X.astype(np.float32)})

    def _learn(self, data: LabelledPairs, seeds: list[int]) -> None:
        if not data.table.evidence:
            raise ValueError(
                "These pairs carry no evidence; give evidence= to PairFeatures, with sequences or embeddings "
                "that it can read."
            )
        self._channels = _channels(data.table)
        self._learned_views = bool(data.table.cold_evidence)

    def _logits(self, table: PairTable, novelty: NDArray[np.int64]) -> NDArray[np.float64]:
        evidence = self._read_evidence(table)
        is_new = (novelty > Novelty.NONE) & self._learned_views
        logits = np.empty(len(evidence))
        for part, rows in (("known", ~is_new), ("new", is_new)):
            if rows.any():
                logits[rows] = self._score_part(part, evidence[rows])
        return logits

    @abstractmethod
    def _score_part(self, part: str, evidence: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits of pairs by the classifier ``"known"`` or ``"new"``."""

    def _read_evidence(self, table: PairTable) -> NDArray[np.float32]:
        """Return the evidence for pairs, which has the channels of the training pairs."""
        found = _channels(table)
        if found != self._channels:
            raise ValueError(
                f"The model was fitted on the evidence {self._channels} (channel: columns), these pairs have "
                f"{found}; give the output of the PairFeatures that the model was fitted on."
            )
        return stack_evidence(table)


def _channels(table: PairTable) -> dict[str, int]:
    """Return the number of columns of each channel."""
    return {name: block.shape[1] for name, block in table.evidence.items()}


def stack_evidence(table: PairTable) -> NDArray[np.float32]:
    """Return the columns of all channels side by side."""
    return np.hstack(list(table.evidence.values()))


def samples_as_new(data: LabelledPairs) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the views and the targets from which to learn to score pairs of new RNAs.

    Below the labelled pairs stand the hard negatives: together with the negatives that are as hard they weigh
    as much as these do alone, so that they do not change how probable such a pair is. Where no negative is as
    hard, they would weigh nothing, and are left out.
    """
    views, target, hard = evidence_views(data.table), data.target, data.table.hard_negatives
    alike = False if data.table.is_hard is None else data.table.is_hard & (target[:, 0] == 0)
    if hard is None or not np.any(alike):
        return views, target
    weight = target[alike, 1].sum()
    target = target.copy()
    target[alike, 1] *= weight / (weight + len(hard))
    further = np.zeros((len(hard), 2), dtype=np.float32)
    further[:, 1] = weight / (weight + len(hard))
    joined = zip(views, evidence_views(hard), strict=True)
    return [np.concatenate(both) for both in joined], np.concatenate([target, further])


def evidence_views(table: PairTable) -> list[NDArray[np.float32]]:
    """Return the evidence of training pairs as it is, and with miRNA, circRNA and both new."""
    tables = [table, *(table.as_new(novelty) for novelty in VIEWS if table.cold_evidence)]
    return [stack_evidence(each) for each in tables]
