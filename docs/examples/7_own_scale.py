"""
A scale of your own
===================

A scale describes single RNAs, as a scikit-learn transformer. ``SequenceTransformer`` checks the sequences;
three methods remain. Whether the scale helps is asked fold by fold.
"""

import numpy as np
from matplotlib import pyplot as plt

from sklearn_mferl import CTDTransformer, KmerTransformer
from sklearn_mferl.baselines import make_boosting_pipeline
from sklearn_mferl.datasets import load_example
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.features import SequenceTransformer
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.testing import check_rna_estimator


class LengthAndGC(SequenceTransformer):
    """The logarithm of the length, and the share of G and C."""

    def _fit(self, sequences):
        self.n_features_out_ = 2

    def _transform(self, sequences):
        rows = [(np.log(len(rna)), sum(map(rna.count, "GC")) / len(rna)) for rna in sequences]
        return np.array(rows, dtype=np.float32)

    def _feature_names(self):
        return ["log_length", "gc"]


check_rna_estimator(LengthAndGC(), "sequences")  # some forty checks; no news is good news

# %%
# The same boosted trees on the same folds, without the scale and with it. A network takes it in the same
# way, by ``make_mferl_pipeline(..., features__scales=scales)``.
data = load_example(longest=300)
pairs, y = labelled_pairs(data.pairs, random_state=0)
usual = [("kmer", KmerTransformer(k=(1, 2))), ("ctd", CTDTransformer())]
models = {
    name: make_boosting_pipeline(
        data.circrna, data.mirna, scales=scales, random_state=0, boosting__max_iter=50
    )
    for name, scales in (("without", usual), ("with", [*usual, ("own", LengthAndGC())]))
}
found = cross_validate_pairs(models, pairs, y, random_state=0)
auc = found.figures.pivot(index="fold", columns="model", values="auc")[["without", "with"]]

# %%
# A line is a fold. Folds differ more among themselves than the two networks do, so what counts is whether
# the lines rise together; :doc:`more on scales </custom_scales>` and on channels of evidence, which
# describe pairs.
figure, ax = plt.subplots(figsize=(5, 4))
ax.plot(auc.columns, auc.T, color="C0", marker="o", alpha=0.7)
ax.set(xlabel="scale of length and GC", ylabel="AUC of a fold", xlim=(-0.3, 1.3))
plt.show()
gain = auc["with"] - auc["without"]
print(f"mean gain {gain.mean():+.3f}, its standard deviation over the folds {gain.std():.3f}")
