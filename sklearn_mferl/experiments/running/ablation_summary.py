"""The table of an ablation: how far each variant is from the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sklearn_mferl.experiments.statistics import corrected_t_test
from sklearn_mferl.plotting.ablation import WHOLE

_KEYS = ["part", "variant", "repeat", "fold"]


def summarize_ablation(figures: pd.DataFrame, *, test_share: float) -> pd.DataFrame:
    """Compare each variant with the whole model on the same folds."""
    rows = []
    for part, of_part in figures.groupby("part", sort=False):
        tables = dict(list(of_part.groupby("variant", sort=False)))
        for variant, table in tables.items():
            for metric in table.columns.drop(_KEYS):
                values, whole = table[metric].to_numpy(), tables[WHOLE][metric].to_numpy()
                compared = variant != WHOLE and np.isfinite([values, whole]).all()
                p = corrected_t_test(values, whole, test_share=test_share).pvalue if compared else np.nan
                rows.append(
                    {
                        "part": part,
                        "variant": variant,
                        "metric": metric,
                        "mean": values.mean(),
                        "sd": values.std(ddof=1),
                        "difference": (values - whole).mean(),
                        "p": p,
                    }
                )
    return pd.DataFrame(rows)
