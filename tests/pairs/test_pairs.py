"""What `PairFeatures` makes of pairs and of added RNAs: their blocks, propagation, table and array."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.pipeline import make_pipeline

from sklearn_mferl import (
    CosineSimilarity,
    CTDTransformer,
    Doc2VecEmbedder,
    KmerTransformer,
    LevenshteinSimilarity,
    PairFeatures,
    PairNeighborhood,
    PairTable,
    PrecomputedEmbedding,
    Role2VecEmbedder,
    TargetSites,
)
from sklearn_mferl.datasets import write_fasta
from sklearn_mferl.utils.validation import SIDES

CIRCRNA = {
    "circ_1": "ACGUACGUAAGGCAUCG",
    "circ_2": "ACGUACGUAAGGCAUCC",
    "circ_3": "ACGUACGUAAGGCUUCC",
    "circ_4": "GGGGGGUUUUUUUU",
    "circ_5": "ACGUACGUAAGGCAUCG",  # the sequence of circ_1
    "circ_6": "CCCCCCAAAAAAUUUUGGG",
}
MIRNA = {"miR-1": "UGAGGUAGUAG", "miR-2": "UGAGGUAGUAC", "miR-3": "CCCAACCAAAC"}
PAIRS = [
    ("circ_1", "miR-1"),
    ("circ_2", "miR-1"),
    ("circ_3", "miR-3"),
    ("circ_4", "miR-3"),
    ("circ_5", "miR-1"),
]
NEW_PAIRS = [("circ_6", "miR-2"), ("circ_1", "miR-2"), ("circ_6", "miR-1"), ("circ_2", "miR-3")]
SCALES = [("kmer", KmerTransformer(k=2)), ("ctd", CTDTransformer()), ("similarity", LevenshteinSimilarity())]
VECTORS = pd.DataFrame(
    [[1.0, 0.0], [1.0, 0.5], [0.0, 1.0], [-1.0, 0.1], [1.0, 0.0], [0.4, 0.6]],
    index=list(CIRCRNA),
    columns=["x", "y"],
)


def features(scales=None, **params):
    return PairFeatures(CIRCRNA, MIRNA, SCALES if scales is None else scales, **params)


# Which ids are known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unknown", "named"), [(("circ_9", "miR-1"), "circrna 'circ_9'"), (("circ_1", "miR-9"), "mirna 'miR-9'")]
)
def test_an_id_without_sequence_is_named_with_its_side_and_row(unknown, named):
    pairs = [*PAIRS[:2], unknown, *PAIRS[2:]]
    for call in (features().fit, features().fit(PAIRS).transform):
        with pytest.raises(ValueError, match=rf"The {named} \(row 2\) has no sequence; add it"):
            call(pairs)


@pytest.mark.parametrize("circrna", [None, CIRCRNA])
def test_an_id_without_embedding_is_named_with_its_row(circrna):
    model = PairFeatures(circrna, MIRNA, SCALES, embeddings={"circrna": VECTORS.drop(index="circ_3")})
    with pytest.raises(ValueError, match=r"The circrna 'circ_3' \(row 2\) has no embedding"):
        model.fit(PAIRS)


def test_two_spellings_of_a_sequence_are_one_rna():
    pairs = [("ACGUAC", "UGAGG"), ("acguac", "UGAGG"), ("ACGTAC", "TGAGG")]
    table = PairFeatures(scales=SCALES).fit_transform(pairs)
    assert (len(table.circrna), len(table.mirna)) == (1, 1)
    assert table.rows.tolist() == [[0, 0]] * 3


# What the scales are --------------------------------------------------------------------------------------


def test_each_block_is_what_its_transformer_gives_for_known_and_for_new_rnas():
    model = features().fit(PAIRS)
    for pairs in (PAIRS, NEW_PAIRS, [*NEW_PAIRS, *PAIRS]):
        table = model.transform(pairs)
        for name, transformer in (("kmer", KmerTransformer(k=2, circular=True)), ("ctd", CTDTransformer())):
            expected = transformer.fit_transform([CIRCRNA[rna] for rna, _ in pairs])
            np.testing.assert_array_equal(table.circrna.scales[name][table.rows[:, 0]], expected)
        assert table.circrna.ids[table.rows[:, 0]].tolist() == [rna for rna, _ in pairs]
        assert table.mirna.ids[table.rows[:, 1]].tolist() == [rna for _, rna in pairs]


def test_circrnas_are_circles_unless_said_otherwise_and_mirnas_never():
    for scale in (KmerTransformer(k=3), KmerTransformer(k=3, circular=True)):
        for circular in (True, False):
            table = features([("kmer", scale)], circular=circular).fit_transform(PAIRS)
            for rnas, known, is_circle in ((table.circrna, CIRCRNA, circular), (table.mirna, MIRNA, False)):
                kmers = KmerTransformer(k=3, circular=is_circle)
                expected = kmers.fit_transform([known[rna] for rna in rnas.ids])
                np.testing.assert_array_equal(rnas.scales["kmer"], expected)


class CountingKmer(KmerTransformer):
    calls: list[list[str]] = []

    def _transform(self, sequences):
        self.calls.append(list(sequences))
        return super()._transform(sequences)


def test_each_scale_is_computed_once_for_each_distinct_rna(monkeypatch):
    monkeypatch.setattr(CountingKmer, "calls", [])
    model = features([("kmer", CountingKmer(k=1))]).fit(PAIRS * 3)
    n_circrna, n_mirna = (len({pair[column] for pair in PAIRS}) for column in (0, 1))
    assert [len(call) for call in CountingKmer.calls] == [n_circrna, n_mirna]
    model.transform([*PAIRS, *NEW_PAIRS] * 2)
    assert CountingKmer.calls[2:] == [[CIRCRNA["circ_6"]], [MIRNA["miR-2"]]]


@pytest.mark.parametrize(
    "scale",
    [
        CountVectorizer(analyzer="char", ngram_range=(2, 2)),
        make_pipeline(CountVectorizer(analyzer="char"), TruncatedSVD(2, random_state=0)),
    ],
)
def test_any_transformer_of_strings_can_be_a_scale(scale):
    table = features([("other", scale)]).fit_transform(PAIRS)
    expected = scale.fit_transform([CIRCRNA[rna] for rna in table.circrna.ids])
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    np.testing.assert_allclose(table.circrna.scales["other"], expected, rtol=1e-6, atol=1e-6)
    assert table.circrna.scales["other"].dtype == np.float32


def test_role2vec_learns_from_the_positive_pairs_of_the_fit():
    y = [1, 0, 1, 1, 0]
    model = features([("role2vec", Role2VecEmbedder(vector_size=4, random_state=0))]).fit(PAIRS, y)
    expected = Role2VecEmbedder(vector_size=4, random_state=0).fit(PAIRS, y)
    table = model.transform(NEW_PAIRS)
    for side in SIDES:
        rnas = getattr(table, side)
        np.testing.assert_array_equal(rnas.scales["role2vec"], expected.embed(side, rnas.ids))


def test_a_dropped_scale_is_as_if_it_were_not_there():
    without = features(SCALES[1:], output="array").fit_transform(PAIRS)
    dropped = features([("kmer", "drop"), *SCALES[1:]], output="array")
    for model in (dropped, features(output="array").set_params(kmer="drop")):
        np.testing.assert_array_equal(model.fit_transform(PAIRS), without)


# Embeddings -----------------------------------------------------------------------------------------------


def test_a_side_with_embeddings_alone_has_them_their_cosines_and_the_scales_of_the_graph():
    similarity = LevenshteinSimilarity(threshold=0.9)  # which the cosines take over
    scales = [*SCALES[:2], ("role2vec", Role2VecEmbedder(vector_size=3)), ("similarity", similarity)]
    model = PairFeatures(None, MIRNA, scales, embeddings={"circrna": VECTORS}).fit(PAIRS)
    assert list(model.scales_["circrna"]) == ["role2vec", "similarity", "embedding"]
    assert list(model.scales_["mirna"]) == ["kmer", "ctd", "role2vec", "similarity"]
    assert model.scales_["circrna"]["similarity"].threshold == 0.9
    circrna = model.transform(NEW_PAIRS).circrna
    np.testing.assert_array_equal(circrna.scales["embedding"], VECTORS.loc[circrna.ids].to_numpy(np.float32))
    cosines = CosineSimilarity(VECTORS).fit(["circ_1", "circ_2", "circ_3", "circ_4", "circ_5"])
    np.testing.assert_array_equal(circrna.scales["similarity"], cosines.transform(circrna.ids))
    # beside sequences they stand on top
    beside = features(embeddings={"circrna": VECTORS}).fit(PAIRS)
    assert list(beside.scales_["circrna"]) == ["kmer", "ctd", "similarity", "embedding"]
    assert isinstance(beside.scales_["circrna"]["similarity"], LevenshteinSimilarity)
    again = beside.transform(NEW_PAIRS).circrna.scales["embedding"]
    np.testing.assert_array_equal(again, circrna.scales["embedding"])


def test_embeddings_may_be_all_there_is_on_both_sides():
    vectors = {"circrna": VECTORS, "mirna": {name: [1.0, float(i)] for i, name in enumerate(MIRNA)}}
    model = PairFeatures(embeddings=vectors, scales=[("kmer", KmerTransformer())], output="array")
    assert model.fit_transform(PAIRS).shape == (len(PAIRS), 4)
    names = ["circrna__embedding__x", "circrna__embedding__y", "mirna__embedding__0", "mirna__embedding__1"]
    assert model.get_feature_names_out().tolist() == names


@pytest.mark.parametrize("scale", [PrecomputedEmbedding, CosineSimilarity])
def test_scales_that_read_ids_are_given_ids(scale):
    vectors = pd.concat([VECTORS, pd.DataFrame(1.0, index=list(MIRNA), columns=VECTORS.columns)])
    table = features([("kmer", KmerTransformer(k=1)), ("vectors", scale(vectors))]).fit_transform(PAIRS)
    expected = scale(vectors).fit_transform(table.circrna.ids)
    np.testing.assert_array_equal(table.circrna.scales["vectors"], expected)


# Parameters that are not allowed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"output": "matrix"}, "output must be 'table' or 'array'; got 'matrix'"),
        ({"embeddings": {"circRNA": VECTORS}}, "embeddings has the key 'circRNA'; allowed are 'circrna'"),
        ({"embeddings": VECTORS}, "embeddings must be a mapping .* got a DataFrame"),
        ({"scales": [("kmer", KmerTransformer())] * 2}, "Names provided are not unique"),
        ({"scales": [("a__b", KmerTransformer())]}, "must not contain __"),
        ({"scales": [("output", KmerTransformer())]}, "conflict with constructor arguments"),
        ({"scales": [("embedding", KmerTransformer())]}, "'embedding' is kept for the embeddings"),
        ({"scales": []}, "No scale reads the circrna"),
        ({"scales": [("kmer", "drop")]}, "No scale reads the circrna"),
        ({"scales": [KmerTransformer()]}, r"scales must be a list of \(name, transformer\); got KmerT"),
        ({"scales": {"kmer": KmerTransformer()}}, r"scales must be a list of .*transformer\); got {'kmer'"),
        ({"scales": [("kmer", None)]}, "The scale 'kmer' is None; give a transformer or 'drop'"),
        ({"scales": [("kmer", "passthrough")]}, "The scale 'kmer' is 'passthrough'; give a transformer"),
        ({"circrna": ["ACGU"]}, "The circrna sequences are a list"),
        ({"random_state": "zero"}, "random_state must be an int"),
    ],
)
def test_a_parameter_that_is_not_allowed_is_named(params, message):
    model = PairFeatures(**{"circrna": CIRCRNA, "mirna": MIRNA, "scales": SCALES, **params})
    with pytest.raises(ValueError, match=message):
        model.fit(PAIRS)


# Propagation over the graph of similar RNAs ---------------------------------------------------------------


def similar_sequences(names, references):
    return cdist(names, references, scorer=Levenshtein.normalized_similarity) >= 0.5


def similar_vectors(names, references):
    return cosine_similarity(VECTORS.loc[names], VECTORS.loc[references]) >= 0.5


@pytest.fixture(params=["sequences", "embeddings"])
def graph_case(request):
    """Return fitted features, what identifies a circRNA, and which of these are similar."""
    if request.param == "sequences":
        return features().fit(PAIRS), CIRCRNA.get, similar_sequences
    model = PairFeatures(None, MIRNA, SCALES, embeddings={"circrna": VECTORS}).fit(PAIRS)
    return model, str, similar_vectors


def test_features_are_propagated_over_the_normalised_graph_of_training_rnas_to_these_and_new_ones(graph_case):
    model, identify, similar = graph_case
    table, new = model.transform(PAIRS).circrna, model.transform(NEW_PAIRS).circrna
    names = [identify(rna) for rna in table.ids]
    nodes = list(dict.fromkeys(names))  # RNAs of one sequence are one node
    node, first = [nodes.index(name) for name in names], [names.index(name) for name in nodes]
    linked = similar(nodes, nodes).astype(float)  # each to itself, too
    assert len(nodes) < linked.sum() < linked.size  # some are similar, some are not
    degree = linked.sum(axis=1)
    row, linked_to_new = new.ids.tolist().index("circ_6"), similar([identify("circ_6")], nodes)[0]
    assert linked_to_new.any() or similar is similar_sequences
    own_degree = 1 + linked_to_new.sum()
    assert set(table.propagated) == set(table.scales) - {"similarity"}
    for name, propagated in table.propagated.items():
        assert propagated.dtype == np.float32
        block = table.scales[name][first]
        expected = (linked / np.sqrt(np.outer(degree, degree)) @ block)[node]
        np.testing.assert_allclose(propagated, expected, rtol=1e-5, atol=1e-6)
        expected = new.scales[name][row] / own_degree + linked_to_new / np.sqrt(own_degree * degree) @ block
        np.testing.assert_allclose(new.propagated[name][row], expected, rtol=1e-5, atol=1e-6)


def test_a_new_rna_with_the_sequence_of_a_training_rna_is_propagated_like_it():
    model = PairFeatures({**CIRCRNA, "again": CIRCRNA["circ_2"]}, MIRNA, SCALES).fit(PAIRS)
    table = model.transform([("again", "miR-1"), ("circ_2", "miR-1")]).circrna
    for block in (*table.scales.values(), *table.propagated.values()):
        np.testing.assert_allclose(block[0], block[1], rtol=1e-6)


def test_without_a_similarity_scale_nothing_is_propagated():
    assert features(SCALES[:2]).fit_transform(PAIRS).circrna.propagated == {}


# The array ------------------------------------------------------------------------------------------------


def test_the_array_holds_the_blocks_of_the_table_circrna_first():
    table = features().fit(PAIRS).transform(NEW_PAIRS)
    array = features(output="array").fit(PAIRS).transform(NEW_PAIRS)
    sides = zip((table.circrna, table.mirna), table.rows.T, strict=True)
    blocks = [block[rows] for side, rows in sides for block in side.scales.values()]
    np.testing.assert_array_equal(array, np.hstack(blocks))


def test_the_columns_of_the_array_are_named_by_side_scale_and_column():
    model = features(output="array").fit(PAIRS)
    frame = pd.DataFrame(model.transform(PAIRS), columns=model.get_feature_names_out())
    owners = list(dict.fromkeys(tuple(name.split("__")[:2]) for name in frame))
    assert owners == [(side, scale) for side in SIDES for scale, _ in SCALES]
    g_share = [MIRNA[rna].count("GG") / (len(MIRNA[rna]) - 1) for _, rna in PAIRS]
    np.testing.assert_allclose(frame["mirna__kmer__GG"], g_share, rtol=1e-6)
    assert (frame["circrna__similarity__similarity_0"].iloc[[0, 4]] == 1).all()


def test_pandas_output_needs_the_array():
    with pytest.raises(ValueError, match=r"set_output\(transform='pandas'\) needs .*output='array'"):
        features().set_output(transform="pandas")
    assert features().set_output(transform="default").fit_transform(PAIRS).shape == (len(PAIRS), 2)


def test_a_table_stays_a_table_where_scikit_learn_is_told_to_give_frames():
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(features().fit_transform(PAIRS), PairTable)
        assert isinstance(features().fit(PAIRS).transform(PAIRS), PairTable)
        assert isinstance(features(output="array").fit_transform(PAIRS), pd.DataFrame)


# Randomness -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_a_random_state_seeds_every_scale_by_its_place_but_those_with_their_own(side):
    def blocks(scales, seed):
        return getattr(features(scales, random_state=seed).fit_transform(PAIRS), side).scales

    learned = [("doc2vec", Doc2VecEmbedder(vector_size=4)), ("role2vec", Role2VecEmbedder(vector_size=4))]
    scales = [("kmer", KmerTransformer(k=1)), *learned]
    first, again, other = (blocks(scales, seed) for seed in (0, 0, 1))
    for scale in ("doc2vec", "role2vec"):
        np.testing.assert_array_equal(again[scale], first[scale])
    assert not np.array_equal(other["doc2vec"], first["doc2vec"])
    without_kmer = blocks([("kmer", "drop"), *learned], 0)
    np.testing.assert_array_equal(without_kmer["doc2vec"], first["doc2vec"])
    own = [("doc2vec", Doc2VecEmbedder(vector_size=4, random_state=5))]
    np.testing.assert_array_equal(*(blocks(own, seed)["doc2vec"] for seed in (0, 1)))


# Added RNAs -----------------------------------------------------------------------------------------------

ADDED = {"circ_6": CIRCRNA["circ_6"]}
KNOWN = {"circrna": dict(CIRCRNA), "mirna": dict(MIRNA)}
del KNOWN["circrna"]["circ_6"], KNOWN["mirna"]["miR-2"]
LABELS = [1, 1, 1, 0, 1]


def test_added_rnas_have_the_features_they_would_have_if_known_from_the_start(tmp_path):
    write_fasta(tmp_path / "new.fasta", ADDED)
    expected = features(output="array").fit(PAIRS).transform(NEW_PAIRS)
    model = PairFeatures(**KNOWN, scales=SCALES, output="array").fit(PAIRS)
    before = model.transform(PAIRS)
    assert model.add_rnas(tmp_path / "new.fasta", {"miR-2": MIRNA["miR-2"]}) is model
    for same in (model, pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(same.transform(NEW_PAIRS), expected)
    np.testing.assert_array_equal(model.transform(PAIRS), before)
    model.add_rnas(circrna={"circ_1": CIRCRNA["circ_1"].lower()})  # the same sequence is no error


def refuses_the_new_circrna(model):
    with pytest.raises(ValueError, match="'circ_6'"):
        model.transform([("circ_6", "miR-1")])


def test_parameters_and_given_sequences_are_left_alone():
    circrna = dict(KNOWN["circrna"])
    model = PairFeatures(circrna, MIRNA, SCALES).fit(PAIRS).add_rnas(ADDED)
    assert model.circrna is circrna
    assert circrna == KNOWN["circrna"]
    refuses_the_new_circrna(clone(model).fit(PAIRS))


def test_a_side_without_sequences_by_id_takes_none():
    by_sequence = PairFeatures(None, None, SCALES).fit([(CIRCRNA[c], MIRNA[m]) for c, m in PAIRS])
    embedded = PairFeatures(None, MIRNA, SCALES, embeddings={"circrna": VECTORS}).fit(PAIRS)
    for model in (by_sequence, embedded):
        with pytest.raises(ValueError, match="fitted without circrna sequences"):
            model.add_rnas(circrna=ADDED)


@pytest.mark.parametrize("kind", ["all", "sites", "neighborhood"])
def test_an_error_on_one_side_adds_nothing_on_the_other(kind):
    channels = {"sites": TargetSites(**KNOWN), "neighborhood": PairNeighborhood(**KNOWN)}
    evidence = [(name, clone(channel)) for name, channel in channels.items()]
    model = channels.get(kind, PairFeatures(**KNOWN, scales=SCALES, evidence=evidence)).fit(PAIRS, LABELS)
    known = "'miR-1' is known with another sequence"
    for bad, message in (({"miR-1": "AAAA"}, known), ({"miR-4": "not RNA"}, "'miR-4'")):
        with pytest.raises(ValueError, match=message):
            model.add_rnas(ADDED, bad)
        refuses_the_new_circrna(model)


def test_a_channel_that_takes_no_rnas_is_named_and_nothing_is_added():
    model = PairFeatures(**KNOWN, scales=SCALES, evidence=[("sites", TargetSites())]).fit(PAIRS, LABELS)
    model.evidence_["fixed"] = KmerTransformer()
    with pytest.raises(ValueError, match="'fixed' has no method add_rnas"):
        model.add_rnas(ADDED)
    refuses_the_new_circrna(model)
