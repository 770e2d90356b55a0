"""Sequences as documents of k-mer words, embedded by Doc2Vec."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.features.base import SequenceTransformer
from sklearn_mferl.utils.arrays import Objects, Singles
from sklearn_mferl.utils.parameters import check_whole, is_number, is_whole
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import run_in_order

if TYPE_CHECKING:  # gensim is imported where it is used, for it takes half a second
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

# gensim's compiled training stops after this many words of a document, without a word of warning.
_MAX_DOCUMENT_WORDS: Final = 10_000
_INFERRED_AT_ONCE: Final = 32
_MIN_ALPHA: Final = 1e-4
_UNAMBIGUOUS: Final = re.compile("[ACGU]+")


class Doc2VecEmbedder(SequenceTransformer):
    """Embed each RNA by Doc2Vec: the sequence is a document, its overlapping k-mers are the words.

    The vector of a document predicts the words in it. It is always inferred with the words' vectors held
    fixed, also where the RNA was in the training set, so known and new RNAs are encoded alike, and depends on
    nothing but the fitted model and the sequence. Order and duplicates in training have no influence.

    Parameters
    ----------
    vector_size : int, default=256
        Length of a vector.
    k : int, default=3
        Letters in a word. k-mers with a letter other than A, C, G and U are left out; T counts as U.
    dm : {0, 1}, default=0
        0 is PV-DBOW, where the document's vector alone predicts each word; 1 is PV-DM, where it does so
        together with the mean of the words around.
    window : int, default=5
        Words on each side that PV-DM looks at.
    epochs : int, default=10
        Passes over the sequences in `fit`.
    infer_epochs : int, default=None
        Passes over one sequence when its vector is inferred; None takes `epochs`.
    alpha : float, default=0.025
        Learning rate at the first epoch; it falls linearly to 0.0001.
    negative : int, default=5
        Random words told apart from each true one (negative sampling).
    min_count : int, default=1
        Words rarer than this in the training sequences are ignored.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the training and each inference. None draws fresh entropy.
    n_jobs : int, default=None
        Threads that infer vectors, as in joblib; the workers of a cluster inside of
        ``joblib.parallel_config("dask")``. The result does not depend on it. Training takes one thread.

    Attributes
    ----------
    model_ : gensim.models.doc2vec.Doc2Vec
        The trained model without the vectors of its training documents, which are not needed.

    Notes
    -----
    A sequence without any known word, such as one shorter than `k`, gets a vector of zeros. gensim reads
    10,000 words of a document at most; a longer sequence is cut into parts that share one vector, so all of
    it counts. gensim's subsampling of frequent words is off: of 64 words it would drop two thirds at random.

    References
    ----------
    Le and Mikolov, "Distributed representations of sentences and documents", ICML 2014.

    Examples
    --------
    >>> from sklearn_mferl import Doc2VecEmbedder
    >>> embedder = Doc2VecEmbedder(vector_size=8, random_state=0).fit(["ACGUACGGACUU", "GGCAUCGAUCGA"])
    >>> embedder.transform(["ACGUACGGACUU", "GG"]).shape
    (2, 8)
    >>> bool(embedder.transform(["GG"]).any())
    False
    """

    def __init__(
        self,
        vector_size: int = 256,
        k: int = 3,
        *,
        dm: int = 0,
        window: int = 5,
        epochs: int = 10,
        infer_epochs: int | None = None,
        alpha: float = 0.025,
        negative: int = 5,
        min_count: int = 1,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.vector_size = vector_size
        self.k = k
        self.dm = dm
        self.window = window
        self.epochs = epochs
        self.infer_epochs = infer_epochs
        self.alpha = alpha
        self.negative = negative
        self.min_count = min_count
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, sequences: Objects) -> None:
        from gensim.models.doc2vec import Doc2Vec
        from gensim.models.keyedvectors import KeyedVectors

        for name in ("vector_size", "k", "window", "epochs", "negative", "min_count"):
            check_whole(name, getattr(self, name))
        check_whole("infer_epochs", self.infer_epochs, or_none=True)
        if not is_whole(self.dm, 0, 1):
            raise ValueError(f"dm must be 0 (PV-DBOW) or 1 (PV-DM); got {self.dm!r}.")
        if not is_number(self.alpha):
            raise ValueError(f"alpha must be a learning rate above 0; got {self.alpha!r}.")
        corpus = _Corpus(sorted(set(sequences)), self.k)
        names = ("vector_size", "dm", "window", "epochs", "alpha", "negative", "min_count")
        model = Doc2Vec(
            **{name: getattr(self, name) for name in names},
            min_alpha=min(_MIN_ALPHA, self.alpha),
            sample=0,
            workers=1,  # more would make the result depend on the order in which threads finish
            seed=spawn_seeds(self.random_state, 1)[0],
        )
        # gensim logs the time of every step in the model; equal fits should be equal.
        model.lifecycle_events = None
        model.build_vocab(corpus)
        if not model.wv.key_to_index:
            raise ValueError(
                f"None of the {len(sequences)} sequences has a {self.k}-mer of A, C, G and U that occurs at "
                f"least {self.min_count} times; lower k={self.k} or min_count={self.min_count}."
            )
        model.train(corpus, total_examples=model.corpus_count, epochs=self.epochs)
        model.total_train_time = 0.0
        lock = model.dv.vectors_lockf
        model.dv = KeyedVectors(self.vector_size)
        model.dv.vectors_lockf = lock
        self.model_ = model

    def _transform(self, sequences: Objects) -> Singles:
        rows, distinct = pd.factorize(sequences)
        infer = self._infer_all  # one object for all blocks, which goes to a cluster once
        blocks = [
            {"infer": infer, "sequences": distinct[start : start + _INFERRED_AT_ONCE]}
            for start in range(0, len(distinct), _INFERRED_AT_ONCE)
        ]
        # gensim's compiled loops let other threads run
        vectors = run_in_order(_infer_block, blocks, n_jobs=self.n_jobs, prefer="threads")
        return np.concatenate(vectors)[rows]

    def _infer_all(self, sequences: Objects) -> Singles:
        # The copy shares the weights, which inference leaves alone, but not the generator.
        model = copy.copy(self.model_)
        vectors = np.zeros((len(sequences), model.vector_size), dtype=np.float32)
        for sequence, vector in zip(sequences, vectors, strict=True):
            self._infer(model, sequence, vector)
        return vectors

    def _infer(self, model: Doc2Vec, sequence: str, vector: Singles) -> None:
        from gensim.models.doc2vec_inner import train_document_dbow, train_document_dm

        words = [word for word in _words(sequence, self.k) if word in model.wv.key_to_index]
        if not words:
            return
        key = f"{model.seed} {sequence}".encode()
        seed = int.from_bytes(hashlib.blake2b(key, digest_size=4).digest(), "little")
        model.random = np.random.RandomState(seed)
        vector[:] = (model.random.random_sample(len(vector)) - 0.5) / len(vector)
        train_document = train_document_dm if self.dm else train_document_dbow
        # gensim's own default for its work space is freed before it is used; it has to be held here.
        workspace = {"work": np.zeros(model.layer1_size, dtype=np.float32)}
        if self.dm:
            workspace["neu1"] = np.zeros(model.layer1_size, dtype=np.float32)
        epochs = self.epochs if self.infer_epochs is None else self.infer_epochs
        for alpha in np.linspace(self.alpha, min(_MIN_ALPHA, self.alpha), epochs):
            for part in _parts(words):
                train_document(
                    model,
                    part,
                    [0],
                    alpha,
                    learn_words=False,
                    learn_hidden=False,
                    doctag_vectors=vector[None],
                    doctags_lockf=model.dv.vectors_lockf,
                    **workspace,
                )

    def _feature_names(self) -> list[str]:
        return [f"doc2vec_{column}" for column in range(self.model_.vector_size)]


def _infer_block(infer: Callable[[Objects], Singles], sequences: Objects) -> Singles:
    return infer(sequences)


class _Corpus:
    """The training documents, cut into words anew on each pass so that they never fill the memory."""

    def __init__(self, sequences: list[str], k: int) -> None:
        self.sequences, self.k = sequences, k

    def __iter__(self) -> Iterator[TaggedDocument]:
        from gensim.models.doc2vec import TaggedDocument

        for tag, sequence in enumerate(self.sequences):
            for part in _parts(_words(sequence, self.k)):
                yield TaggedDocument(part, [tag])


def _words(sequence: str, k: int) -> list[str]:
    """Cut a sequence into its overlapping k-mers of A, C, G and U, in order."""
    return [
        run[start : start + k] for run in _UNAMBIGUOUS.findall(sequence) for start in range(len(run) - k + 1)
    ]


def _parts(words: list[str]) -> Iterator[list[str]]:
    """Cut a document into parts that gensim reads in full."""
    for start in range(0, len(words), _MAX_DOCUMENT_WORDS):
        yield words[start : start + _MAX_DOCUMENT_WORDS]
