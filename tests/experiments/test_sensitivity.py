"""`sensitivity` is the network with one parameter at a time set to other values."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from _light import NETWORK, SIX, assert_goes_on, contents, embedded_only, written_names
from matplotlib.colors import to_rgb

from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.experiments import Settings, sensitivity
from sklearn_mferl.experiments.sensitivity import DEFAULT_GRID
from sklearn_mferl.plotting.experiments import plot_heat_maps

GRID = {"embedding_dim": (4, 8), "temperature": (0.05, 0.1), "threshold": (0.3, 0.5)}
LIGHT = {"n_splits": 2, "params": NETWORK}


@pytest.fixture(scope="module")
def written(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sensitivity")
    return folder, sensitivity(data, grid=GRID, out=folder, **LIGHT)


@pytest.fixture(scope="module")
def figures(written):
    return written[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mferl__embedding_dim", 4),
        ("mferl__embedding_dim", 8),
        ("mferl__temperature", 0.05),
        ("features__similarity__threshold", 0.3),
    ],
)
def test_each_value_is_the_pipeline_with_that_value(data, figures, name, value):
    settings = Settings(preset="paper", params={**NETWORK, name: value})
    of_value = settings.make_model(data), *settings.draw_pairs(data)
    expected = cross_validate_pairs(*of_value, n_splits=2, random_state=0).figures
    found = figures[(figures["parameter"] == name.split("__")[-1]) & (figures["value"] == value)]
    found = found[expected.columns[1:]].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected.drop(columns="model"))


def test_the_rows_are_sorted_by_parameter_value_and_fold(figures):
    rows = figures[["parameter", "value", "fold"]].itertuples(index=False, name=None)
    assert list(rows) == [(name, value, fold) for name in GRID for value in GRID[name] for fold in (1, 2)]
    defaults = figures.loc[figures["is_default"], ["parameter", "value"]].drop_duplicates()
    assert dict(defaults.to_numpy()) == {"embedding_dim": 4, "temperature": 0.1, "threshold": 0.5}


def test_the_default_is_computed_once_and_stands_at_each_parameter(written):
    folder, figures = written
    names = {path.stem.rsplit("-", 1)[0] for path in (folder / "cells" / "sensitivity").glob("*fold*")}
    assert names == {"default", "embedding_dim", "temperature", "threshold=0.3"}
    for _, fold in figures[figures["is_default"]].groupby("fold"):
        assert len(fold) == len(GRID)
        assert (fold[SIX].nunique() == 1).all()


def test_an_interrupted_run_goes_on_to_the_same_files(data, written):
    assert set(contents(written[0])) == written_names("sensitivity", figure="sensitivity")
    assert_goes_on(partial(sensitivity, data, grid=GRID, **LIGHT), *written)


def test_any_parameter_of_the_pipeline_may_be_varied(data):
    grid = {"mferl__homogeneous": [None, "fuse_first"], "features__kmer__k": np.array([1, 2])}
    found = sensitivity(data, grid=grid, **LIGHT)
    assert found["value"].tolist()[::2] == [None, "fuse_first", 1, 2]
    assert found["is_default"].tolist()[::2] == [False, False, False, True]
    plot_heat_maps(found).canvas.draw()


def test_the_threshold_is_also_that_of_vectors(data):
    found = sensitivity(embedded_only(data), grid={"threshold": (0.0, 0.9)}, **LIGHT)
    assert found["log_loss"].nunique() == len(found)


def test_without_a_similarity_scale_the_default_grid_has_no_threshold(data, monkeypatch):
    monkeypatch.setitem(DEFAULT_GRID, "embedding_dim", (4,))
    monkeypatch.delitem(DEFAULT_GRID, "lr")
    monkeypatch.delitem(DEFAULT_GRID, "temperature")
    params = {**NETWORK, "features__similarity": "drop"}
    with pytest.warns(UserWarning, match="This network has no threshold, which is left out"):
        found = sensitivity(data, n_splits=2, params=params)
    assert set(found["parameter"]) == {"embedding_dim"}
    with pytest.raises(ValueError, match="grid has 'threshold', which is no parameter of this network"):
        sensitivity(data, grid={"threshold": (0.5,)}, n_splits=2, params=params)


def test_a_network_that_diverges_has_no_figures(data):
    found = sensitivity(data, grid={"lr": (0.01, 9e5)}, **LIGHT)
    assert found[SIX].isna().all(axis=1).tolist() == [False, False, True, True]
    texts = [text.get_text() for text in plot_heat_maps(found).axes[0].texts]
    assert texts.count("–") == 6


def contrast(first, second):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_all_heat_maps_have_the_same_colours_and_readable_numbers(figures):
    figure = plot_heat_maps(figures)
    panels = figure.axes[: len(GRID)]
    images = [ax.images[0] for ax in panels]
    assert len({image.get_clim() for image in images}) == 1
    means = figures.groupby(["parameter", "value"], sort=False)[SIX].mean()
    for ax, image, name in zip(panels, images, GRID, strict=True):
        expected = [f"{value:.3f}" for value in means.loc[name].to_numpy().T.ravel()]
        assert [text.get_text() for text in ax.texts] == expected
        for text in ax.texts:
            column, row = text.get_position()
            cell = image.cmap(image.norm(image.get_array()[row, column]))
            assert contrast(cell, to_rgb(text.get_color())) >= 4.5  # WCAG 2, AA
    assert [label.get_text() for label in panels[0].get_xticklabels()] == ["4 *", "8"]
