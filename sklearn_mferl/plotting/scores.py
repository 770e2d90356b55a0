"""How the scores of known and of unknown pairs are distributed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sklearn_mferl.plotting.axes import filled, finish, new_axes


def plot_score_counts(scores: pd.DataFrame, ranking: pd.DataFrame) -> Any:
    """Draw how many known and unknown pairs have which score, on a logarithmic axis."""
    ax = new_axes(width=7.2)
    edges = [*scores["lower"], scores["upper"].iloc[-1]]
    for name in ("unknown", "known"):
        ax.stairs(
            scores[name],
            edges,
            baseline=0.5,  # below one pair, which a logarithmic axis could not show from 0
            fill=True,
            **filled(name == "known"),
            label=f"{name} pairs (n = {scores[name].sum():,})",
        )
    rank, score = ranking.iloc[-1][["rank", "score"]]
    ax.axvline(score, color="black", linestyle=":", label=f"rank {rank} ({score:.3f})")
    ax.set_yscale("log")
    ax.set(xlim=(0, 1), xlabel="Score (predicted probability)", ylabel="Pairs in a bin of 0.02")
    ax.set_ylim(bottom=0.5)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, ncols=3, fontsize=9)
    return finish(ax).figure
