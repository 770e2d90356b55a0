"""Sites as BED12, for genome browsers."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd

from sklearn_mferl.utils.atomic import replacing

# chr2:102500-103100, chr2:102500|103100:+ and the like
_LOCUS: Final = re.compile(r"(?P<chrom>chr\w+)[:_](?P<start>\d+)[-|_](?P<end>\d+)(?:\D*?(?P<strand>[+-]))?")
_ALONE: Final = "0"  # the colour


def write_bed(
    sites: pd.DataFrame, lengths: Mapping[str, int], out: Path, headers: Mapping[str, str] = {}
) -> None:
    """Write sites of circles, as `rank_sites` lists them, as BED12.

    A site across the junction is one record of two blocks, from the first nucleotide of the circle on. Where
    the id of a circRNA, or its header in the FASTA file, such as
    ``hsa_circ_0000002|chr1:16891301-16893846-|…``, holds a genomic stretch as long as its sequence, so that
    it is one exon, the record is in genome coordinates; otherwise the circRNA is its own reference.
    """
    with replacing(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for site in cast(Iterator[Any], sites.itertuples()):
            length = lengths[site.circrna]
            blocks = _cut(site.start, site.end, length)
            chrom, first, strand = site.circrna, 0, "+"
            locus = _LOCUS.search(headers.get(site.circrna, site.circrna))
            if locus and int(locus["end"]) - int(locus["start"]) == length:
                chrom, first, strand = locus["chrom"], int(locus["start"]), locus["strand"] or "+"
                if strand == "-":  # the sequence runs against the genome
                    blocks = [(length - end, length - start) for start, end in reversed(blocks)]
            begin, end = blocks[0][0], blocks[-1][1]
            columns = [
                *(chrom, first + begin, first + end, site.mirna, round(1000 * site.probability), strand),
                *(first + begin, first + end, _ALONE, len(blocks)),
                ",".join(str(stop - start) for start, stop in blocks),
                ",".join(str(start - begin) for start, _ in blocks),
            ]
            file.write("\t".join(map(str, columns)) + "\n")


def _cut(start: int, end: int, length: int) -> list[tuple[int, int]]:
    """Return the stretches of a site in the order of the sequence: two where it lies across the junction."""
    start = max(start, 0)
    if end <= length:
        return [(start, end)]
    return [(0, end - length), (start, length)]
