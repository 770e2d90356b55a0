"""Which unknown pairs to look at first, and how often such a list is right (`case_study`)."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import rank_hidden_pairs
from sklearn_mferl.experiments.running.candidates import describe_neighbors, describe_sites, make_neighborhood
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.inspection.applicability import score_pairs
from sklearn_mferl.plotting import plot_precision_at_k
from sklearn_mferl.plotting.experiments import plot_score_counts
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.ranking.grid import Grid
from sklearn_mferl.ranking.scorers import Scorer, make_scorer
from sklearn_mferl.utils.parameters import check_share, check_whole
from sklearn_mferl.utils.validation import SIDES

_LENGTHS: Final = (20, 50, 1000)
_N_BINS: Final = 50  # of scores, from 0 to 1


def case_study(data: Any, *, holdout: float | None = None, top: int = 50, **settings: Any) -> pd.DataFrame:
    """Train on all known pairs and rank the unknown ones, or ask how many hidden ones are found like that.

    Ranked are all pairs of the RNAs that have a known interaction (Tables 3 and S3 and Fig. S3 of the
    publication).

    - Without `holdout`: writes ``case_study.csv`` (the result), ``case_study_scores.csv`` (how many known and
      unknown pairs have which score; the model was trained on the known ones) and ``case_study_scores`` as
      PNG and SVG.
    - With `holdout`: hides that share of the known pairs, trains on the others, and counts the hidden ones
      among the best; so does each baseline. Writes ``case_study_holdout.csv`` (the result) and
      ``case_study_holdout`` as PNG and SVG.

    Parameters
    ----------
    data, **settings
        As in `cv`.
    holdout : float, default=None
        Share of the known pairs to hide, between 0 and 1.
    top : int, default=50
        How many unknown pairs to return, at least 1.

    Returns
    -------
    DataFrame
        Without `holdout`, a row for each of the best unknown pairs: ``rank``, ``circrna``, ``mirna``,
        ``score``, where the model has them its parts and how far the pair lies from training
        (``list_score``, ``binding_score``, ``applicability``); where both sides have sequences, ``n_sites``
        (canonical ones), ``crosses_junction`` (if one of them lies across the back-splice junction), and of
        the best site, which may be a weak one, ``best_site`` (its type), ``site_start``, ``site_end``,
        ``duplex_score``, ``target_3to5``, ``bars`` and ``mirna_5to3`` as in `TargetSites.sites`; and the
        known interactions around the pair: ``circrna_degree``, ``mirna_degree`` (known partners), ``n_paths``
        (paths of three known interactions between the two), ``similar_circrnas`` and ``similar_mirnas`` (up
        to three relatives of one that bind the other, nearest first, joined by ``"; "``).

        With `holdout`, a row for each model, as `rank_hidden_pairs` returns them: ``model``, ``n_ranked``,
        ``n_hidden``, ``ap``, ``p@20``, ``p@50`` and ``p@1000`` (precision of the best).

    Raises
    ------
    ValueError
        If `holdout` is not between 0 and 1, or `top` is not at least 1.

    Examples
    --------
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import case_study
    >>> data = make_cmi(30, 12, circrna_length=(60, 200), random_state=0)
    >>> candidates = case_study(data, top=3, params={"features__background": 0, "mferl__calibrate": False})
    >>> candidates[["rank", "n_sites", "n_paths"]].shape
    (3, 3)
    """
    common, data = Settings(**settings), read_data(data)
    check_whole("top", top)
    if holdout is None:
        cells = {"ranking": {"data": data, "common": common, "top": int(top)}}
        tables = run_cells(_rank, cells, "case-study", common, data, top=int(top))
        write_ranking(tables["ranking"], tables["scores"], common.folder)
        return tables["ranking"]
    check_share("holdout", holdout)
    options = {"data": data, "common": common, "holdout": float(holdout)}
    models = common.make_models(data)
    cells = {name: {"name": name, "model": model, **options} for name, model in models.items()}
    tables = run_cells(_hide, cells, "case-study-holdout", common, data, holdout=float(holdout))
    figures = tables["figures"]
    write_results(
        common.folder,
        {"case_study_holdout": figures},
        {"case_study_holdout": lambda: plot_precision_at_k(figures).figure},
    )
    return figures


def write_ranking(ranking: pd.DataFrame, scores: pd.DataFrame, folder: Path | None) -> None:
    """Write the tables and the figure of a ranking, if there is a folder."""
    write_results(
        folder,
        {"case_study": ranking, "case_study_scores": scores},
        {"case_study_scores": lambda: plot_score_counts(scores, ranking)},
    )


def _rank(data: CMIData, common: Settings, top: int) -> dict[str, pd.DataFrame]:
    """Train on all known pairs and drawn negatives, and describe the best of the unknown pairs."""
    return rank_unknown(clone(common.make_model(data)).fit(*common.draw_pairs(data)), data, common, top)


def rank_unknown(model: Any, data: CMIData, common: Settings, top: int) -> dict[str, pd.DataFrame]:
    """Describe the pairs that a fitted model puts first, and count the scores of all; needs no training."""
    counter = ScoreCounter(model)
    ranked: dict[str, Any] = {side: data.pairs[side].unique() for side in SIDES}
    ranking = rank_interactions(counter, **ranked, known=data.pairs, top_k=top)
    candidates = ranking[list(SIDES)]
    scores = score_pairs(model, candidates).drop(columns="score").dropna(axis=1, how="all")
    described = [ranking, scores]
    if data.circrna is not None and data.mirna is not None:
        described.append(describe_sites(candidates, data, circular=common.circular))
    neighborhood = make_neighborhood(data, model, circular=common.circular, random_state=common.random_state)
    described.append(describe_neighbors(candidates, data.pairs, neighborhood))
    edges = np.linspace(0, 1, _N_BINS + 1)
    of_known = _count(model.predict_proba(data.pairs[list(SIDES)].drop_duplicates())[:, 1])
    counts = {"lower": edges[:-1], "upper": edges[1:], "known": of_known, "unknown": counter.counts}
    return {"ranking": pd.concat(described, axis=1), "scores": pd.DataFrame(counts)}


def _hide(name: str, model: Any, data: CMIData, common: Settings, holdout: float) -> dict[str, pd.DataFrame]:
    """Ask one model for the hidden pairs; the seed hides the same ones from all."""
    figures = rank_hidden_pairs(
        {name: model},
        data.pairs,
        hidden=holdout,
        ratio=common.ratio,
        strategy=common.negatives,
        ks=_LENGTHS,
        random_state=common.random_state,
    )
    return {"figures": figures}


class ScoreCounter:
    """Score by a model for `rank_interactions`, and count by bin: all scores are too many to keep."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.counts: NDArray[np.int64] = np.zeros(_N_BINS, dtype=np.int64)

    def make_scorer(self, grid: Grid) -> Scorer:
        """Take the fastest scorer of the model; `rank_interactions` asks for it."""
        self.scorer = make_scorer(self.model, grid)
        self.chunk_size = self.scorer.chunk_size
        return self

    def score(self, block: slice, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each cell."""
        scores = self.scorer.score(block, cells)
        self.counts += _count(scores)
        return scores


def _count(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.histogram(scores, _N_BINS, (0.0, 1.0))[0]
