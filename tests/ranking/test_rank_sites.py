"""The best sites of all pairs: those that the model finds, drawn as they are, whatever stops on the way."""

from importlib.util import find_spec
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from _builders import every_pair
from _commands import refused, run
from _rna_strings import reverse_complement
from scipy.special import expit

from sklearn_mferl import SiteClassifier
from sklearn_mferl.datasets import write_fasta
from sklearn_mferl.datasets.fasta import read_headers
from sklearn_mferl.evidence.sites.free_duplex import align_freely
from sklearn_mferl.features.rna_codes import encode_rnas
from sklearn_mferl.models.sites.along_target import list_peaks, refine_peaks
from sklearn_mferl.ranking import rank_sites, sites
from sklearn_mferl.ranking.bed import write_bed
from tests.models._sites import small_model


@pytest.fixture
def few(data):
    """Return some of the RNAs, where all of their windows are scored."""
    rnas = {side: dict(list(getattr(data, side).items())[:8]) for side in ("circrna", "mirna")}
    return SimpleNamespace(**rnas)


def ranked(data, **params):
    return rank_sites(
        data.circrna, data.mirna, binding=small_model(), **{"min_probability": 0.01, "top_k": 200, **params}
    )


@pytest.mark.slow
@pytest.mark.parametrize("circular", [True, False])
def test_they_are_the_best_refined_peaks_of_all_pairs(few, circular):
    names = [*product(sorted(few.circrna), sorted(few.mirna))]
    rnas = ([known[name] for name in sorted(known)] for known in (few.circrna, few.mirna))
    pairs = every_pair(*rnas, circular)
    peaks = refine_peaks(small_model(), pairs, list_peaks(small_model(), pairs, -np.inf))
    best = np.lexsort([peaks.start, peaks.pair, -peaks.logit])
    expected = [names[pair] for pair in peaks.pair[best]]
    table = ranked(few, circular=circular, top_k=1000)
    assert table["rank"].tolist() == list(range(1, len(best) + 1))
    np.testing.assert_allclose(table["probability"], expit(peaks.logit[best]))
    assert [*zip(table["circrna"], table["mirna"], strict=True)] == expected
    for row in table.itertuples():
        target = few.circrna[row.circrna]
        assert row.crosses_junction == (row.end > len(target))
        read = "".join(target[i % len(target)] for i in range(row.start, row.end))
        assert row.target_3to5.replace("-", "") == read[::-1]
        assert row.mirna_5to3.replace("-", "") in few.mirna[row.mirna]


def test_the_duplex_is_the_best_of_the_window_and_the_seed_lies_in_it(data):
    circrna, mirna = next(iter(data.circrna.items())), next(iter(data.mirna.items()))
    table = rank_sites(
        dict([circrna]), dict([mirna]), binding=small_model(), min_probability=0.001, circular=False
    )
    windows = [circrna[1][start : start + 50][::-1] for start in range(len(circrna[1]) - 49)]
    duplexes = {
        align_freely(*(encode_rnas([rna]).codes[None] for rna in (window, mirna[1]))).target[0]
        for window in windows
    }
    assert set(table["target_3to5"]) <= duplexes
    has_seed = table["seed"].isin(["8mer", "7mer-m8"]).any()
    assert not has_seed or reverse_complement(mirna[1][1:8]) in circrna[1]


def test_a_site_tells_how_many_reads_of_its_seed_the_model_was_trained_on(few):
    model = small_model()
    mirna = {**few.mirna, "known": f"A{max(model.seed_counts_)}ACGUACGUACGU"}
    assert sum(model.seed_counts_.values()) == 200
    table = rank_sites(few.circrna, mirna, binding=model, min_probability=0.01, top_k=500)
    expected = [model.seed_counts_.get(mirna[name][1:8], 0) for name in table["mirna"]]
    assert table["seed_reads"].tolist() == expected
    assert 0 in expected
    assert max(expected) > 0


