"""The command ``mferl``."""

from sklearn_mferl.cli.main import app

__all__ = ["app"]
