"""Sentences of the page that no figure changes."""

from __future__ import annotations

from typing import Final

QUICK: Final = "This is a quick report, which leaves this out; make one without --quick."
QUICK_LEAD: Final = (
    "This is a quick report: it leaves out new RNAs, what each part is worth and MDA maps, takes three folds "
    "where nothing else is said, and explains no more than the first {n_explained} predictions."
)
METHODS: Final = {"tsne": "t-SNE", "mda": "MDA"}
PRESETS: Final = {
    "best": "boosted trees on target sites and on the known interactions around a pair",
    "paper": "the network of the publication, on the scales of the single RNAs",
}
PARTS: Final = {
    "best": "Of its channels, sites are the target sites of a pair, neighborhood is what is known around it.",
    "paper": "Of its parts, cl is contrastive learning, homo the aggregation over similar RNAs, mcam the "
    "dual-convolutional attention, and heter the interaction with the other kind of RNA; change_homo fuses "
    "the scales first and aggregates then.",
}
MDA: Final = (
    "MDA (manifold discovery and analysis, Islam et al., Nature Communications 14, 8506, 2023) orders the "
    "pairs by the output of the model before it maps them: it shows what the model makes of them."
)
