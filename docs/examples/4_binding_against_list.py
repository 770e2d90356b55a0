"""
Binding against the list
========================

The default model knows two truths: what pairs of the list look like, and what reads of Argonaute say of the
sites of a pair. ``score_parts`` tells them apart, here for pairs that were held out from training.
"""

from matplotlib import pyplot as plt
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from sklearn_mferl import make_mferl_pipeline
from sklearn_mferl.datasets import load_example
from sklearn_mferl.model_selection import labelled_pairs

data = load_example(longest=200)
pairs, y = labelled_pairs(data.pairs, random_state=0)
train, test, y_train, y_test = train_test_split(pairs, y, test_size=0.3, stratify=y, random_state=0)
model = make_mferl_pipeline(data.circrna, data.mirna, random_state=0).fit(train, y_train)
parts = model["mferl"].score_parts(model["features"].transform(test))
parts.head().round(3)

# %%
figure, ax = plt.subplots(figsize=(6, 5))
for label, name, marker in ((0, "not listed", "x"), (1, "listed", "o")):
    rows = parts[y_test == label]
    ax.scatter(rows["list_score"], rows["binding_score"], marker=marker, alpha=0.6, label=name)
ax.set(xlabel="like the pairs of the list", ylabel="bound, by reads of Argonaute")
ax.legend(frameon=False)
plt.show()

# %%
# Pairs at the upper left are not listed and have a site that looks bound; the lower right, if there is any,
# is listed for a seed match that a model of reads thinks little of. Which is right a list cannot tell: that
# the first score sorts the list by far better is no merit where the list is the judge. :doc:`The page on
# binding </binding>` asks the reads.
for score in ("list_score", "binding_score"):
    print(score, "AUC of listed pairs:", round(roc_auc_score(y_test, parts[score]), 3))
