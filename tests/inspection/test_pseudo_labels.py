from __future__ import annotations

import numpy as np
import pytest

from sklearn_mferl.inspection._pseudo_labels import bin_distances, distances_from_end


def test_a_single_output_is_ordered_by_its_value():
    outputs = np.array([[0.3], [-1.0], [2.0]])
    np.testing.assert_allclose(distances_from_end(outputs, 2), [1.3, 0.0, 3.0])


def test_distances_follow_a_curve_and_do_not_cut_across_it():
    angle = np.linspace(0, 1.8 * np.pi, 200)
    outputs = np.column_stack([np.cos(angle), np.sin(angle)])
    distances = distances_from_end(outputs, 4)
    along = distances if distances[0] < distances[-1] else distances[::-1]
    np.testing.assert_allclose(along, angle, atol=0.05)


def test_pieces_of_a_manifold_are_joined():
    piece = np.random.default_rng(0).normal(size=(30, 2))
    outputs = np.concatenate([piece, piece + np.array([0, 90])])
    distances = distances_from_end(outputs, 3)
    assert np.isfinite(distances).all()
    assert abs(distances[:30].mean() - distances[30:].mean()) > 50


def test_equal_outputs_are_at_the_same_distance():
    outputs = np.repeat(np.random.default_rng(0).normal(size=(20, 2)), 3, axis=0)
    distances = distances_from_end(outputs, 5).reshape(20, 3)
    assert (distances == distances[:, :1]).all()


@pytest.mark.parametrize("n_labels", [2, 5, 10])
def test_labels_ascend_with_the_distance_and_are_equally_frequent(n_labels):
    distances = np.random.default_rng(0).random(500)
    labels = bin_distances(distances, n_labels)
    assert (np.diff(labels[np.argsort(distances)]) >= 0).all()
    assert np.ptp(np.bincount(labels)) <= 1
    assert labels.max() == n_labels - 1


def test_equal_distances_have_equal_labels():
    labels = bin_distances(np.array([0.0] * 50 + [1.0] * 5), 10)
    assert labels.tolist() == [0] * 50 + [1] * 5
