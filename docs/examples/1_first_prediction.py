"""
A first prediction
==================

From known pairs and two sets of sequences to probabilities of new pairs. The data are real pairs of
starBase that ship with the package; ``load_cmi("FOLDER")`` reads your own.
"""

from matplotlib import pyplot as plt
from sklearn.model_selection import train_test_split

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.datasets import load_example
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.plotting import plot_score_distribution
from sklearn_mferl.ranking import rank_interactions

data = load_example(longest=200)
data

# %%
# Known pairs are positives only, so as many pairs that nobody has reported are drawn against them. A fifth
# of all is put aside, for a look at scores of pairs that training has not seen.
pairs, y = labelled_pairs(data.pairs, random_state=0)
train, test, y_train, y_test = train_test_split(pairs, y, test_size=0.2, stratify=y, random_state=0)

model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0)
model.fit(train, y_train)
scores = model.predict_proba(test)[:, 1]

figure, ax = plt.subplots(figsize=(6, 4))
plot_score_distribution(y_test, scores, ax=ax)
plt.show()

# %%
# The two classes are far apart, but read :doc:`what the labels are </data>` before you believe it: the list
# was made with target prediction, which a model finds out soon. For the ranking of all unknown pairs the
# model is trained on all that is known; ``candidates="seed"`` scores the pairs with a match of the miRNA's
# seed alone, which saves most of the time.
model.fit(pairs, y)
rank_interactions(model, known=data.pairs, candidates="seed", top_k=5)
