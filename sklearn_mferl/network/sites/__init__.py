"""The network on the letters of a stretch of target and a miRNA."""
