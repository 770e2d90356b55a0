"""Train the site model that the package ships: ``python -m sklearn_mferl.train_sites --out FOLDER``."""

import argparse
import hashlib
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sklearn_mferl.datasets import fetch_ago_sites
from sklearn_mferl.datasets.sites_file import read_labelled_sites
from sklearn_mferl.models.sites import SiteClassifier
from sklearn_mferl.models.sites.pretrained import FOLDER, save_weights

_EPOCHS: Final = 9  # half as long again as by default


def train_sites(sites: pd.DataFrame, **params: Any) -> SiteClassifier:
    """Train on labelled sites.

    Parameters
    ----------
    sites : DataFrame
        Columns ``target``, ``mirna`` and ``label``, as `datasets.fetch_ago_sites` gives them.
    **params
        Of `SiteClassifier`, where others than those of the weights that the package ships are wanted.

    Returns
    -------
    SiteClassifier
    """
    model = SiteClassifier(**{"max_epochs": _EPOCHS, "random_state": 0, **params})
    return model.fit(sites[["target", "mirna"]], sites["label"])


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=Path, help="CSV in place of a download")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the weights")
    parser.add_argument("--epochs", type=int, default=_EPOCHS)
    arguments = parser.parse_args()
    sites = fetch_ago_sites() if arguments.sites is None else read_labelled_sites(arguments.sites)
    model = train_sites(sites, max_epochs=arguments.epochs, verbose=1)
    rows = pd.util.hash_pandas_object(sites[["target", "mirna", "label"]].astype(str), index=False)
    digest = hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()
    save_weights(model.set_params(verbose=0), arguments.out, {"n_sites": len(sites), "rows": digest})
    print(f"Wrote {arguments.out}.")


if __name__ == "__main__":
    main()
