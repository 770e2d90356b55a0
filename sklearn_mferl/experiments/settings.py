"""What all experiments share: the data, the model and where the results go."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from sklearn_mferl.baselines import DegreeProduct, PathCount, SeedCount, SVDFactorizer, make_boosting_pipeline
from sklearn_mferl.datasets import CMIData, load_cmi
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pipeline import make_mferl_pipeline
from sklearn_mferl.plotting.axes import new_axes
from sklearn_mferl.utils.atomic import check_folder
from sklearn_mferl.utils.parameters import is_whole
from sklearn_mferl.utils.versions import identify_code


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Keyword arguments that every experiment takes.

    Parameters
    ----------
    preset : {"best", "paper"}, default="best"
        The model, as in `make_mferl_pipeline`.
    params : mapping of str to object, default={}
        Parameters of its pipeline that differ, such as ``{"mferl__max_epochs": 5}``.
    regions, expression : default=None
        What else is known of the RNAs, as in `make_mferl_pipeline`.
    circular : bool, default=True
        Whether the circRNAs are circles; False for linear RNAs such as lncRNAs.
    negatives : {"uniform", "degree", "near", "reliable"}, default="uniform"
        Which unknown pairs are drawn as negatives, as in `sample_negatives`.
    ratio : float, default=1.0
        Negatives for each known pair, above 0.
    random_state : int, default=0
        Seeds negatives, folds and models; at least 0.
    device : str, default="auto"
        Torch device of the network.
    out : str, Path or None, default=None
        Folder for tables, figures and finished parts; made if need be. None writes nothing.
    n_jobs : int or None, default=1
        How many parts to compute at a time, as in joblib; inside of ``joblib.parallel_config`` its backend
        is used.
    progress : bool, default=False
        Whether to show a progress bar on stderr, if that is a terminal.

    Raises
    ------
    ValueError
        If `random_state` is not an int of at least 0, `out` is a file, or the device cannot be used.
    ImportError
        If there is an `out`, but no matplotlib to draw the figures.

    Examples
    --------
    >>> from sklearn_mferl.experiments import Settings
    >>> Settings(preset="paper", ratio=2).ratio
    2
    """

    preset: str = "best"
    params: Mapping[str, Any] = field(default_factory=dict)
    regions: Any = None
    expression: Any = None
    circular: bool = True
    negatives: str = "uniform"
    ratio: float = 1.0
    random_state: int = 0
    device: str = "auto"
    out: str | os.PathLike[str] | None = None
    n_jobs: int | None = 1
    progress: bool = False

    def __post_init__(self) -> None:
        if not is_whole(self.random_state, 0):
            raise ValueError(
                "random_state must be an int of at least 0, so that an experiment can go on after an "
                f"interruption; got {self.random_state!r}."
            )
        if self.out is not None:
            check_folder(self.out)
            new_axes()  # a missing matplotlib is reported before the work, not after it

    @property
    def folder(self) -> Path | None:
        """Where results go, made if need be."""
        if self.out is None:
            return None
        folder = check_folder(self.out)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def model_name(self) -> str:
        """What tables and figures call the model: only the network of the publication is MFERL."""
        return {"paper": "MFERL", "best": "default model"}.get(self.preset, self.preset)

    def make_model(self, data: CMIData, **params: Any) -> Pipeline:
        """Make the model for some data, not fitted.

        Parameters
        ----------
        data, **params
            The data, and parameters of the pipeline that win over `params`.
        """
        try:
            torch.empty(0, device="cpu" if self.device == "auto" else self.device)
        except (RuntimeError, AssertionError) as error:  # torch has no exception of its own for it
            reason = str(error).splitlines()[0]
            raise ValueError(f"The device {self.device!r} cannot be used: {reason}") from error
        return make_mferl_pipeline(
            data.circrna,
            data.mirna,
            preset=self.preset,
            embeddings=data.embeddings or None,
            regions=self.regions,
            expression=self.expression,
            device=self.device,
            random_state=self.random_state,
            **{"features__circular": self.circular, **self.params, **params},
        )

    def make_baselines(self, data: CMIData, *, boosting: bool = False) -> dict[str, Any]:
        """Make the simple scores to stand beside a model; those of sites where sequences are known.

        Parameters
        ----------
        data : CMIData
        boosting : bool, default=False
            Whether to add gradient boosting on the features of single RNAs, which is slow.
        """
        baselines: dict[str, Any] = {
            "degree product": DegreeProduct(),
            "path count": PathCount(),
            "svd factors": SVDFactorizer(random_state=self.random_state),
        }
        if data.circrna is not None and data.mirna is not None:
            baselines["seed count"] = SeedCount(data.circrna, data.mirna, circular=self.circular)
        if boosting:
            baselines["boosting"] = make_boosting_pipeline(
                data.circrna,
                data.mirna,
                embeddings=data.embeddings or None,
                random_state=self.random_state,
                features__circular=self.circular,
            )
        return baselines

    def make_models(self, data: CMIData, *, boosting: bool = False) -> dict[str, Any]:
        """Make the model, under its name, and the baselines.

        Parameters
        ----------
        data, boosting
            As in `make_baselines`.
        """
        return {self.model_name: self.make_model(data), **self.make_baselines(data, boosting=boosting)}

    def draw_pairs(self, data: CMIData) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """Put the known pairs and drawn negatives together.

        Parameters
        ----------
        data : CMIData

        Returns
        -------
        (DataFrame, ndarray)
            As `labelled_pairs` returns them.
        """
        return labelled_pairs(data.pairs, self.ratio, self.random_state, strategy=self.negatives)

    def identify(
        self, data: CMIData, *, models: Mapping[str, Any] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Return all that decides a result, the code too, to tell whether a finished part may be used.

        Parameters
        ----------
        data, models, **options
            Data, models and what else decides a result; `n_jobs` makes no difference.
        """
        if models is not None:
            options["models"] = {name: describe_value(model) for name, model in models.items()}
        return {
            **identify_code(),
            "data": describe_data(data),
            "preset": self.preset,
            "evidence": [describe_value(self.regions), describe_value(self.expression)],
            "params": {name: describe_value(value) for name, value in self.params.items()},
            "circular": self.circular,
            "negatives": self.negatives,
            "ratio": self.ratio,
            "random_state": int(self.random_state),
            **options,
        }


def read_data(data: Any) -> CMIData:
    """Return the data, read from a folder where a path is given."""
    return data if isinstance(data, CMIData) else load_cmi(data)


def describe_data(data: CMIData) -> str:
    """Return a short name for the content of the data."""
    digest = hashlib.sha256(data.pairs.to_csv(index=False).encode())
    for sequences in (data.circrna, data.mirna):
        digest.update(json.dumps(sequences, sort_keys=True).encode())
    for side, table in sorted(data.embeddings.items()):
        digest.update(side.encode() + table.to_csv().encode())
    return digest.hexdigest()[:16]


def describe_value(value: Any) -> str:
    """Return what tells a value from another: itself, or its class and the hash of its content."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return repr(value)
    return f"{type(value).__name__} {joblib.hash(value)[:12]}"
