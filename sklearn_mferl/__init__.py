"""MFERL for circRNA–miRNA interactions."""
