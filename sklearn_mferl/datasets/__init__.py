"""RNA pairs from files, from the web and from a simulator."""

from sklearn_mferl.datasets.example import load_example
from sklearn_mferl.datasets.fasta import read_fasta, write_fasta
from sklearn_mferl.datasets.fetch import fetch_ago_sites, fetch_cmi
from sklearn_mferl.datasets.folder import CMIData, load_cmi, save_cmi
from sklearn_mferl.datasets.sequences import load_sequences
from sklearn_mferl.datasets.simulate import make_cmi

__all__ = [
    "CMIData",
    "fetch_ago_sites",
    "fetch_cmi",
    "load_cmi",
    "load_example",
    "load_sequences",
    "make_cmi",
    "read_fasta",
    "save_cmi",
    "write_fasta",
]