def test_threads_change_nothing_and_a_stopped_run_goes_on(data, tmp_path, monkeypatch):
    expected = ranked(data)
    assert ranked(data, n_jobs=2).equals(expected)
    out, find, n_calls = tmp_path / "sites.tsv", sites._find, 0

    def stop_at_fifth(**call):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 5:
            raise KeyboardInterrupt
        return find(**call)

    monkeypatch.setattr(sites, "_find", stop_at_fifth)
    monkeypatch.setattr(sites, "_LETTERS_AT_ONCE", 1)  # each target is a piece
    with pytest.raises(KeyboardInterrupt):
        ranked(data, out=out)
    assert not out.exists()
    n_calls = 10
    ranked(data, out=out)
    assert n_calls == 10 + len(data.circrna) - 4
    assert len(out.read_text().splitlines()) == 201
    assert [path.name for path in tmp_path.iterdir()] == ["sites.tsv"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"top_k": 0}, "top_k must be a whole number"),
        ({"min_probability": 1.0}, "min_probability must be a share"),
        ({"binding": None}, "binding must be 'pretrained' or a fitted SiteClassifier"),
        ({"out": "sites.txt"}, r"must end in \.csv or \.tsv"),
        ({"binding": SiteClassifier()}, "is not fitted"),
        ({"circrna": None}, "Give the sequences of the circrnas"),
        ({"mirna": {"m": "ACGX"}}, "letter 'X'"),
    ],
)
def test_what_cannot_be_done_is_said(data, params, message):
    given = {"circrna": data.circrna, "mirna": data.mirna, "binding": small_model(), **params}
    with pytest.raises(ValueError, match=message):
        rank_sites(given.pop("circrna"), given.pop("mirna"), **given)


def test_bed_has_two_blocks_across_the_junction_and_the_genome_where_the_id_has_it(tmp_path, data):
    circle = "ACGUACGUAC"
    table = (
        ranked(data)
        .head(3)
        .assign(circrna=["chr2:100|110", "chr2:100-110:-", "c"], start=[8, 2, 8], end=[13, 6, 13], mirna="m")
    )
    lengths = dict.fromkeys(table["circrna"], len(circle))
    write_bed(table, lengths, tmp_path / "sites.bed")
    rows = [line.split("\t") for line in (tmp_path / "sites.bed").read_text().splitlines()]
    assert all(len(row) == 12 for row in rows)
    assert [row[:3] + row[5:6] + row[9:] for row in rows] == [
        ["chr2", "100", "110", "+", "2", "3,2", "0,8"],
        ["chr2", "104", "108", "-", "1", "4", "0"],
        ["c", "0", "10", "+", "2", "3,2", "0,8"],
    ]
    (tmp_path / "c.fa").write_text(f">c|chr3:200-210-|NM_1|GENE\n{circle}\n")
    write_bed(table[2:], lengths, tmp_path / "sites.bed", read_headers(tmp_path / "c.fa"))
    assert (tmp_path / "sites.bed").read_text().split("\t")[:3] == ["chr3", "200", "210"]


@pytest.mark.skipif(find_spec("RNA") is None, reason="ViennaRNA is not installed")
def test_energies_are_of_the_duplex_in_its_window():
    import RNA

    mirna = "UGAGGUAGUAGGUUGUAUAGUU"
    target = "GGGCAAACUAUACAACCUACUACCUCAGCAGCC"
    known = {"circ": target}, {"let-7": mirna}
    table = rank_sites(*known, binding=small_model(), min_probability=0.01, circular=False, energy=True)
    assert table["energy"][0] == pytest.approx(RNA.duplexfold(mirna, target).energy, abs=0.01)


def test_the_command_writes_what_the_function_returns(data, tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_mferl.SiteClassifier.pretrained", small_model)
    for side in ("circrna", "mirna"):
        write_fasta(tmp_path / f"{side}.fasta", getattr(data, side))
    files = [tmp_path / "circrna.fasta", tmp_path / "mirna.fasta"]
    options = ["--top", 5, "--min-probability", 0.01]
    printed = run("sites", *files, *options, "--bed", tmp_path / "sites.bed").stdout
    assert printed == ranked(data, top_k=5).to_csv(index=False, sep="\t")
    assert len((tmp_path / "sites.bed").read_text().splitlines()) == 5
    run("sites", *files, *options, "--out", tmp_path / "sites.tsv")
    assert (tmp_path / "sites.tsv").read_text() == printed
    assert "must end in .csv or .tsv" in refused("sites", *files, "--out", tmp_path / "sites.txt")
    assert "no folder" in refused("sites", *files, "--bed", tmp_path / "none" / "sites.bed")
