"""Tables of labelled binding sites as files."""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from sklearn_mferl.datasets.pairs_file import label_of
from sklearn_mferl.datasets.text import read_rows
from sklearn_mferl.utils.validation import cut, fold_name, normalize_sequence

SITE_COLUMNS: Final = ("target", "mirna", "label", "chromosome")
# What benchmarks call them, too; of two, as the name of a miRNA and its sequence, the first of these is read.
_SPELLED: Final = {
    "target": ("target_sequence", "target", "gene"),
    "mirna": ("mirna_sequence", "noncodingrna", "mirna"),
    "label": ("label",),
    "chromosome": ("chromosome", "chr"),
}


def read_labelled_sites(path: Path) -> pd.DataFrame:
    """Read sites: ``target`` and ``mirna`` as RNA, ``label`` 0 or 1, ``chromosome`` or nothing."""
    rows = read_rows(path)
    _, header = next(rows, (0, list[str]()))
    names = [fold_name(name) for name in header]
    found = {
        column: next((names.index(name) for name in spelled if name in names), None)
        for column, spelled in _SPELLED.items()
    }
    for column in ("target", "mirna", "label"):
        if found[column] is None:
            raise ValueError(
                f"{path} has no column {column!r}; the columns are {cut(', '.join(header))!r}. A table of "
                "sites has the sequences target and mirna, a label, and the chromosome where it is known."
            )
    places = {column: place for column, place in found.items() if place is not None}
    sites = []
    for line, cells in rows:
        if len(cells) != len(header):
            raise ValueError(f"{path}, line {line}: {len(cells)} cells under {len(header)} columns.")
        site: dict[str, Any] = {"chromosome": "", **{name: cells[at] for name, at in places.items()}}
        for side in ("target", "mirna"):
            site[side] = normalize_sequence(site[side], f"{side} in {path}, line {line},")
        label = label_of(str(site["label"]))
        if label is None:
            raise ValueError(
                f"{path}, line {line}: the label is {cut(str(site['label']))!r}; it must be 0 or 1."
            )
        sites.append({**site, "label": label})
    if not sites:
        raise ValueError(f"{path} lists no site.")
    return pd.DataFrame(sites, columns=list(SITE_COLUMNS))
