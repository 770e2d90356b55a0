"""A vector depends on the model and the sequence alone, and says which words the sequence has."""

import pickle
from collections import Counter

import numpy as np
import pytest
from _builders import random_rna, random_rnas
from gensim.models.doc2vec_inner import train_document_dbow
from sklearn.base import clone

from sklearn_mferl.features import doc2vec
from sklearn_mferl.features.doc2vec import Doc2VecEmbedder

TRAINING = [*random_rnas([60] * 6 + [22] * 2, 0), "ACGUNNACGUACG"]


def embedder(**params) -> Doc2VecEmbedder:
    return Doc2VecEmbedder(**{"vector_size": 16, "random_state": 0, **params})


@pytest.fixture(scope="module", params=[0, 1], ids=["PV-DBOW", "PV-DM"])
def fitted(request) -> Doc2VecEmbedder:
    return embedder(dm=request.param).fit(TRAINING)


def words_of(sequence: str, k: int) -> Counter[str]:
    windows = (sequence[start : start + k] for start in range(len(sequence) - k + 1))
    return Counter(word for word in windows if "N" not in word)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_words_are_the_overlapping_kmers_without_foreign_letters(k):
    sequence = random_rna(25_000, 0, "ACGUACGUACGUN")  # more words than gensim reads of a document
    words = embedder(k=k, vector_size=1, epochs=1).fit([sequence]).model_.wv
    counts = {word: words.get_vecattr(word, "count") for word in words.key_to_index}
    assert counts == words_of(sequence, k)


@pytest.mark.parametrize("dm", [0, 1])
def test_vectors_do_not_depend_on_the_number_of_threads(monkeypatch, dm):
    monkeypatch.setattr(doc2vec, "_INFERRED_AT_ONCE", 2)
    sequences = [*random_rnas([200] * 30, 0), *TRAINING, TRAINING[0]]
    one = Doc2VecEmbedder(16, dm=dm, random_state=0).fit(sequences)
    several = Doc2VecEmbedder(16, dm=dm, random_state=0, n_jobs=4).fit(sequences)
    np.testing.assert_array_equal(several.transform(sequences), one.transform(sequences))


def test_order_and_duplicates_of_the_training_sequences_leave_no_trace(fitted):
    shuffled = clone(fitted).fit(TRAINING[::-1] + TRAINING[:3])
    assert pickle.dumps(shuffled) == pickle.dumps(fitted)
    assert len(fitted.model_.dv) == 0  # none of the vectors of the training documents can be looked up


def test_a_sequence_without_words_gets_zeros(fitted):
    vectors = fitted.transform(["AC", "ACNGUNAC", "NNNN", "ACG"])
    assert not vectors[:3].any()
    assert vectors[3].any()


@pytest.mark.parametrize("more", [0, 1])
def test_gensim_reads_as_many_words_of_a_document_as_a_part_holds_and_no_more(more):
    model, limit = embedder().fit(TRAINING).model_, doc2vec._MAX_DOCUMENT_WORDS
    vector, work = np.zeros((1, 16), dtype=np.float32), np.zeros(16, dtype=np.float32)
    options = {"doctag_vectors": vector, "doctags_lockf": model.dv.vectors_lockf}
    words, fixed = ["ACG"] * (limit + more), (False, True, False, False)
    read = train_document_dbow(model, words, [0], 0.0, work, *fixed, **options)
    assert read == limit + 1  # gensim counts the document's tag as well


def test_a_long_sequence_is_read_to_its_end(fitted):
    start, limit = random_rna(10_000, 0), doc2vec._MAX_DOCUMENT_WORDS
    one, other = fitted.transform([start + "A" * 300, start + "G" * 300])
    assert not np.allclose(one, other)
    documents = list(doc2vec._Corpus([start * 3, "ACGU"], 3))
    assert [document.tags for document in documents] == [[0], [0], [0], [1]]
    assert [len(document.words) for document in documents] == [limit, limit, 3 * 10_000 - 2 - 2 * limit, 2]


def test_sequences_of_like_composition_get_like_vectors(fitted):
    rich_in_au, rich_in_gc = (random_rnas([300] * 5, 0, letters) for letters in ("AAAUUUCG", "CCCGGGAU"))
    vectors = clone(fitted).fit(rich_in_au[1:] + rich_in_gc[1:]).transform(rich_in_au + rich_in_gc)
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = vectors @ vectors.T
    assert cosine[:5, :5].min() > 0.5 > -0.5 > cosine[:5, 5:].max()


def test_the_vector_of_a_sequence_scores_its_own_words_above_the_others():
    model = embedder(epochs=50).fit(TRAINING)
    word_scores = model.transform(TRAINING[:1])[0] @ model.model_.syn1neg.T
    own = [model.model_.wv.key_to_index[word] for word in words_of(TRAINING[0], 3)]
    assert word_scores[own].mean() > np.delete(word_scores, own).mean() + 0.5


def test_more_inference_epochs_change_the_vectors_but_not_the_model():
    one, other = embedder().fit(TRAINING), embedder(infer_epochs=40).fit(TRAINING)
    np.testing.assert_array_equal(one.model_.syn1neg, other.model_.syn1neg)
    assert np.linalg.norm(other.transform(TRAINING)) > np.linalg.norm(one.transform(TRAINING))


def test_random_state_decides_and_none_draws_anew():
    def vectors(random_state):
        return embedder(random_state=random_state).fit_transform(TRAINING)

    np.testing.assert_array_equal(vectors(np.random.RandomState(5)), vectors(np.random.RandomState(5)))
    assert not np.allclose(vectors(0), vectors(1))
    assert not np.allclose(vectors(None), vectors(None))
