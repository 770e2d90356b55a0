"""
Calibration
===========

Of pairs with a score of 0.8, some 80 % should be interactions. A reliability diagram shows whether they
are, on pairs that were not in training; and ``prevalence`` states how rare interactions are among the pairs
that you will ask about.
"""

from matplotlib import pyplot as plt

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.baselines import make_boosting_pipeline
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evaluation import cross_validate_pairs
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.plotting import plot_reliability

# a list of which a third is noise, so that not every pair can be told
data = make_cmi(100, 50, circrna_length=(100, 400), noise=0.3, random_state=0)
pairs, y = labelled_pairs(data.pairs, random_state=0)
trees_alone = {
    "features__scales": [],
    "features__binding": "drop",
    "mferl__network": "drop",
    "mferl__evidence": "drop",
    "random_state": 0,
}
model = make_mferl_pipeline(data.circrna, data.mirna, **trees_alone)
models = {
    "trees on single RNAs": make_boosting_pipeline(
        data.circrna, data.mirna, random_state=0, boosting__max_iter=100
    ),
    "trees on evidence": make_mferl_pipeline(data.circrna, data.mirna, mferl__calibrate=False, **trees_alone),
    "the same, calibrated": model,
}
found = cross_validate_pairs(models, pairs, y, n_splits=2, random_state=0)
found.probability_summary()

# %%
# The trees on single RNAs are far too sure of themselves. The histograms say how many pairs a point stands
# for, the bars how far chance may take it.
figure, axes = plt.subplots(1, 3, figsize=(12, 4.5))
for ax, name in zip(axes, models, strict=True):
    plot_reliability(found.scores["label"], found.scores[name], n_bins=5, ax=ax).set_title(name)
figure.tight_layout()
plt.show()

# %%
# All this is for pairs half of which are interactions, as in training. Among all pairs of two lists they
# are far rarer. Nothing is fitted again for another share, and the order stays.
model.fit(pairs, y)
some = pairs.iloc[::200]
table = some.assign(half=model.predict_proba(some)[:, 1])
model.set_params(mferl__prevalence=0.01)
table.assign(one_in_a_hundred=model.predict_proba(some)[:, 1]).round(3)
