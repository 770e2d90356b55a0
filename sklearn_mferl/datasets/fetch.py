"""Public data sets, downloaded once and checked by their hashes."""

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from sklearn_mferl.datasets.folder import CMIData, frame_vectors, load_cmi, save_cmi
from sklearn_mferl.datasets.sites_file import read_labelled_sites
from sklearn_mferl.datasets.text import numbers, read_rows
from sklearn_mferl.utils.validation import SIDES, unique_sequences

GITHUB: Final = "https://raw.githubusercontent.com"


class RemoteFile(NamedTuple):
    """A file of a public repository: the path below the server, with owner and commit, and its SHA-256."""

    key: str
    sha256: str


class Source(NamedTuple):
    """The files of one data set; pairs are (miRNA, circRNA), and no file has a header."""

    pairs: RemoteFile
    delimiter: str = ","
    mirna: RemoteFile | None = None
    circrna_embeddings: RemoteFile | None = None

    @property
    def files(self) -> list[RemoteFile]:
        """All files that there are."""
        return [file for file in (self.pairs, self.mirna, self.circrna_embeddings) if file is not None]


_MRHRL: Final = "Winsyin/MRHRL/a074eb2adc01f22179c03fad19a689e40b92b0ed"
_DGCLCMI: Final = "cc646201081/DGCLCMI/4ea2c4d03edef2a3b3265b4893e885a19c2bb128/Word2vector"
_CA_CMA: Final = "WW-jackon/CA-CMA/cd1b4a9f29051b51e701ca88bb4e7c447849d1c2/Doc2vec"
_CDHGNN: Final = "BioinformaticsCSU/CDHGNN/2c511e633e9f09ca66979ea4194557142e5e44aa/data"


def _of_circbank(name: str, spelled: str, pairs: str, mirna: str, circrna: str) -> Source:
    """Return a data set of the publication, from its name in either spelling and the hashes of its files."""
    return Source(
        RemoteFile(f"{_MRHRL}/CMA/{spelled}.csv", pairs),
        mirna=RemoteFile(f"{_DGCLCMI}/{name}/miRNACorpus/miRBaseSequence.csv", mirna),
        circrna_embeddings=RemoteFile(
            f"{_CA_CMA}/{spelled}/circRNACorpus/circRNA_doc2vec_dict_total.csv", circrna
        ),
    )


SOURCES: Final[dict[str, Source]] = {
    "cmi-9589": _of_circbank(
        "CMI-9589",
        "CMI-9859",  # as two of these repositories spell it
        pairs="eceae7a22167e20718e16fb295ac911880a942bb3a4f89fa4616371b8e5ba0c9",
        mirna="6ed28ae166e0f62742e96e1596e9438a98b40aff0db769101a7e24a8bfe44c3c",
        circrna="d1c820108f8abd41678c7907540d8d49039ff7ebb50bee5091606b86bde68b8c",
    ),
    "cmi-9905": _of_circbank(
        "CMI-9905",
        "CMI-9905",
        pairs="7129a6d9597147d18e3d8c499b229b4e5b28db8de82874232461b7fd3300cd72",
        mirna="c45e9955f1b28b39250ab6045f6dc81fca2f12d5b438a6fa458cf5b9e8e47f13",
        circrna="ad11883f758f99e6050c555899b629d00a879a319e1343f043fd6342ccfa1e0b",
    ),
    "starbase": Source(
        RemoteFile(
            f"{_CDHGNN}/circmiRna_starbase.txt",
            "c9b5ee8b30f2b1f602049f7350607ef0ffa7481cf299f402a37bc7f8835e8ce4",
        ),
        delimiter="\t",
    ),
}


AGO_SITES: Final = {
    "hejret2023": RemoteFile(
        "BioGeMT/miRBench_paper/be73c398f23bb88d6aeed61f6145551c1119cffb/code/miraw_analysis/example_input/"
        "AGO2_CLASH_Hejret2023_train.tsv",
        "45f31a0277fe5f9fb7dfbfc5e705f6f8814a08cfa2a03f34016c1314151579ac",
    ),
    "helwak2013": RemoteFile(
        "ML-Bioinfo-CEITEC/miRBind/b00af549013e2bd73434119aa69429017597712a/Datasets/"
        "train_set_1_1_CLASH2013_paper.tsv",
        "febe4d564dadf254977fb08659018264529b08bdd1b3472a4823e6d7ef7ee6fd",
    ),
}


