"""
Sites on a circle
=================

A circRNA has no ends, so a site may lie across its back-splice junction, where a search in the linear
sequence finds nothing. ``TargetSites`` reads round the circle and lists each site with its duplex; nothing
is trained for it.
"""

from matplotlib import pyplot as plt

from sklearn_mferl import TargetSites
from sklearn_mferl.datasets import load_example
from sklearn_mferl.inspection import plot_site_circle

data = load_example(longest=1000)
targets = TargetSites(data.circrna, data.mirna).fit(data.pairs)
sites = targets.sites(data.pairs)
sites["of_pair"] = sites.groupby(["circrna", "mirna"])["type"].transform("size")
canonical = sites[sites["type"].isin(["8mer", "7mer-m8", "7mer-A1"])]
across = canonical[canonical["crosses_junction"]].sort_values("of_pair", ascending=False)
across[["circrna", "mirna", "type", "start", "end", "of_pair"]].head()

# %%
# All sites of the pair with most of them. The junction is at the top, and the circle runs clockwise from 5'
# to 3'.
pair = across.iloc[0]
chosen = sites[(sites["circrna"] == pair["circrna"]) & (sites["mirna"] == pair["mirna"])]
figure, ax = plt.subplots(figsize=(10, 5))
plot_site_circle(chosen, len(data.circrna[pair["circrna"]]), name=pair["circrna"], ax=ax)
plt.show()

# %%
# How many pairs of the list would a linear search call without a canonical site?
only_across = canonical.groupby(["circrna", "mirna"])["crosses_junction"].all()
print(f"{only_across.sum()} of {len(data.pairs)} pairs have their only canonical sites across the junction")
