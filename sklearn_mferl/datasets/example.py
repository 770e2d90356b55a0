"""A small real data set that ships with the package."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from sklearn_mferl.datasets.folder import CMIData, load_cmi

LONGEST: Final = 2000
_FOLDER: Final = Path(__file__).with_name("example_data")


def load_example(longest: int = LONGEST) -> CMIData:
    """Load circRNA–miRNA pairs of starBase, with the sequences of both: real data to try everything on.

    These are the pairs of the list [1]_ whose circRNA has a known sequence (circBase, hg19) of 2,000
    nucleotides or fewer. Nearly all have a match of the miRNA's (miRBase) seed in the circRNA, since target
    prediction made or filtered the list: figures on it say how well a model agrees with the list.
    ``save_cmi(load_example(), "cmi")`` makes a folder of your own; ``PROVENANCE.md`` in
    ``sklearn_mferl/datasets/example_data`` names the sources.

    Parameters
    ----------
    longest : int, default=2000
        Take the circRNAs of at most this many nucleotides, from 100 to 2000, and the miRNAs of their pairs.

    Returns
    -------
    CMIData
        Named ``"example"``; every RNA has a sequence and an interaction.

    Raises
    ------
    ValueError
        If `longest` is not an integer from 100 to 2000.

    References
    ----------
    .. [1] Li et al., "starBase v2.0: decoding miRNA-ceRNA, miRNA-ncRNA and protein-RNA interaction networks
       from large-scale CLIP-Seq data", Nucleic Acids Research 42, D92-D97 (2014).

    Examples
    --------
    >>> from sklearn_mferl.datasets import load_example
    >>> load_example()
    CMIData(name='example', pairs=4069, circrna=439 sequences, mirna=611 sequences)
    >>> load_example(longest=500)
    CMIData(name='example', pairs=1403, circrna=231 sequences, mirna=517 sequences)
    """
    from sklearn_mferl.utils.parameters import is_whole  # which loads scikit-learn

    if not is_whole(longest, 100, LONGEST):
        raise ValueError(f"longest must be an integer from 100 to {LONGEST}; got {longest!r}.")
    return replace(keep_short(load_cmi(_FOLDER), int(longest)), name="example")


def keep_short(data: CMIData, longest: int) -> CMIData:
    """Return the circRNAs of at most so many nucleotides that have a pair, their pairs and their miRNAs."""
    is_short = data.pairs["circrna"].map(lambda name: len((data.circrna or {})[name]) <= longest)
    pairs = data.pairs[is_short].reset_index(drop=True)
    circrna, mirna = (
        {name: sequence for name, sequence in (sequences or {}).items() if name in known}
        for sequences, known in ((data.circrna, set(pairs["circrna"])), (data.mirna, set(pairs["mirna"])))
    )
    return replace(data, pairs=pairs, circrna=circrna, mirna=mirna)
