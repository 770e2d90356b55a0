"""The command in ``benchmarks/``, on small simulated data and the models that are fitted in no time."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.baselines import DegreeProduct, PathCount, SeedCount, SVDFactorizer
from sklearn_mferl.datasets import load_cmi, make_cmi, save_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs
from sklearn_mferl.model_selection import labelled_pairs

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
MODELS = ["SeedCount", "PathCount", "DegreeProduct", "SVDFactorizer"]
SPLITS = ["pair", "both", "ranking"]
PLAN = ["--splits", *SPLITS, "--negatives", "uniform", "--seeds", "0", "1", "--folds", "2"]
SEED_0 = ["--splits", *SPLITS, "--negatives", "uniform", "--seeds", "0", "--folds", "2"]
ONE_SPLIT = ["--splits", "pair", "--negatives", "uniform", "--seeds", "0", "--folds", "2"]
KEY = ["data", "split", "negatives", "seed", "model"]
COSTS = ["seconds", "peak_gb"]  # they differ from run to run
VERSION = "version"  # the commit may change while the tests run
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def modules():
    """Import the modules of the command, which find each other by their short names."""
    names = [path.stem for path in BENCHMARKS.glob("*.py")]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield {name: importlib.import_module(name) for name in names}
        for name in names:
            del sys.modules[name]  # short names may be those of others


def here(function, *arguments):
    """Call in this process: one of its own for each cell takes longer than these cells."""
    try:
        return function(*arguments)
    except Exception as error:
        raise RuntimeError(str(error)) from error


class Calls:
    """Call in this process, remember the cells, and raise an error at one of them."""

    def __init__(self, at: int | None = None, error: BaseException | None = None) -> None:
        self.cells, self.at, self.error = [], at, error

    def __call__(self, function, cell, *arguments):
        self.cells.append(cell)
        if len(self.cells) == self.at:
            raise self.error
        return here(function, cell, *arguments)


@pytest.fixture
def calls(modules, monkeypatch):
    """Replace how cells are called, for as long as the test runs; the cells it measures are listed."""

    def replace(*arguments):
        found = Calls(*arguments)
        monkeypatch.setattr(modules["accuracy"], "call", found)
        return found

    return replace


@pytest.fixture
def run(modules, calls):
    """Return a function that runs the command in this process and returns its exit code."""
    calls()

    def run_command(out, folders, plan, *more, models=MODELS):
        words = ["--data", *folders, "--out", out, "--models", *models, *plan, *more]
        return modules["accuracy"].main([str(word) for word in words])

    return run_command


@pytest.fixture
def without_figures(modules, monkeypatch):
    """Draw nothing: what is drawn has tests of its own, and takes as long as all else."""
    monkeypatch.setattr(modules["_page"], "FIGURES", ())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "small"
    save_cmi(make_cmi(60, 60, 240, circrna_length=(60, 200), random_state=0), folder)
    return folder


@pytest.fixture(scope="module")
def finished(modules, small, tmp_path_factory):
    """Return the folder of a whole run; do not change it."""
    out = tmp_path_factory.mktemp("out") / "new" / "benchmarks"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules["accuracy"], "call", here)
        words = ["--data", str(small), "--out", str(out), "--models", *MODELS, *PLAN]
        assert modules["accuracy"].main(words) == 0
    return out


@pytest.fixture
def copied(finished, tmp_path):
    """Return a copy of that folder, to go on from."""
    return shutil.copytree(finished, tmp_path / "copied")


def cells_of(out, *, costs=False):
    table = pd.read_csv(out / "accuracy.csv", keep_default_na=False, na_values=[""])
    return table if costs else table.drop(columns=[*COSTS, VERSION])


def bytes_of(out):
    return {path.name: path.read_bytes() for path in out.iterdir()}


def assert_as_in(whole, out):
    """Compare the tables of a run with those of one of more cells, but for the costs."""
    found, expected = cells_of(out), cells_of(whole).merge(cells_of(out)[KEY])
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)  # whole numbers, or none at all
    keys = found[KEY]
    bins, expected = (pd.read_csv(folder / "reliability.csv") for folder in (out, whole))
    pd.testing.assert_frame_equal(bins, expected.merge(keys))


def rows_of_table(page, title):
    """Return the cells of a table of the page by model and column, without the bold."""
    lines = page.split(f"**{title}**\n\n")[1].split("\n\n")[0].replace("**", "").splitlines()
    header, _, *rows = [[word.strip() for word in line.strip("| ").split("|")] for line in lines]
    return {row[0].strip("`"): dict(zip(header[1:], row[1:], strict=True)) for row in rows}


def one_line(capsys):
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


# What is measured


def test_the_plan_lists_the_cells_seed_by_seed_and_the_ranking_once(modules):
    every = modules["_cells"].SPLITS
    cells = modules["_cells"].plan(
        [("a", False), ("b", True)], every, ["degree", "near"], [2, 0], None, ["PathCount", "SeedCount"]
    )
    assert [cell.seed for cell in cells] == [2] * 36 + [0] * 36
    assert len(set(cells)) == len(cells)
    assert {(cell.data, cell.linear) for cell in cells} == {("a", False), ("b", True)}
    by_split = {name: [cell for cell in cells if cell.split == name] for name in every}
    assert {name: len(found) for name, found in by_split.items()} == {
        **dict.fromkeys(["pair", "circrna", "mirna", "both"], 2 * 2 * 2 * 2),
        "ranking": 2 * 2 * 2,
    }
    assert {cell.negatives for cell in by_split["ranking"]} == {"uniform"}
    folds = {name: {cell.folds for cell in found} for name, found in by_split.items()}
    assert folds == {"pair": {5}, "circrna": {5}, "mirna": {5}, "both": {3}, "ranking": {0}}


def test_a_cell_that_is_asked_for_twice_is_measured_once(modules):
    twice = ["PathCount", "PathCount"]
    assert len(modules["_cells"].plan([("a", False)], ["pair"], ["uniform"], [0, 0], 2, twice)) == 1


def test_a_run_has_each_cell_of_its_plan_once_with_what_is_known_of_the_data(small, finished):
    table, data = cells_of(finished, costs=True), load_cmi(small)
    assert set(table[KEY].itertuples(index=False, name=None)) == {
        ("small", split, "uniform", seed, model) for split in SPLITS for seed in (0, 1) for model in MODELS
    }
    assert len(table) == 24
    facts = table[["known_pairs", "circrnas", "mirnas", "sequences", "vectors"]].drop_duplicates()
    expected = [len(data.pairs), *data.pairs.nunique(), "circrna+mirna", "-"]
    assert facts.to_numpy().tolist() == [expected]
    assert (table[[*COSTS, "cores"]] > 0).all(axis=None)


@pytest.mark.parametrize("name", MODELS)
def test_its_figures_are_those_of_the_evaluation_called_directly(small, finished, name):
    data, seed = load_cmi(small), 1
    model = {
        "DegreeProduct": DegreeProduct(),
        "PathCount": PathCount(),
        "SeedCount": SeedCount(data.circrna, data.mirna),
        "SVDFactorizer": SVDFactorizer(random_state=seed),
    }[name]
    cells, bins = (pd.read_csv(finished / file) for file in ("accuracy.csv", "reliability.csv"))
    of_model, bins = (each[(each["model"] == name) & (each["seed"] == seed)] for each in (cells, bins))
    found = of_model.set_index("split")

    pairs, y = labelled_pairs(data.pairs, random_state=seed)
    for split in ("pair", "both"):
        direct = cross_validate_pairs(model, pairs, y, split=split, n_splits=2, random_state=seed)
        for figure in ("auc", "aupr", "brier", "log_loss", "ece"):
            assert found.loc[split, figure] == pytest.approx(direct.figures[figure].mean(), abs=1e-6)
        for threshold in (0.5, "train", "best_f1"):
            at_threshold = direct.figures_at(threshold)
            for figure in ("f1", "accuracy", "recall", "precision"):
                expected = pytest.approx(at_threshold[figure].mean(), abs=1e-6)
                assert found.loc[split, f"{figure}@{threshold}"] == expected
        curve = bins[bins["split"] == split]
        assert curve["n_pairs"].sum() == len(direct.scores)
        n_positives = curve["n_pairs"] @ curve["observed"]
        assert n_positives == pytest.approx(direct.scores["label"].sum(), abs=1e-3)

    ranking = rank_hidden_pairs(model, data.pairs, random_state=seed).drop(columns="model").iloc[0]
    np.testing.assert_allclose(found.loc["ranking", ranking.index].astype(float), ranking, atol=1e-6)


def test_the_same_folds_serve_all_models_so_that_what_reads_no_seed_differs_between_seeds(finished):
    auc = cells_of(finished).query("split == 'pair'").pivot(index="model", columns="seed", values="auc")
    assert auc.loc["SeedCount", 0] != auc.loc["SeedCount", 1]
    n_tested = pd.read_csv(finished / "reliability.csv").groupby(["split", "seed", "model"])["n_pairs"].sum()
    assert (n_tested.groupby(["split", "seed"]).nunique() == 1).all()


@pytest.mark.usefixtures("without_figures")
def test_a_folder_without_sequences_leaves_out_the_models_that_need_them_and_says_so(
    run, small, tmp_path, capsys
):
    data = load_cmi(small)
    save_cmi(dataclasses.replace(data, circrna=None, mirna=None), tmp_path / "pairs-only")
    models = ["SeedCount", "DegreeProduct"]
    assert run(tmp_path / "out", [small, tmp_path / "pairs-only"], ONE_SPLIT, models=models) == 0
    reason = "is left out: it needs sequences of both sides, and there are none of circrna and mirna."
    assert f"pairs-only: SeedCount {reason}" in capsys.readouterr().err
    found = cells_of(tmp_path / "out").groupby("data")["model"].agg(list)
    assert found.to_dict() == {"small": models, "pairs-only": ["DegreeProduct"]}
    page = (tmp_path / "out" / "index.md").read_text(encoding="utf-8")
    of_pairs_only, of_small = page.split("\n## pairs-only\n")[1].split("\n## small\n")
    assert f"- `SeedCount` {reason}" in of_pairs_only
    assert "left out" not in of_small


@pytest.mark.parametrize(
    ("sequences", "vectors", "served"),
    [
        ({"circrna", "mirna"}, {"-"}, {"features", "sequences"}),
        ({"mirna"}, {"circrna"}, {"features"}),
        ({"-"}, {"circrna", "mirna"}, {"features"}),
        ({"mirna"}, {"-"}, set()),
        ({"-"}, {"-"}, set()),
    ],
)
def test_a_model_is_left_out_where_what_it_reads_is_missing(modules, sequences, vectors, served):
    for name, model in modules["_models"].MODELS.items():
        reason = modules["_models"].why_left_out(name, sequences, vectors)
        assert (reason is None) == (model.needs in {"pairs", *served})


@pytest.mark.usefixtures("without_figures")
def test_a_linear_rna_has_no_sites_across_its_ends(run, small, finished, tmp_path):
    models = ["SeedCount", "PathCount"]
    assert run(tmp_path, [small], ONE_SPLIT, "--linear", "small", models=models) == 0
    linear = cells_of(tmp_path)
    circular = cells_of(finished).merge(linear[KEY])
    assert list(linear["model"]) == list(circular["model"]) == models
    assert linear["linear"].all()
    assert not circular["linear"].any()
    assert list(linear["auc"] == circular["auc"]) == [False, True]


def test_a_model_takes_the_seed_and_whether_the_rnas_are_linear(modules, small):
    data = load_cmi(small)
    for name, model in modules["_models"].MODELS.items():
        made = [
            model.make(data, linear, seed).get_params()
            for linear, seed in ((False, 7), (True, 7), (False, 8))
        ]
        seeds = [{key: each[key] for key in each if key.endswith("random_state")} for each in made]
        assert seeds[0] == seeds[1]
        assert (seeds[0] == seeds[2]) == (name in {"SeedCount", "PathCount", "DegreeProduct"})
        shapes = [each.get("features__circular", each.get("circular")) for each in made]
        assert shapes == ([None] * 3 if model.needs == "pairs" else [True, False, True])


# What is kept


def test_a_second_run_measures_nothing_and_leaves_every_byte_as_it_was(run, calls, small, copied):
    before, measured = bytes_of(copied), calls()
    assert run(copied, [small], PLAN) == 0
    assert measured.cells == []
    assert bytes_of(copied) == before


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("plan", "n_cells", "at"), [(ONE_SPLIT, 4, 1), (SEED_0, 12, 7)])
def test_an_interrupted_run_goes_on_to_the_figures_of_a_whole_one(
    run, calls, small, finished, tmp_path, capsys, plan, n_cells, at
):
    first = calls(at, KeyboardInterrupt())
    assert run(tmp_path, [small], plan) == 130
    assert "the same command goes on" in capsys.readouterr().err
    stopped = cells_of(tmp_path, costs=True)
    assert len(stopped) == at - 1
    assert (tmp_path / "index.md").is_file() == (at > 1)

    second = calls()
    assert run(tmp_path, [small], plan) == 0
    assert first.cells[at - 1] == second.cells[0]
    assert len(set(first.cells + second.cells)) == n_cells
    assert_as_in(finished, tmp_path)
    kept = cells_of(tmp_path, costs=True).merge(stopped[[*KEY, *COSTS]])
    assert len(kept) == len(stopped)


@pytest.mark.usefixtures("without_figures")
def test_a_run_that_dies_between_its_two_tables_leaves_no_bin_twice(
    run, small, finished, tmp_path, monkeypatch
):
    replace, n_written = os.replace, 0

    def die_before_the_cells(source, target):
        nonlocal n_written
        n_written += Path(target).name == "accuracy.csv"
        if n_written == 4:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die_before_the_cells)
        assert run(tmp_path, [small], ONE_SPLIT) == 130
    keys = [
        set(pd.read_csv(tmp_path / file)[KEY].itertuples(index=False, name=None))
        for file in ("accuracy.csv", "reliability.csv")
    ]
    assert len(keys[1] - keys[0]) == 1  # the bins of a cell that is not finished
    assert run(tmp_path, [small], ONE_SPLIT) == 0
    assert_as_in(finished, tmp_path)


@pytest.mark.usefixtures("without_figures")
def test_a_cell_that_fails_harms_no_other_and_is_tried_again(run, calls, small, finished, tmp_path, capsys):
    calls(2, RuntimeError("no memory"))
    assert run(tmp_path, [small], ONE_SPLIT) == 1
    errors = capsys.readouterr().err
    assert "Failed: small, pair, uniform, seed 0, PathCount: no memory" in errors
    assert "1 of 4 cells failed" in errors
    assert len(cells_of(tmp_path)) == 3
    again = calls()
    assert run(tmp_path, [small], ONE_SPLIT) == 0
    assert [(cell.split, cell.seed, cell.model) for cell in again.cells] == [("pair", 0, "PathCount")]
    assert_as_in(finished, tmp_path)


@pytest.mark.usefixtures("without_figures")
def test_rerun_forgets_the_named_model_alone_within_the_plan_given(run, calls, small, copied):
    marked = cells_of(copied, costs=True).assign(seconds=-1.0, auc=-1.0)
    marked.to_csv(copied / "accuracy.csv", index=False)
    measured = calls()
    plan = ["--splits", "pair", "both", "--negatives", "uniform", "--seeds", "1", "--folds", "2"]
    assert run(copied, [small], plan, "--rerun", "PathCount") == 0
    expected = [("pair", 1, "PathCount"), ("both", 1, "PathCount")]
    assert [(cell.split, cell.seed, cell.model) for cell in measured.cells] == expected
    after = cells_of(copied, costs=True)
    new = after[after["seconds"] >= 0]
    assert set(new[["split", "seed", "model"]].itertuples(index=False, name=None)) == set(expected)
    assert (new["auc"] >= 0).all()
    kept = marked.drop(index=new.index)
    pd.testing.assert_frame_equal(after.loc[kept.index], kept)


def test_the_tables_do_not_tell_which_cell_was_finished_first(modules, finished, tmp_path):
    cells, bins = (pd.read_csv(finished / file) for file in ("accuracy.csv", "reliability.csv"))
    results = modules["_results"].Results(tmp_path)
    for row in cells.sample(frac=1, random_state=0).to_dict("records"):
        of_cell = bins.merge(pd.DataFrame([row])[KEY])
        results.add(row, of_cell.sample(frac=1, random_state=0).to_dict("records"))
    for file in ("accuracy.csv", "reliability.csv"):
        assert (tmp_path / file).read_bytes() == (finished / file).read_bytes()


# What is refused


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--linear", "smal"], "--linear smal is none of the data folders, small."),
        (["--rerun", "boosting"], "--rerun boosting is none of --models, SeedCount"),
    ],
)
def test_a_name_that_is_none_of_the_run_ends_in_one_line(run, small, tmp_path, capsys, more, says):
    assert run(tmp_path / "out", [small], PLAN, *more) == 2
    assert one_line(capsys).startswith(f"Error: {says}")
    assert not (tmp_path / "out").exists()


def test_two_data_folders_of_one_name_are_refused(run, small, tmp_path, capsys):
    other = shutil.copytree(small, tmp_path / "small")
    assert run(tmp_path / "out", [small, other], PLAN) == 2
    assert one_line(capsys).startswith("Error: Two data folders are called small; rename one")


def test_a_folder_without_data_is_refused(run, tmp_path, capsys):
    assert run(tmp_path / "out", [tmp_path / "none"], PLAN) == 2
    assert str(tmp_path / "none") in one_line(capsys)


@pytest.mark.parametrize(
    "words",
    [["--models", "bets"], ["--splits", "pairs"], ["--folds", "1"], ["--seeds", "-1"], ["--seeds", "one"]],
)
def test_an_unknown_word_ends_in_the_usage(modules, small, tmp_path, capsys, words):
    with pytest.raises(SystemExit, match="2"):
        modules["accuracy"].main(["--data", str(small), "--out", str(tmp_path / "out"), *words])
    assert f"argument {words[0]}" in capsys.readouterr().err


def with_line(text, number, change):
    lines = text.splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    return "".join(lines)


DAMAGES = {
    "another table": (lambda text: "a,b\n1,2\n", "no column 'data'"),
    "nothing in it": (lambda text: "", "cannot be read as a table (No columns"),
    "a cell too many": (lambda text: with_line(text, 4, lambda line: "x," + line), "cannot be read"),
    "no text": (lambda text: b"\x80\x81\xff", "cannot be read"),
    "a line cut off": (lambda text: text[:-60], "has no "),
    "marks of a merge": (lambda text: with_line(text, 5, lambda line: "<<<<<<<\n" + line), "line 5 has no "),
    "a model of old": (lambda text: text.replace(",PathCount,", ",Paths,"), "has the model 'Paths'"),
    "words for numbers": (
        lambda text: with_line(text, 3, lambda line: re.sub(r",0\.\d+", ",good", line, count=1)),
        "line 3 has a ",
    ),
    "a row twice": (
        lambda text: with_line(text, 6, lambda line: line * 2),
        "line 7 is of a cell that stands",
    ),
}


@pytest.mark.parametrize("file", ["accuracy.csv", "reliability.csv"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_refused_and_left_as_it_is(run, calls, small, copied, capsys, damage, file):
    change, says = DAMAGES[damage]
    if file == "reliability.csv" and damage == "a line cut off":
        change = lambda text: text[: text.rstrip().rindex(",")]  # noqa: E731
    damaged = change((copied / file).read_text(encoding="utf-8"))
    (copied / file).write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    before, measured = bytes_of(copied), calls()
    assert run(copied, [small], PLAN) == 2
    message = one_line(capsys)
    assert message.startswith(f"Error: {copied / file} ")
    assert says in message
    assert "--out" in message
    assert measured.cells == []
    assert bytes_of(copied) == before


@pytest.mark.parametrize(
    ("changed", "more", "says"),
    [
        (False, ["--folds", "3"], "split pair, with folds=2, and now it is 3"),
        (False, ["--linear", "small"], "with linear=False, and now it is True"),
        (True, [], "with known_pairs=240, and now it is 239"),
    ],
)
def test_cells_of_other_folds_or_data_are_not_mixed_with_new_ones(
    run, calls, small, copied, tmp_path, capsys, changed, more, says
):
    if changed:
        data = load_cmi(small)
        small = tmp_path / "small"
        save_cmi(dataclasses.replace(data, pairs=data.pairs[1:]), small)
    before, measured = bytes_of(copied), calls()
    assert run(copied, [small], PLAN, *more) == 2
    message = one_line(capsys)
    assert message.startswith(f"Error: {copied / 'accuracy.csv'} has cells of small, ")
    assert says in message
    assert "remove these rows, or give another folder as --out" in message
    assert measured.cells == []
    assert bytes_of(copied) == before


# What is shown


def test_the_page_names_every_data_folder_and_model_and_shows_every_picture(
    run, calls, modules, small, copied, tmp_path
):
    second = shutil.copytree(small, tmp_path / "NA")  # what tables take for a missing word
    models = ["PathCount", "DegreeProduct"]
    assert run(copied, [second], ONE_SPLIT, models=models) == 0
    measured = calls()
    assert run(copied, [second], ONE_SPLIT, models=models) == 0
    assert measured.cells == []
    page = (copied / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", page, flags=re.MULTILINE)[-3:] == ["The data", "NA", "small"]
    assert "| [NA](#na) | 240 | " in page
    assert "| [small](#small) | 240 | " in page
    for name, model in modules["_models"].MODELS.items():
        assert (f"| `{name}` | {model.reads} |" in page) == (name in MODELS)
    of_second, of_small = page.split("\n## NA\n")[1].split("\n## small\n")
    assert list(rows_of_table(of_second, "AUC, uniform negatives")) == models
    assert list(rows_of_table(of_small, "AUC, uniform negatives")) == MODELS
    shown = re.findall(r"\(<(.+\.png)>\)", page)
    assert sorted(shown) == sorted(path.name for path in copied.glob("*.png"))
    assert {"small-splits.png", "small-reliability.png", "small-ranking.png"} < set(shown)
    assert all((copied / name).read_bytes().startswith(PNG) for name in shown)


def test_the_page_shows_mean_and_deviation_once_there_are_two_seeds(finished):
    page = (finished / "index.md").read_text(encoding="utf-8")
    assert "over\nthe seeds 0 and 1." in page
    table = cells_of(finished)
    of_ranking = table[table["split"] == "ranking"]
    n_ranked, n_hidden = (int(of_ranking[name].iloc[0]) for name in ("n_ranked", "n_hidden"))
    for title, figures in (
        ("AUC, uniform negatives", {"pair": "auc", "both": "auc"}),
        ("AUPR, uniform negatives", {"pair": "aupr", "both": "aupr"}),
        (
            f"Ranking of {n_ranked:,} unknown pairs, {n_hidden} of them hidden interactions",
            {"AP": "ap", "P@20": "p@20"},
        ),
    ):
        shown = rows_of_table(page, title)
        assert list(shown) == MODELS
        for column, figure in figures.items():
            split = column if column in SPLITS else "ranking"
            for model in MODELS:
                chosen = (table["split"] == split) & (table["model"] == model)
                values = table.loc[chosen, figure]
                found = [float(word) for word in shown[model][column].split(" ± ")]
                assert found == pytest.approx([values.mean(), values.std()], abs=0.00051)


@pytest.mark.usefixtures("without_figures")
def test_the_page_of_one_seed_shows_no_deviation_and_says_why(run, small, tmp_path):
    assert run(tmp_path, [small], ONE_SPLIT) == 0
    page = (tmp_path / "index.md").read_text(encoding="utf-8")
    assert "seeds, of which there is one here, 0, and so no deviation." in page
    auc = cells_of(tmp_path).set_index("model")["auc"]
    shown = rows_of_table(page, "AUC, uniform negatives")
    assert {model: row["pair"] for model, row in shown.items()} == {m: f"{auc[m]:.3f}" for m in MODELS}
    assert f"| `{auc.idxmax()}` | **{auc.max():.3f}** |" in page
    assert f"`{auc.idxmax()}` alone has an AUC of {auc.max():.3f}" in page


@pytest.mark.parametrize(
    ("split", "negatives", "pictures"),
    [
        ("pair", "degree", {"splits"}),
        ("circrna", "uniform", {"splits", "reliability"}),
        ("ranking", "uniform", {"ranking"}),
    ],
)
def test_the_page_shows_what_there_is_of_a_part_of_the_plan(run, small, tmp_path, split, negatives, pictures):
    plan = ["--splits", split, "--negatives", negatives, "--seeds", "0"]
    assert run(tmp_path, [small], plan, models=["DegreeProduct"]) == 0
    assert {path.name for path in tmp_path.glob("*.png")} == {f"small-{name}.png" for name in pictures}
    page = (tmp_path / "index.md").read_text(encoding="utf-8")
    assert ("Ranking of " in page) == (split == "ranking")
    assert (f"AUC, {negatives} negatives" in page) == (split != "ranking")


# A process for each cell


def test_a_call_returns_from_its_own_process_or_says_how_it_failed(modules):
    modules["_isolated"]._CONTEXT.set_forkserver_preload([])  # which takes longer than these calls
    call = modules["_isolated"].call
    assert call(os.getpid) != os.getpid()
    with pytest.raises(RuntimeError, match="ValueError: invalid literal for int"):
        call(int, "x")
    with pytest.raises(RuntimeError, match="its process died with exit code 3"):
        call(os._exit, 3)


def test_the_command_gives_the_same_figures_with_a_process_for_each_cell(small, finished, tmp_path):
    models = ["DegreeProduct", "SeedCount"]
    words = ["--data", small, "--out", tmp_path / "out", "--models", *models, *ONE_SPLIT]
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "accuracy.py", *words], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert list(cells_of(tmp_path / "out")["model"]) == ["SeedCount", "DegreeProduct"]
    assert_as_in(finished, tmp_path / "out")
