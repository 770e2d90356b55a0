"""
Callbacks of skorch
===================

``MFERLClassifier`` is trained by skorch and takes its callbacks, in the pipeline as ``mferl__callbacks``
(of the default model's network ``mferl__network__callbacks``): to stop early, to change the learning rate,
to keep weights, to write for TensorBoard.
"""

from pathlib import Path
from tempfile import mkdtemp

from matplotlib import pyplot as plt
from skorch.callbacks import Checkpoint, LRScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau

from sklearn_mferl import CTDTransformer, KmerTransformer, make_mferl_pipeline
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.plotting import plot_history

data = make_cmi(80, 40, circrna_length=(100, 400), random_state=0)
pairs, y = labelled_pairs(data.pairs, random_state=0)

# %%
# ``early_stopping=True`` holds a tenth of the pairs out, whose loss is ``valid_loss`` to every callback,
# and ends with the best weights. The usual schedule of the learning rate gives way to one that halves it
# when this loss stands still; ``Checkpoint`` keeps the weights of the best epoch in a folder.
folder = Path(mkdtemp())
callbacks = [
    ("halve", LRScheduler(ReduceLROnPlateau, monitor="valid_loss", factor=0.5, patience=1)),
    ("keep", Checkpoint(dirname=folder, monitor="valid_loss_best", f_optimizer=None, f_criterion=None)),
]
model = make_mferl_pipeline(
    data.circrna,
    data.mirna,
    preset="paper",
    random_state=0,
    features__scales=[("kmer", KmerTransformer()), ("ctd", CTDTransformer())],
    mferl__embedding_dim=16,
    mferl__max_epochs=40,
    mferl__lr_schedule="constant",
    mferl__early_stopping=True,
    mferl__callbacks=callbacks,
)
history = model.fit(pairs, y)["mferl"].history_
print(f"{len(history)} of 40 epochs; kept are {sorted(file.name for file in folder.iterdir())}")

# %%
# The loss by epoch, and the learning rate beneath.
figure, (above, below) = plt.subplots(2, figsize=(6, 6), height_ratios=(2, 1), sharex=True)
plot_history(history, ax=above).set_xlabel("")
rates = [row["event_lr"] for row in history if "event_lr" in row]
below.step(range(1, len(rates) + 1), rates, where="mid")
below.set(xlabel="Epoch", ylabel="Learning rate", ylim=(0, None))
plt.show()
