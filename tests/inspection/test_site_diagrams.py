"""The picture of target sites shows what the table says, and no text hides another."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from sklearn_mferl import TargetSites
from sklearn_mferl.evidence.sites.seed_index import SITE_TYPES
from sklearn_mferl.inspection import plot_site_circle
from sklearn_mferl.plotting import new_axes
from sklearn_mferl.plotting.sites import SITE_COLOURS, distance, spread, stack_in_lanes
from tests.inspection._readable import assert_readable

LET7 = "UGAGGUAGUAGGUUGUAUAGUU"
# sites of several types, one across the junction
GAP = "GGACAU" * 10
TARGET = GAP.join(["CCUCA", "CUACCUCA", "CUACCUC", "GUACCUCA", "UUACCUCC", "CUAGCUCC", "CUA"])


@pytest.fixture(params=[True, False], ids=["circle", "line"])
def circular(request):
    return request.param


def find_sites(circular=True, target=TARGET):
    found = TargetSites({"circ": target}, {"let-7": LET7}, circular=circular).fit([("circ", "let-7")])
    return found.sites([("circ", "let-7")])


def draw(circular=True, **params):
    """Return the sites of the target, the axes of their picture, and those of the duplexes."""
    sites = find_sites(circular)
    return sites, *plot_site_circle(sites, len(TARGET), circular=circular, **params).child_axes


def shapes(ax):
    """Return the drawn sites: arcs, or boxes."""
    return [patch for patch in ax.patches if type(patch).__name__ in ("Wedge", "Rectangle")]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_every_site_has_the_colour_of_its_type_which_the_legend_names(circular):
    assert len(set(SITE_COLOURS.values())) == len(SITE_TYPES) == len(SITE_COLOURS)
    sites, drawing, _ = draw(circular)
    assert len(sites) > 3
    colours = [to_hex(shape.get_facecolor()).upper() for shape in shapes(drawing)]
    assert colours == [SITE_COLOURS[kind].upper() for kind in sites["type"]]
    present = [kind for kind in SITE_TYPES if kind in set(sites["type"])]
    assert [text.get_text() for text in drawing.get_legend().get_texts()] == present


def test_arcs_lie_clockwise_from_the_junction_at_the_top():
    sites, drawing, _ = draw()
    for arc, site in zip(shapes(drawing), sites.itertuples(), strict=True):
        middle = (arc.theta1 + arc.theta2) / 2
        assert middle == pytest.approx(90 - 360 * (site.start + site.end) / 2 / len(TARGET))
    (junction,) = [text for text in drawing.texts if text.get_text() == "back-splice junction"]
    assert junction.get_position()[0] == 0
    assert junction.get_position()[1] > 1


def test_a_line_has_ends_and_no_junction():
    written = words(draw(circular=False)[1])
    assert {"5′", "3′"} <= set(written)
    assert "back-splice junction" not in written


def test_duplexes_are_written_as_the_table_has_them(circular):
    sites, _, writing = draw(circular, max_duplexes=99)
    blocks = [text for text in words(writing) if text.startswith("target")]
    expected = [
        f"target 3′ {site.target_3to5} 5′\n          {site.bars}\nmiRNA  5′ {site.mirna_5to3} 3′"
        for site in sites.itertuples()
    ]
    assert blocks == expected


def test_a_site_across_the_junction_says_so_and_counts_from_one():
    sites, _, writing = draw(max_duplexes=99)
    (across,) = sites[sites["crosses_junction"]].itertuples()
    (line,) = [text for text in words(writing) if "across the junction" in text]
    place = f"nt {across.start + 1}–{across.end - len(TARGET)} across the junction"
    assert line == f"{across.type}, {place}, score {across.duplex_score}"


def test_the_strongest_sites_are_written_out_and_the_others_counted(circular):
    sites, _, writing = draw(circular, max_duplexes=2)
    headlines = [text for text in words(writing) if ", nt " in text]
    strength = sorted(sites["type"].map(SITE_TYPES.index))
    assert sorted(SITE_TYPES.index(line.split(",")[0]) for line in headlines) == strength[:2]
    rest = len(sites) - 2
    assert f"and {rest} more site{'s' if rest > 1 else ''}" in words(writing)


def test_a_pair_without_a_site_is_drawn(circular):
    none, ax = find_sites(circular).iloc[:0], new_axes()
    assert plot_site_circle(none, 500, circular=circular, name="circ", ax=ax) is ax
    assert "no site" in words(ax.child_axes[1])
    assert ax.child_axes[0].get_legend() is None


@pytest.mark.parametrize("length", [8, 81, 294, 1193, 31_572, 1_000_000])
def test_ticks_are_round_numbers_that_do_not_meet_at_the_junction(length):
    drawing = plot_site_circle(find_sites().iloc[:0], length).child_axes[0]
    numbers = [int(text.replace(",", "")) for text in words(drawing) if text.replace(",", "").isdigit()]
    assert numbers[0] == 0
    assert 4 <= len(numbers) <= 9
    steps = np.diff(numbers)
    assert len(set(steps)) == 1
    assert str(steps[0]).rstrip("0") in ("1", "2", "5")
    assert length - numbers[-1] >= steps[0] / 2


def test_no_text_hides_another(circular):
    sites = find_sites(circular, TARGET * 3)
    assert len(sites) > 15
    ax = plot_site_circle(sites, 3 * len(TARGET), circular=circular, name="circ")
    assert_readable(ax.figure, least=20)


@pytest.mark.parametrize(
    ("change", "length", "message"),
    [
        (lambda sites: sites, 0, "length must be a whole number of nucleotides; got 0"),
        (lambda sites: sites, 20, "starts at .*, beyond a target of 20 nucleotides"),
        (lambda sites: sites.drop(columns="bars"), 500, "sites has no column 'bars'"),
        (lambda sites: pd.concat([sites, sites.assign(mirna="other")]), 500, "several pairs"),
        (lambda sites: sites.assign(type="9mer"), 500, "type '9mer'"),
    ],
)
def test_what_cannot_be_drawn_is_named(change, length, message):
    with pytest.raises(ValueError, match=message):
        plot_site_circle(change(find_sites()), length)


# Where marks and labels go ------------------------------------------------------------------------------

places = st.lists(st.floats(0, 0.999), min_size=1, max_size=9).map(lambda values: np.array(sorted(values)))


@given(places, st.booleans())
def test_marks_in_one_lane_do_not_overlap(middle, is_circle):
    around = 1.0 if is_circle else np.inf
    lanes = stack_in_lanes(middle, np.full(len(middle), 0.05), around)
    for i, j in itertools.combinations(range(len(middle)), 2):
        assert lanes[i] != lanes[j] or distance(middle[i], middle[j], around) >= 0.05
    assert set(lanes) == set(range(max(lanes) + 1))


@given(places, st.booleans())
def test_labels_are_moved_apart_in_their_order(middle, is_circle):
    moved = spread(middle, 0.04, 1.0 if is_circle else np.inf)
    assert (np.diff(moved) > 0.039).all()
    assert not is_circle or moved[-1] - moved[0] < 1.0 - 0.039 or len(middle) == 1


def test_labels_with_room_stay_where_they_are():
    np.testing.assert_array_equal(spread(np.array([0.1, 0.5, 0.9]), 0.1, 1.0), [0.1, 0.5, 0.9])
