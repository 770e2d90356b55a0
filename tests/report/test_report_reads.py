"""A report with reads says what models are by both truths, and only then."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sklearn_mferl.baselines import SeedCount
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.experiments.binding import binding
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.report.content import _two_truths
from sklearn_mferl.report.write import list_settings, write_call


def test_the_section_has_the_figures_of_the_experiment():
    made = make_cmi(60, 30, random_state=0)
    listed, reads = replace(made, pairs=made.pairs[1::2]), made.pairs[::2]

    models = {"seed <count>": SeedCount(made.circrna, made.mirna)}
    figures = binding(listed, reads, models=models, n_splits=3)
    section = _two_truths(figures)
    mean = figures.groupby("truth")["auc"].mean()
    (row,) = section.tables[0].rows
    assert row[0] == "seed <count>"
    assert row[1].startswith(f"{mean['list']:.3f} ± ")
    assert row[3].startswith(f"{mean['reads']:.3f} ± ")
    of_reads = figures[figures["truth"] == "reads"].iloc[0]
    assert f"{of_reads['positives']:,} that a read supports" in section.paragraphs[0]
    assert "seed &lt;count&gt;" in str(section.pictures[0].svg)


def test_the_call_that_makes_the_page_again_is_short():
    table = pd.DataFrame({"circrna": ["c"] * 99, "mirna": ["m"] * 99})
    settings = Settings(expression=table)
    call = write_call("folder", settings, reads=table)
    assert "reads=table" in call
    assert "expression=table" in call
    assert ("reads", "a table") in list_settings(settings, reads=table)
