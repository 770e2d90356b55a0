"""A progress bar of training."""

from typing import Any

from skorch.callbacks import Callback

from sklearn_mferl.utils.progress import progress_bar


class EpochBar(Callback):
    """Show on a terminal how many epochs are done; nothing of it stays in the trained net."""

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        """Open the bar."""
        self.bar_ = progress_bar(True, total=net.max_epochs, desc="training", unit="epoch")

    def on_epoch_end(
        self, net: Any, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> None:
        """Count an epoch."""
        self.bar_.update()

    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        """Close the bar."""
        self.bar_.close()
        del self.bar_
