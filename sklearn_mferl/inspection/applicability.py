"""How far a pair lies from what a model has seen."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.evidence import BindingSites
from sklearn_mferl.features import LevenshteinSimilarity
from sklearn_mferl.features.rna_codes import SEED, encode_rnas
from sklearn_mferl.models import BindingScore
from sklearn_mferl.models.sites.seen_seeds import FAR, KNOWN, NEAR, level_of_reads
from sklearn_mferl.pairs.novelty import Novelty
from sklearn_mferl.ranking.models import find_fitted_features, find_pair_features
from sklearn_mferl.utils.validation import SIDES, check_pairs

SCORE_COLUMNS: Final = ("score", "list_score", "binding_score", "applicability")  # of `score_pairs`
_WORD: Final = 12  # nucleotides: by chance a circRNA shares few of them with some thousand others
_NEAR: Final = 0.5  # share of words, and similarity of miRNAs, of an RNA that has a relative in training


def applicability(model: Any, X: Any) -> pd.DataFrame:
    """Tell how far pairs lie from those that a model was trained on.

    Parameters
    ----------
    model : estimator
        Fitted, with `PairFeatures`, such as the pipeline of `make_mferl_pipeline`.
    X : DataFrame, list of tuples or array, shape (n_pairs, 2)
        Pairs.

    Returns
    -------
    DataFrame
        A row for each pair:

        - ``novelty``: which of its RNAs no training pair had: "none", "circrna", "mirna" or "both";
        - ``circrna_seen``: share of the circRNA's stretches of 12 nucleotides that some circRNA of training
          has, in [0, 1]; NaN where no sequences are known;
        - ``mirna_seen``: similarity with the nearest miRNA of training (`LevenshteinSimilarity`), likewise; 1
          for one with the same nucleotides 2 to 8;
        - ``seed_reads``: bound sites that the model of binding was trained on with a miRNA of this seed; NaN
          for a model without one;
        - ``applicability``: "known" where no RNA is new, "near" where those that are new have at least .5
          in the column before, and "far" otherwise. For ``preset="binding"``, which learns from no pair, by
          `seed_reads`: at least 10, at least 1, none.

    Raises
    ------
    ValueError
        If the model has no fitted `PairFeatures`, or does not know an RNA.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.inspection import applicability
    >>> circrna = {"circ": "AACUAUACAACCUACUACCUCAGCAGCC", "new": "GCAGAAGGCAGCGAAGAGGAA"}
    >>> mirna = {"let-7": "UGAGGUAGUAGGUUGUAUAGUU"}
    >>> model = make_mferl_pipeline(circrna, mirna, preset="binding").fit([("circ", "let-7")])
    >>> applicability(model, [("new", "let-7")])[["novelty", "circrna_seen", "applicability"]]
       novelty  circrna_seen applicability
    0  circrna           0.0         known
    """
    features = find_fitted_features(model)
    if features is None:
        raise ValueError(f"This {type(model).__name__} has no fitted PairFeatures that know its RNAs.")
    ids = check_pairs(X).T
    table = pd.DataFrame(index=range(len(ids[0])))
    new, seen = [], []
    for side, names in zip(SIDES, ids, strict=True):
        trained = features._sides[side].table.ids
        distinct, row = np.unique(features._canonical_ids(side, names), return_inverse=True)
        is_new = ~np.isin(distinct, trained)
        sequences = features._sequences(side, distinct)
        share = np.where(is_new, np.nan, 1.0)
        if is_new.any() and sequences is not None:
            known = features._sequences(side, trained) or []
            further = [rna for rna, wanted in zip(sequences, is_new, strict=True) if wanted]
            share[is_new] = (_shared_words if side == "circrna" else _nearest)(further, known)
        new.append(is_new[row])
        seen.append(share[row])
        if side == "mirna":
            seeds = None if sequences is None else np.array([rna[SEED] for rna in sequences])[row]
    novelty = Novelty.CIRCRNA * new[0] + Novelty.MIRNA * new[1]
    table["novelty"] = np.array([level.name.lower() for level in Novelty], dtype=object)[novelty]
    table["circrna_seen"], table["mirna_seen"] = seen
    binding, reads = features.evidence_.get("binding"), np.full(len(table), np.nan)
    if isinstance(binding, BindingSites) and seeds is not None:
        reads = np.array([binding.seed_counts.get(seed, 0) for seed in seeds], dtype=float)
    table["seed_reads"] = reads
    is_near = [~is_new | (share >= _NEAR) for is_new, share in zip(new, seen, strict=True)]
    of_new = np.where(is_near[0] & is_near[1], NEAR, FAR)
    table["applicability"] = np.where(novelty == Novelty.NONE, KNOWN, of_new).astype(object)
    if isinstance(getattr(model, "steps", [(None, None)])[-1][1], BindingScore):
        table["applicability"] = level_of_reads(reads)
    return table


def score_pairs(model: Any, X: Any) -> pd.DataFrame:
    """Return the score of each pair, its parts where it has some, and how far the pair is from training."""
    classifier = getattr(model, "steps", [("", model)])[-1][1]
    if hasattr(classifier, "score_parts"):
        scores = classifier.score_parts(model[:-1].transform(X))
    else:
        scores = pd.DataFrame({"score": model.predict_proba(X)[:, 1]})
    if find_pair_features(model) is not None:
        scores["applicability"] = applicability(model, X)["applicability"]
    return scores


def _shared_words(rnas: list[str], known: list[str]) -> NDArray[np.float64]:
    """Return the share of the words of each RNA that some known one has; 0 for an RNA shorter than a word."""
    vocabulary = np.unique(np.concatenate([_words(rna) for rna in known])) if known else np.empty(0, int)
    shares = [np.isin(_words(rna), vocabulary) for rna in rnas]
    return np.array([share.mean() if len(share) else 0.0 for share in shares])


def _words(rna: str) -> NDArray[np.int64]:
    """Return the stretches of twelve known letters of an RNA as numbers."""
    return encode_rnas([rna]).all_words(_WORD, circular=False)[2]


def _nearest(rnas: list[str], known: list[str]) -> NDArray[np.float64]:
    """Return the similarity of each miRNA with the nearest that is known; 1 where the seed is the same."""
    if not known:
        return np.zeros(len(rnas))
    similarity = LevenshteinSimilarity(threshold=0.0).fit(known).transform(rnas).max(axis=1)
    seeds = {rna[SEED] for rna in known}
    return np.where([rna[SEED] in seeds for rna in rnas], 1.0, similarity).astype(np.float64)
