"""What every room uses, one of each; nothing here knows of RNAs' features or of models."""
