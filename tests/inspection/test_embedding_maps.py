"""Maps of embeddings: the same pairs in each, figures that mean what they say, and a picture on one scale."""

import numpy as np
import pytest
from _networks import small_network
from matplotlib.colors import to_hex
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score

from sklearn_mferl.inspection import EmbeddingSnapshots, embedding_maps, plot_embedding_maps

RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 2
NOISE = RNG.normal(size=(60, 5))
APART = NOISE + 20 * LABELS[:, None]
BY_EPOCH = {1: {"initial": NOISE, "final": NOISE}, 5: {"initial": NOISE, "final": APART}}


@pytest.fixture(scope="module")
def snapshots(table, y):
    model = small_network(max_epochs=3, callbacks=[EmbeddingSnapshots((1, 3))])
    return EmbeddingSnapshots.of(model.fit(table, y))


@pytest.fixture(scope="module")
def maps(snapshots):
    return embedding_maps(snapshots, method=PCA(2), max_pairs=50)


@pytest.fixture(scope="module")
def axes(maps):
    axes = plot_embedding_maps(maps)
    axes[0, 0].figure.draw_without_rendering()
    return axes


# Maps -----------------------------------------------------------------------------------------------------


def test_each_epoch_and_layer_has_a_map_of_the_same_pairs(maps, snapshots):
    assert list(maps.maps) == [(e, layer) for e in (1, 3) for layer in ("initial", "attention", "final")]
    assert {points.shape for points in maps.maps.values()} == {(50, 2)}
    assert len(set(maps.rows)) == 50
    np.testing.assert_array_equal(maps.labels, snapshots.labels_[maps.rows])
    for (epoch, layer), points in maps.maps.items():
        expected = PCA(2).fit_transform(snapshots.snapshots_[epoch][layer][maps.rows].astype(float))
        np.testing.assert_allclose(points, expected, atol=1e-6)
    np.testing.assert_array_equal(maps.outputs[3], snapshots.outputs_[3][maps.rows])


def test_of_many_pairs_each_class_keeps_its_share():
    labels = np.repeat([0, 1], [300, 100])
    features = RNG.normal(size=(400, 3))
    found = embedding_maps({"x": features}, labels, method=PCA(2), max_pairs=40)
    assert np.bincount(found.labels).tolist() == [30, 10]


def test_t_sne_is_scikit_learn_s_from_principal_components_with_a_fixed_seed():
    first, again = embedding_maps({"first": NOISE, "again": NOISE}, LABELS).maps.values()
    np.testing.assert_array_equal(first, again)
    given = embedding_maps({"x": NOISE}, LABELS, method=TSNE(perplexity=59 / 3, random_state=0))
    np.testing.assert_allclose(given.maps[None, "x"], first, rtol=1e-3, atol=1e-3)


def test_embeddings_that_are_all_alike_lie_on_one_point_and_those_of_one_column_have_a_map():
    found = embedding_maps({"flat": np.ones((60, 3))}, LABELS)
    assert not found.maps[None, "flat"].any()
    assert (found.scores["silhouette"] == 0).all()
    of_one_column = embedding_maps({"x": NOISE[:, :1]}, LABELS)
    assert of_one_column.maps[None, "x"].shape == (60, 2)


class NeedsTarget(BaseEstimator):
    """As MDA is: it is fitted on the outputs."""

    def fit_transform(self, X, y):
        return np.column_stack([y, y])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def test_a_method_that_needs_a_target_is_given_the_outputs_of_the_epoch(snapshots):
    found = embedding_maps(snapshots, method=NeedsTarget())
    for (epoch, _), points in found.maps.items():
        np.testing.assert_array_equal(points[:, 0], snapshots.outputs_[epoch][found.rows])
    with pytest.raises(ValueError, match="is fitted on the outputs of the model; give outputs"):
        embedding_maps(BY_EPOCH, LABELS, method=NeedsTarget())
    found = embedding_maps(BY_EPOCH, LABELS, outputs=APART[:, 0], method=NeedsTarget())
    np.testing.assert_array_equal(found.maps[5, "final"][:, 1], APART[:, 0])


# Figures --------------------------------------------------------------------------------------------------


def test_the_figures_are_of_the_embeddings_and_of_their_maps_and_tell_classes_that_lie_apart():
    found = embedding_maps(BY_EPOCH, LABELS, method=PCA(2))
    names = ["epoch", "layer", "space", "silhouette", "knn_accuracy", "n_pairs"]
    assert list(found.scores.columns) == names
    scores = found.scores.set_index(["space", "epoch", "layer"])
    assert len(scores) == 2 * len(found.maps)
    for (epoch, layer), points in found.maps.items():
        for space, expected in (("embedding", BY_EPOCH[epoch][layer]), ("map", points)):
            score = scores.loc[(space, epoch, layer), "silhouette"]
            assert score == pytest.approx(silhouette_score(expected, LABELS))
    assert scores.loc[("embedding", 5, "final"), "knn_accuracy"] == 1.0
    assert 0.3 < scores.loc[("embedding", 1, "final"), "knn_accuracy"] < 0.7
    # were a pair a neighbour of its own, a single one would tell every class
    nearest = embedding_maps({"noise": NOISE}, LABELS, method=PCA(2), n_neighbors=1).scores
    assert (nearest["knn_accuracy"] < 0.8).all()


