"""Where a miRNA may bind a circRNA, and how well."""
