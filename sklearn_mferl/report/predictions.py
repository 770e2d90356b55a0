"""The best predictions with the reasons for each."""

from typing import Any, Final

import pandas as pd

from sklearn_mferl.inspection import Explanation, plot_contributions, plot_site_circle
from sklearn_mferl.plotting.axes import new_axes
from sklearn_mferl.plotting.sites import _alignment, _headline, _strongest
from sklearn_mferl.report.figures import WORDS
from sklearn_mferl.report.page.parts import Picture, Prediction, Table, text
from sklearn_mferl.report.page.svg import picture
from sklearn_mferl.report.runs import Predictions

_MOST_SITES: Final = 6  # written out and numbered in the picture

_COLUMNS: Final = {
    "rank": ("Rank", "number"),
    "circrna": ("circRNA", "text"),
    "mirna": ("miRNA", "text"),
    "score": ("Score", "number"),
    "list_score": ("By the list", "number"),
    "binding_score": ("By sites", "number"),
    "applicability": ("Seen in training", "text"),
    "best_site": ("Best site", "text"),
    "n_sites": ("Sites", "number"),
    "crosses_junction": ("On junction", "text"),
    "n_paths": ("Paths", "number"),
    "circrna_degree": ("Partners of circRNA", "number"),
    "mirna_degree": ("Partners of miRNA", "number"),
}
"""Columns of `case_study` that are shown, with header and kind."""


def columns_of(candidates: pd.DataFrame) -> list[tuple[str, str]]:
    """Return header and kind of each column of the table of predictions."""
    return [shown for name, shown in _COLUMNS.items() if name in candidates.columns]


def describe_predictions(found: Predictions) -> list[Prediction]:
    """Put everything that is known of the best unknown pairs together."""
    candidates, explanation = found.candidates, found.explanation
    predictions = []
    for row, candidate in enumerate(candidates.to_dict("records")):
        pair = str(candidate["circrna"]), str(candidate["mirna"])
        cells = [_cell(name, candidate[name]) for name in _COLUMNS if name in candidates.columns]
        if explanation is None or row >= len(explanation.summary):
            notes = [f"This score is not explained: {found.reason}"]
            predictions.append(Prediction(*pair, cells, notes=notes))
        else:
            predictions.append(_explained(pair, cells, explanation, row))
    return predictions


def _cell(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith("score"):
        return f"{value:.4f}", value
    if name == "best_site":
        return (str(value) or "none"), ""
    return text(value), value


def _explained(
    pair: tuple[str, str], cells: list[tuple[str, Any]], explanation: Explanation, row: int
) -> Prediction:
    pictures, notes = [_draw_contributions(explanation, row)], []
    sites, chosen = explanation.sites_of(row), list[int]()
    if pair[0] not in explanation.lengths.index or "bars" not in sites.columns:
        notes.append("The sequences of both RNAs are not known, so there are no target sites to draw.")
    else:
        length = int(explanation.lengths[pair[0]])
        chosen = _strongest(sites, _MOST_SITES)
        pictures.append(_draw_sites(pair, sites, length, explanation.circular, row))
    written = [(_headline(sites.iloc[i], length), _alignment(sites.iloc[i])) for i in chosen]
    return Prediction(
        *pair,
        cells,
        pictures=pictures,
        sites=written,
        more_sites=len(sites) - len(written),
        voters=_list_voters(pair, explanation.voters_of(row)),
        notes=notes,
    )


def _draw_contributions(explanation: Explanation, row: int) -> Picture:
    pair, players = explanation.pair(row), list(explanation.players)
    ax = new_axes(width=5.4, height=0.27 * (len(players) + 2) + 0.9)
    plot_contributions(explanation, row, ax=ax)
    shares = pair[players].astype(float)
    told = ", ".join(
        f"{name} {shares[name]:+.2f}" for name in shares.abs().sort_values(ascending=False).index
    )
    label = (
        f"Contributions to the log-odds that {pair['circrna']} and {pair['mirna']} interact: from the base "
        f"value {pair['base']:.2f} to {pair['logit']:.2f}, a score of {pair['score']:.3f}. {told}."
    )
    caption = "What the score is made of: contributions to the log-odds, the largest first."
    return picture(ax.figure, f"contributions-{row + 1}", label, caption)


def _draw_sites(pair: tuple[str, str], sites: pd.DataFrame, length: int, circular: bool, row: int) -> Picture:
    """Draw the sites on their target, without the duplexes: the page has them as text."""
    ax = new_axes(width=8.6 if circular else 7.0, height=5.0)
    plot_site_circle(sites, length, circular=circular, name=pair[0], max_duplexes=_MOST_SITES, ax=ax)
    drawing, duplexes = ax.child_axes
    duplexes.remove()
    counts = sites["type"].value_counts()
    found = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"
    shape, molecule = ("a circle", "circRNA") if circular else ("a line", "RNA")
    label = f"{pair[0]} as {shape} of {length:,} nucleotides, with the target sites of {pair[1]}: {found}."
    caption = f"Target sites on the {molecule}; numbers as in the list of duplexes."
    return picture(ax.figure, f"sites-{row + 1}", label, caption, crop=drawing)


def _list_voters(pair: tuple[str, str], voters: pd.DataFrame) -> list[Table]:
    """List the relatives of one RNA that are known to bind the other."""
    tables = []
    for side, other in (("circrna", pair[1]), ("mirna", pair[0])):
        rows = [
            [str(voter["voter"]), text(float(voter["similarity"])), str(voter["kind"])]
            for voter in voters.to_dict("records")
            if voter["side"] == side and voter["interacts"]
        ]
        caption = f"Similar {WORDS[side]} known to interact with {other}"
        tables.append(Table(caption, [WORDS[side][:-1], "Similarity", "By"], rows))
    return tables
