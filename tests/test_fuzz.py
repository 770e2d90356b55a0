"""Whatever comes in, nothing but a ValueError or TypeError comes out, with the name of what is wrong in it.

`make fuzz` tries 100,000 examples in place of a hundred, and of each parameter a twentieth.
"""

import gzip
import re

import numpy as np
import pandas as pd
import pytest
from _commands import mferl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sklearn_mferl import (
    CTDTransformer,
    KmerTransformer,
    LevenshteinSimilarity,
    TargetSites,
    metrics,
    save_model,
)
from sklearn_mferl.baselines import PathCount
from sklearn_mferl.datasets import load_cmi, make_cmi, read_fasta
from sklearn_mferl.datasets.fasta import read_headers
from sklearn_mferl.datasets.pairs_file import read_known, read_labels, read_pairs
from sklearn_mferl.model_selection import ColdStartKFold, PairKFold, labelled_pairs, sample_negatives
from tests.test_parameters import ACTING, DATA, PAIRS, RNAS, Y, results

pytestmark = pytest.mark.filterwarnings("ignore")

# pieces of files, and of files of other kinds
PIECES = [
    *">|,;\t \n\r\"'=-\0",
    *"abX10é",
    "\r\n",
    "\u2028",
    "ACGU",
    "acgtn",
    "-1",
    "nan",
    "circrna",
    "mirna",
]
PIECES += ["circrna,mirna\n", "miRNA", "label", "sep=;", 'sep="\n', ">a\n", "c1,m1\n", "1e999"]
text = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


def encode(text, encoding, packed):
    content = text.encode(encoding, errors="replace")
    return gzip.compress(content, mtime=0) if packed else content


encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"])
files = (
    st.binary(max_size=60)
    | st.builds(encode, text, encodings, st.booleans())
    | text.map(lambda text: b"circrna,mirna,label\nc1,m1,1\n" + text.encode(errors="replace"))
    | st.binary(max_size=40).map(lambda content: b"\x1f\x8b" + content)
)

strange = st.sampled_from([np.nan, np.inf, -np.inf, 1e300, np.float32(1)])
numbers = st.integers(-3, 3) | st.floats(-2, 2) | strange
scalars = st.none() | st.booleans() | numbers | st.text(max_size=4) | st.binary(max_size=2)
values = st.recursive(
    scalars,
    lambda each: (
        st.lists(each, max_size=3)
        | st.tuples(each, each)
        | st.dictionaries(st.text(max_size=2), each, max_size=2)
        | st.lists(each, max_size=3).map(lambda cells: np.array([*cells, None], dtype=object)[:-1])
    ),
    max_leaves=6,
)
ids = st.sampled_from([*DATA.circrna][:3] + [*DATA.mirna][:3]) | st.text(max_size=3) | scalars
rows = st.lists(st.tuples(ids, ids), max_size=6)
tables = (
    values
    | st.lists(st.tuples(ids, ids) | st.tuples(ids) | ids, max_size=6)
    | rows.map(lambda rows: pd.DataFrame(rows, columns=["circrna", "mirna"], dtype=object))
)


def refuses_by_name(call, names):
    """Make a call that may refuse, by a message in which one of these names stands."""
    try:
        call()
        return
    except (ValueError, TypeError) as error:
        message = str(error)
    assert re.search(names, message), f"{message!r} names nothing"


READERS = [read_fasta, read_headers, read_pairs, read_known, "labels", "folder"]


@pytest.mark.slow
@given(files)
@pytest.mark.parametrize("read", READERS)
def test_a_file_is_read_or_refused_by_its_name(tmp_path_factory, read, content):
    path = tmp_path_factory.getbasetemp() / "interactions.csv"
    path.write_bytes(content)
    if read == "labels":
        refuses_by_name(lambda: read_labels(path, "label"), path.name)
    elif read == "folder":
        refuses_by_name(lambda: load_cmi(path.parent), f"{path.name}|{path.parent}")
    else:
        refuses_by_name(lambda: read(path), path.name)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model(PathCount().fit(PAIRS, Y), tmp_path_factory.mktemp("model") / "model.mferl")


