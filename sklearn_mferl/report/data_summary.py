"""What the page says of the data."""

from __future__ import annotations

import numpy as np

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.report.figures import WORDS, draw_degrees
from sklearn_mferl.report.page.parts import Section, Table, text
from sklearn_mferl.utils.validation import SIDES


def describe_data(data: CMIData) -> Section:
    """Write the section on the data."""
    rows = []
    for side, words in WORDS.items():
        degrees = data.pairs[side].value_counts()
        sequences = (data.circrna, data.mirna)[SIDES.index(side)]
        lengths = [len(sequence) for sequence in (sequences or {}).values()]
        vectors = data.embeddings.get(side)
        rows.append(
            [
                words,
                text(len(degrees)),
                text(len(sequences)) if sequences else "none",
                _spread(lengths),
                "none" if vectors is None else f"{len(vectors):,} of {vectors.shape[1]} numbers",
                _spread(degrees.tolist()),
            ]
        )
    header = ["Side", "With interactions", "Sequences", "Nucleotides", "Vectors", "Known partners"]
    caption = "The RNAs. Lengths and partners: median (smallest to largest)."
    possible = int(np.prod([data.pairs[side].nunique() for side in SIDES]))
    paragraph = (
        f"{len(data.pairs):,} interactions are known of {possible:,} pairs that these RNAs can form, "
        f"{100 * len(data.pairs) / possible:.2g} % of them."
    )
    tables = [Table(caption, header, rows)]
    return Section("data", "The data", [paragraph], [draw_degrees(data.pairs)], tables)


def _spread(values: list[int]) -> str:
    if not values:
        return "–"
    return f"{float(np.median(values)):,.6g} ({min(values):,} to {max(values):,})"
