"""``python -m sklearn_mferl.cli`` is the command ``mferl``."""

from sklearn_mferl.cli.main import app

app()