def fetch_cmi(
    name: str, data_home: str | os.PathLike[str] | None = None, *, base_url: str = GITHUB
) -> CMIData:
    """Download a public data set, or read it where it has been downloaded before.

    =============== ===================================================================================
    name            what
    =============== ===================================================================================
    ``"cmi-9589"``  9,589 pairs of circBank, the publication's Dataset1 [1]_: miRNA sequences, circRNAs
                    as Doc2Vec vectors of length 64
    ``"cmi-9905"``  9,905 pairs, Dataset2, which contains Dataset1; as above
    ``"starbase"``  circRNA–miRNA pairs of starBase [2]_, **pairs only**: supply the sequences yourself,
                    those of circBase for the circRNAs and of miRBase for the miRNAs
    =============== ===================================================================================

    The files come from public GitHub repositories at fixed commits, and each must have its known SHA-256.
    They are converted to the folder format of `load_cmi` in ``data_home/name``, with a ``source.json``
    that names them. Most of these repositories give no licence: do not redistribute the data.

    Parameters
    ----------
    name : {"cmi-9589", "cmi-9905", "starbase"}
        Which data set.
    data_home : str or path, default=None
        Where downloads and folders are kept; None is the user's cache (``pooch.os_cache("sklearn_mferl")``).
    base_url : str, default="https://raw.githubusercontent.com"
        The server, or a mirror with the same paths.

    Returns
    -------
    CMIData
        Sequences and vectors of the RNAs that have an interaction.

    Raises
    ------
    ValueError
        If the name is unknown, a downloaded file has another hash than it should, or the folder
        ``data_home/name`` exists and was not made from these files.
    ConnectionError
        If a file is not there yet and cannot be downloaded.

    Notes
    -----
    Nearly every pair has a match of the miRNA's seed in its circRNA, because target prediction made or
    filtered these lists. Compare any model on them with a count of sites and of paths in the training graph.

    References
    ----------
    .. [1] Peng et al., "Leveraging explainable multi-scale features for fine-grained circRNA-miRNA
       interaction prediction", BMC Biology 23, 121 (2025).
    .. [2] Li et al., "starBase v2.0: decoding miRNA-ceRNA, miRNA-ncRNA and protein-RNA interaction networks
       from large-scale CLIP-Seq data", Nucleic Acids Research 42, D92-D97 (2014).

    Examples
    --------
    >>> from sklearn_mferl.datasets import fetch_cmi
    >>> fetch_cmi("cmi-9589")  # doctest: +SKIP
    CMIData(name='cmi-9589', pairs=9589, circrna=2115 vectors of 64, mirna=821 sequences)
    """
    if name not in SOURCES:
        raise ValueError(f"There is no data set {name!r}; there are {', '.join(SOURCES)}.")
    import pooch  # here, since it warns in notebooks without widgets

    home = Path(pooch.os_cache("sklearn_mferl") if data_home is None else data_home)
    folder = home / name
    source = SOURCES[name]
    note = {file.key: file.sha256 for file in source.files}
    if not folder.exists():
        downloaded = _download(source.files, home / "downloads", base_url)
        data = _convert(name, source, downloaded)
        # complete, then put in place, so that an interruption leaves no half of a folder
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            complete = Path(scratch) / name
            save_cmi(data, complete)
            (complete / "source.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
            try:
                complete.rename(folder)
            except OSError:
                if not folder.exists():  # it does where another process has just done the same
                    raise
    note_path = folder / "source.json"
    if not note_path.is_file() or json.loads(note_path.read_text(encoding="utf-8")) != note:
        raise ValueError(
            f"The folder {folder} was not made from the files that fetch_cmi({name!r}) fetches. Move it "
            "away, give another data_home, or read it with load_cmi."
        )
    return load_cmi(folder)


def fetch_ago_sites(
    data_home: str | os.PathLike[str] | None = None, *, base_url: str = GITHUB
) -> pd.DataFrame:
    """Download sites that Argonaute held together with a miRNA, or read them where they are.

    A positive is a read of a CLASH experiment in which a miRNA was ligated to a stretch of another RNA
    [1]_ [2]_, as two benchmarks of site prediction give them with negatives. No licence stands beside the
    files: do not redistribute them.

    Parameters
    ----------
    data_home, base_url
        As in `fetch_cmi`.

    Returns
    -------
    DataFrame
        A row for each site: ``target`` (50 nucleotides) and ``mirna`` as RNA, ``label`` 0 or 1, ``dataset``
        ("hejret2023" or "helwak2013", whose miRNAs are cut to 20 nucleotides) and ``chromosome``, empty
        where it is not told.

    Raises
    ------
    ValueError
        If a file has another hash than it should.
    ConnectionError
        If a file is not there yet and cannot be downloaded.

    References
    ----------
    .. [1] Helwak et al., "Mapping the human miRNA interactome by CLASH reveals frequent noncanonical
       binding", Cell 153, 654-665 (2013).
    .. [2] Hejret et al., "Analysis of chimeric reads characterises the diverse targetome of AGO2-mediated
       regulation", Scientific Reports 13, 22895 (2023).

    Examples
    --------
    >>> from sklearn_mferl.datasets import fetch_ago_sites
    >>> fetch_ago_sites()["label"].mean()  # doctest: +SKIP
    0.5
    """
    import pooch

    home = Path(pooch.os_cache("sklearn_mferl") if data_home is None else data_home)
    paths = _download(list(AGO_SITES.values()), home / "downloads", base_url)
    tables = [read_labelled_sites(paths[file.key]).assign(dataset=name) for name, file in AGO_SITES.items()]
    return pd.concat(tables, ignore_index=True)


def _download(files: list[RemoteFile], folder: Path, base_url: str) -> dict[str, Path]:
    """Return the local path of each file; what is there with the right hash is not downloaded again."""
    import pooch

    cache = pooch.create(
        path=folder,
        base_url=base_url.rstrip("/") + "/",
        registry={file.key: f"sha256:{file.sha256}" for file in files},
    )
    paths = {}
    for file in files:
        try:
            paths[file.key] = Path(cache.fetch(file.key))
        except PermissionError:
            raise
        except OSError as error:  # the base of every error of a connection
            raise ConnectionError(
                f"Could not download {cache.get_url(file.key)}: {error}. Check the network and try again, or "
                f"put the file at {folder / file.key} yourself."
            ) from error
    return paths


def _convert(name: str, source: Source, paths: dict[str, Path]) -> CMIData:
    """Turn the raw files into the data of the RNAs that have an interaction."""
    raw_pairs = paths[source.pairs.key]
    pairs: dict[tuple[str, str], None] = {}
    for line, cells in read_rows(raw_pairs, source.delimiter):
        if len(cells) != 2:
            raise ValueError(f"{raw_pairs}, line {line}: {len(cells)} cells instead of miRNA and circRNA.")
        pairs[cells[1], cells[0]] = None
    circrnas, mirnas = ({pair[column] for pair in pairs} for column in range(2))
    data = CMIData(name, pd.DataFrame(list(pairs), columns=list(SIDES)))
    if source.mirna is not None:
        rows = read_rows(paths[source.mirna.key])
        known = unique_sequences(((row[0], row[-1]) for _, row in rows if row[0] in mirnas), "mirna")
        data = replace(data, mirna=known)
    if source.circrna_embeddings is not None:
        data.embeddings["circrna"] = _vectors(paths[source.circrna_embeddings.key], circrnas)
    return data


def _vectors(path: Path, wanted: set[str]) -> pd.DataFrame:
    found: dict[str, list[float]] = {}
    width = 0
    for line, cells in read_rows(path):
        width = width or len(cells)
        if cells[0] in wanted:
            found[cells[0]] = numbers(cells, width, f"{path}, line {line}")
    return frame_vectors(found, "circrna", [f"d{position}" for position in range(width - 1)])