@pytest.mark.slow
@given(files)
def test_a_command_reads_a_file_or_ends_in_one_line(model, content):
    path = model.with_name("pairs.csv")
    path.write_bytes(content)
    done = mferl("predict", model, path)
    assert done.exit_code in (0, 2)
    if done.exit_code:
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1
        assert "pairs.csv" in done.stderr


words = text | st.sampled_from(["--top", "--per", "--out", "--jobs", "1", "--known"])


@pytest.mark.slow
@given(st.sampled_from(["predict", "rank", "evaluate", "train", "sites"]), st.lists(words, max_size=4))
def test_words_of_a_command_end_in_one_line(command, arguments):
    done = mferl(command, *(word.replace("\0", "") for word in arguments))  # of no model and no data
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


USES = {
    "fit": lambda pairs: PathCount().fit(pairs, np.arange(len(pairs)) % 2),
    "predict": lambda pairs: PathCount().fit(PAIRS, Y).predict_proba(pairs),
    "labelled": lambda pairs: labelled_pairs(pairs, random_state=0),
    "negatives": lambda pairs: sample_negatives(pairs, random_state=0),
    "folds of pairs": lambda pairs: list(PairKFold(2).split(pairs)),
    "folds of new RNAs": lambda pairs: list(ColdStartKFold(2).split(pairs)),
    "sites": lambda pairs: TargetSites(**RNAS).fit(PAIRS).transform(pairs),
}


@given(tables)
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_pairs_are_used_or_refused_in_words(use, pairs):
    names = "[Pp]airs?|[Rr]ow|two columns|id|sequence|circrna|mirna|n_splits|label|sample|class|len"
    refuses_by_name(lambda: use(pairs), names)


@given(tables)
@pytest.mark.parametrize("scale", [KmerTransformer(k=1), CTDTransformer(), LevenshteinSimilarity()])
def test_sequences_are_used_or_refused_in_words(scale, sequences):
    refuses_by_name(lambda: clone(scale).fit_transform(sequences), "sequences?|[Rr]ow")


FIGURES = ["interaction_scores", "best_f1_threshold", "ranking_scores", "probability_scores"]
columns = st.lists(scalars, max_size=5) | values


@given(columns, columns)
@pytest.mark.parametrize("name", FIGURES)
def test_labels_and_scores_have_figures_or_are_refused_in_words(name, y, score):
    names = "label|score|probab|pair|hidden|class|row|sample"
    refuses_by_name(lambda: getattr(metrics, name)(y, score), names)


# what messages call a parameter otherwise
SAID = {"evidence": "channel", "scales": "scale", "regions": "region"}
FILES = {"circrna", "mirna", "regions", "levels"}  # a text is the name of one
# parameters that take a whole estimator, start processes or print
OTHERS = {"n_jobs", "verbose", "callbacks", "estimators", "estimator", "device", "compile"}
PARAMETERS = [
    pytest.param(estimator, name, id=f"{type(estimator).__name__}-{name}")
    for estimator, _ in ACTING
    for name in estimator.get_params(deep=False)
    if name not in OTHERS
]


@settings(max_examples=max(settings.default.max_examples // 20, 1))
@pytest.mark.parametrize(("estimator", "name"), PARAMETERS)
@given(value=values)
def test_a_parameter_is_used_or_refused_by_name(estimator, name, value):
    assume(not (isinstance(value, str) and name in FILES))
    names = f"{name}|{SAID.get(name, name)}"
    refuses_by_name(lambda: results(clone(estimator).set_params(**{name: value})), names)


@pytest.mark.parametrize("name", ["n_circrna", "n_mirna", "n_interactions", "circrna_length", "noise"])
@given(value=values)
def test_a_parameter_of_the_simulation_is_used_or_refused_by_name(name, value):
    given = {"n_circrna": 12, "n_mirna": 6, "circrna_length": (30, 60), name: value}
    refuses_by_name(lambda: make_cmi(**given), name)
