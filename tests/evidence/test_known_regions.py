"""Stretches that are held: found wherever they stand, in any form they come in, and nowhere else."""

import gzip

import numpy as np
import pandas as pd
import pytest
from _builders import random_rna

from sklearn_mferl import KnownRegions, TargetSites
from sklearn_mferl.evidence.sites.regions import RegionIndex, read_regions
from sklearn_mferl.features.rna_codes import encode_rnas

CIRCLE = "CCUCAGGGGCCAAGGCCUACUACCUCAGG"
LET_7 = "UGAGGUAGUAGGUUGUAUAGUU"
RNAS = {"circrna": {"circ": CIRCLE, "other": "GACGCAACGACGGACGACG"}, "mirna": {"let-7": LET_7}}
PAIRS = [("circ", "let-7"), ("other", "let-7")]


@pytest.mark.parametrize("circular", [True, False])
def test_a_stretch_covers_every_place_where_it_stands(circular):
    rng = np.random.default_rng(0)
    for _ in range(20):
        target = random_rna(40, rng) * 2 + random_rna(30, rng)
        start = rng.integers(len(target))
        stretches = [(target + target)[start : start + 25], target[50:64], random_rna(20, rng)]
        expected = np.zeros(len(target), dtype=bool)
        text = 2 * target if circular else target
        for stretch in stretches:
            for place in range(len(target)):
                if text.startswith(stretch, place):
                    expected[np.arange(place, place + len(stretch)) % len(target)] = True
        covered = RegionIndex(stretches).cover(encode_rnas([target]).codes, circular)
        np.testing.assert_array_equal(covered, expected)


def test_only_sites_that_lie_in_a_stretch_count(data):
    """With the whole target as one stretch, all canonical sites do; without stretches nothing is known."""
    pairs = data.pairs.to_numpy()
    whole = KnownRegions(data.circrna, data.mirna, regions=data.circrna.values(), circular=False)
    found = whole.fit_transform(pairs)
    sites = TargetSites(data.circrna, data.mirna, circular=False).set_output(transform="pandas").fit(pairs)
    table, listed = sites.transform(pairs), sites.sites(pairs)
    assert (found[:, 0] == 1).all()
    canonical = ["site_8mer", "site_7mer_m8", "site_7mer_a1", "site_6mer", "site_offset_6mer"]
    at_the_end = listed["start"] + 7 > listed["circrna"].map(data.circrna).map(len)
    assert abs(found[:, 1].sum() - table[canonical].to_numpy().sum()) <= at_the_end.sum() + 2
    assert (found[:, 2] <= table["best_site"]).all()
    assert found[:, 2].max() == table["best_site"].max()
    assert np.isnan(KnownRegions(data.circrna, data.mirna).fit_transform(pairs)).all()


def test_a_site_beside_a_stretch_does_not_count():
    beside = KnownRegions(**RNAS, regions=["CCUCAGGGGCCAAG"]).fit_transform(PAIRS)
    np.testing.assert_allclose(beside[0], [14 / 29, 0, 0], rtol=1e-6)
    assert np.isnan(beside[1]).all()


def test_all_forms_mean_the_same(tmp_path):
    """On a circle a stretch may run across the junction."""
    place = pd.DataFrame({"circrna": ["circ"], "start": [22], "end": [36]})
    stretch = (CIRCLE + CIRCLE)[22:36]
    (tmp_path / "r.fa").write_text(f">a\n{stretch}\n>b\n{stretch.replace('U', 'T')}\n")
    (tmp_path / "r.bed").write_text("track name=x\ncirc\t22\t36\tname\t0\t+\nstranger\t5\t50\n")
    (tmp_path / "r.bed.gz").write_bytes(gzip.compress(b"circ\t22\t36\n"))
    (tmp_path / "r.csv").write_text(f"protein,sequence\nAGO2,{stretch}\n")
    place.to_csv(tmp_path / "places.tsv", sep="\t", index=False)
    with pytest.warns(UserWarning, match=r"1 of 2 regions are left out.*line 3: the circRNA 'stranger'"):
        assert read_regions(tmp_path / "r.bed", RNAS["circrna"], circular=True) == [stretch]
    forms = [[stretch], place, pd.DataFrame({"sequence": [stretch]})]
    forms += [tmp_path / name for name in ("r.fa", "r.bed.gz", "r.csv", "places.tsv")]
    for form in forms:
        assert read_regions(form, RNAS["circrna"], circular=True) == [stretch], form


@pytest.mark.parametrize(
    ("regions", "message"),  # a string holds the lines of a BED file
    [
        ("circ\t20\t60\n", r"r\.bed, line 1: 20 to 60 is no stretch of 'circ', which has 29 nucleotides"),
        ("circ\t5\t20\ncirc\t9\t3\n", r"r\.bed, line 2: 9 to 3 is no stretch"),
        ("circ\t-1\t20\n", "-1 to 20 is no stretch"),
        ("circ\tx\t20\n", "line 1: start and end must be whole numbers; got 'x', '20'"),
        ("circ\t5\n", "line 1: 2 cells"),
        ("Circ\t1\t20\n", "line 1: the circRNA 'Circ' has no sequence .*'circ'.*; no region is of"),
        ("circ\t1\t9\n", "has 8 nucleotides; a stretch of less than 12"),
        ("", "There are no regions"),
        ([], "There are no regions"),
        (7, "regions must be a path, a DataFrame, sequences or None; got a int"),
        (pd.DataFrame({"chrom": ["circ"]}), "needs a column sequence, or the columns circrna, start and end"),
        (["ACGUACGUACGX"], "region 0.*'X'"),
    ],
)
def test_bad_regions_are_named(tmp_path, regions, message):
    if isinstance(regions, str):
        (tmp_path / "r.bed").write_text(regions)
        regions = tmp_path / "r.bed"
    with pytest.raises(ValueError, match=message):
        KnownRegions(**RNAS, regions=regions, circular=False).fit(PAIRS)


def test_places_are_of_circrnas_by_id():
    places = pd.DataFrame({"circrna": ["circ"], "start": [0], "end": [20]})
    with pytest.raises(ValueError, match="give the regions as sequences"):
        KnownRegions(regions=places).fit([(CIRCLE, LET_7)])