@pytest.mark.parametrize(
    ("given", "labels", "params", "message"),
    [
        ({}, LABELS, {}, "no embeddings to draw"),
        (NOISE, LABELS, {}, "no embeddings to draw"),
        (BY_EPOCH, None, {}, "There are no labels"),
        (BY_EPOCH, LABELS[:-1], {}, "inconsistent numbers of samples"),
        (BY_EPOCH, np.zeros(60), {}, "two classes of at least 5 pairs; .* {0.0: 60}"),
        (BY_EPOCH, LABELS, {"max_pairs": 8}, "two classes of at least 5 pairs"),
        (BY_EPOCH, LABELS, {"method": "umap"}, "method must be 'tsne', 'mda' or a transformer .* 'umap'"),
        (BY_EPOCH, LABELS, {"method": PCA(3)}, "must give two columns"),
        (BY_EPOCH, LABELS, {"outputs": [1.0], "method": PCA(2)}, "inconsistent numbers of samples"),
        ({2: {"final": np.full((60, 2), np.nan)}}, LABELS, {}, "the embeddings 'final' of epoch 2"),
    ],
)
def test_bad_input_is_named(given, labels, params, message):
    with pytest.raises(ValueError, match=message):
        embedding_maps(given, labels, **params)


# The picture ----------------------------------------------------------------------------------------------


def test_rows_are_layers_and_columns_are_epochs_and_the_titles_have_the_figures(axes, maps):
    assert axes.shape == (3, 2)
    names = ["before attention (initial)", "after attention", "final"]
    assert [ax.get_ylabel().replace("\n", " ") for ax in axes[:, 0]] == names
    assert [ax.get_title().split("\n")[0] for ax in axes[0]] == ["epoch 1", "epoch 3"]
    scores = maps.scores.query("epoch == 3 and layer == 'final'").set_index("space")
    silhouette, accuracy = (
        f"{scores[column]['embedding']:.2f} / {scores[column]['map']:.2f}".replace("-", "−")
        for column in ("silhouette", "knn_accuracy")
    )
    assert axes[2, 1].get_title() == f"epoch 3\nsilhouette {silhouette}\nkNN accuracy {accuracy}"


def test_every_panel_has_the_same_scale_and_shows_every_pair(axes):
    limits = set()
    for ax in axes.flat:
        points = np.asarray(ax.collections[0].get_offsets())
        limits.add((ax.get_xlim(), ax.get_ylim()))
        assert len(points) == 50
        assert np.abs(points).max() < ax.get_xlim()[1]
        assert np.sqrt((points**2).sum(axis=1).mean()) == pytest.approx(1)
        assert ax.get_aspect() == 1
    assert len(limits) == 1


def test_each_pair_has_the_colour_of_its_class_in_the_legend():
    named = {"x": np.column_stack([LABELS * 2.0 - 1, np.zeros(60)])}  # the first class left, the second right
    maps = embedding_maps(named, LABELS, method=PCA(2))
    ax = plot_embedding_maps(maps)[0, 0]
    handles = {h.get_label(): to_hex(h.get_color()) for h in ax.figure.legends[0].legend_handles}
    points, colours = ax.collections[0].get_offsets(), ax.collections[0].get_facecolors()
    by_side = {bool(x > 0): to_hex(colour[:3]) for (x, _), colour in zip(points, colours, strict=True)}
    assert set(by_side.values()) == set(handles.values())
    assert list(handles) == ["negatives", "positives"]
    legend = plot_embedding_maps(maps, class_names=["no", "yes"])[0, 0].figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["no", "yes"]


def test_colour_may_tell_the_probability(maps):
    axes = plot_embedding_maps(maps, colour="output")
    axes[0, 0].figure.draw_without_rendering()
    shown = np.sort(axes[2, 1].collections[0].get_array())
    np.testing.assert_allclose(shown, np.sort(1 / (1 + np.exp(-maps.outputs[3]))))
    assert axes[0, 0].figure.axes[-1].get_ylabel() == "Predicted probability"
    assert {ax.collections[0].get_clim() for ax in axes.flat} == {(0, 1)}


def test_names_without_epochs_stand_in_one_row_and_missing_panels_are_empty():
    named = plot_embedding_maps(embedding_maps({"a": NOISE, "b": APART}, LABELS, method=PCA(2)))
    assert [ax.get_title().split("\n")[0] for ax in named[0]] == ["a", "b"]
    partial = plot_embedding_maps(
        embedding_maps({1: {"initial": NOISE}, 2: {"final": NOISE}}, LABELS, method=PCA(2))
    )
    assert [[ax.axison for ax in row] for row in partial] == [[True, False], [False, True]]


def test_what_cannot_be_drawn_is_named(maps):
    plain = embedding_maps({"a": NOISE}, LABELS, method=PCA(2))
    for params, message in (
        ({"colour": "output"}, "outputs of these maps are not known"),
        ({"colour": "blue"}, "colour must be 'label' or 'output'; got 'blue'"),
        ({"class_names": ["one"]}, "class_names must name the 2 classes"),
    ):
        with pytest.raises(ValueError, match=message):
            plot_embedding_maps(plain, **params)
