"""What experiments share: folds, cells that outlive an interruption, files."""
