"""Data are downloaded once, from pinned files, and what is not them is refused (a server on this machine)."""

import hashlib
import http.server
import json
import threading
from functools import partial

import numpy as np
import pytest

from sklearn_mferl.datasets import fetch
from sklearn_mferl.datasets.fetch import RemoteFile, Source, fetch_ago_sites, fetch_cmi

CONTENT = {
    "CMA/pairs.csv": b"m1,c1\r\nm2,c1\r\nm1,c2\r\nm1,c1\r\n",
    "mirna.csv": b"m1,ACGU\r\nm2,uugg\r\nm3,CC\r\n",
    "vectors.csv": b"c9,1,1,1\nc2,0.5,0.25,-1\nc1,1e-3,2,3\n",
    "pairs.txt": b"m1\tc1\nm2\tc2\n",
    "hejret.tsv": b"gene\tnoncodingRNA\tfeature\tlabel\tchr\nACGT\tTTGG\texon\t1\t13\nGGGG\tTTGG\t\t0\tX\n",
    "helwak.tsv": b"miRNA\tgene\tlabel\nTTCC\tAAGG\t1\n",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.requested.append(self.path)
        super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serve the synthetic files and put them in the place of the public ones."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    files = {}
    for path, content in CONTENT.items():
        files[path] = RemoteFile(f"owner/repo/c0ffee/{path}", hashlib.sha256(content).hexdigest())
        place = tmp_path / "served" / files[path].key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    both = Source(files["CMA/pairs.csv"], mirna=files["mirna.csv"], circrna_embeddings=files["vectors.csv"])
    monkeypatch.setitem(fetch.SOURCES, "cmi-9589", both)
    monkeypatch.setitem(fetch.SOURCES, "starbase", Source(files["pairs.txt"], delimiter="\t"))
    sites = {"hejret2023": files["hejret.tsv"], "helwak2013": files["helwak.tsv"]}
    monkeypatch.setattr(fetch, "AGO_SITES", sites)
    handler = partial(Handler, directory=tmp_path / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.requested = []
        running.root = tmp_path / "served"
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_the_registry_pins_the_files_that_the_data_come_from_on_github():
    pinned = {name: [(file.key, file.sha256) for file in fetch.SOURCES[name].files] for name in fetch.SOURCES}
    assert list(pinned) == ["cmi-9589", "cmi-9905", "starbase"]
    # golden: a change here is a change of the data
    digest = hashlib.sha256(json.dumps(pinned).encode()).hexdigest()
    assert digest == "1167139b46947dc151f0f709a71c2c21e20a9d8fa44416b5944478bfef890aea"
    pinned = [(name, *file) for name, file in fetch.AGO_SITES.items()]
    digest = hashlib.sha256(json.dumps(pinned).encode()).hexdigest()
    assert digest == "8b996b802543de9f9e0e6ebe6c58d623a25a9d34829a1fcf6fb120641dc0b1f9"
    assert fetch_cmi.__kwdefaults__["base_url"] == "https://raw.githubusercontent.com"


def test_pairs_sequences_and_vectors_of_the_rnas_with_an_interaction_come_once_over_the_network(
    server, tmp_path
):
    data = fetch_cmi("cmi-9589", tmp_path / "home", base_url=server.url)
    assert data.name == "cmi-9589"
    assert data.pairs.to_numpy().tolist() == [["c1", "m1"], ["c1", "m2"], ["c2", "m1"]]
    assert data.mirna == {"m1": "ACGU", "m2": "UUGG"}
    assert data.circrna is None
    vectors = data.embeddings["circrna"].loc[["c1", "c2"]]
    assert len(data.embeddings["circrna"]) == 2
    assert list(vectors.columns) == ["d0", "d1", "d2"]
    np.testing.assert_array_equal(vectors, [[1e-3, 2, 3], [0.5, 0.25, -1]])
    assert len(server.requested) == 3
    again = fetch_cmi("cmi-9589", str(tmp_path / "home"), base_url=server.url + "/")
    assert len(server.requested) == 3  # a second call downloads nothing
    assert again.pairs.equals(data.pairs)
    assert again.embeddings["circrna"].equals(data.embeddings["circrna"])


def test_sites_of_both_experiments_come_as_rna_with_their_labels(server, tmp_path):
    sites = fetch_ago_sites(tmp_path / "home", base_url=server.url)
    assert list(sites.columns) == ["target", "mirna", "label", "chromosome", "dataset"]
    assert sites.to_numpy().tolist() == [
        ["ACGU", "UUGG", 1, "13", "hejret2023"],
        ["GGGG", "UUGG", 0, "X", "hejret2023"],
        ["AAGG", "UUCC", 1, "", "helwak2013"],
    ]
    assert fetch_ago_sites(tmp_path / "home", base_url=server.url).equals(sites)
    assert len(server.requested) == 2


def test_starbase_is_pairs_only_and_the_folder_tells_where_they_come_from(server, tmp_path):
    data = fetch_cmi("starbase", tmp_path / "home", base_url=server.url)
    assert data.pairs.to_numpy().tolist() == [["c1", "m1"], ["c2", "m2"]]
    assert (data.circrna, data.mirna, data.embeddings) == (None, None, {})
    note = json.loads((tmp_path / "home" / "starbase" / "source.json").read_text())
    assert note == {file.key: file.sha256 for file in fetch.SOURCES["starbase"].files}
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["downloads", "starbase"]


def test_a_file_with_another_hash_is_refused_and_can_be_fetched_again(server, tmp_path):
    place = server.root / fetch.SOURCES["cmi-9589"].mirna.key
    good = place.read_bytes()
    place.write_bytes(b"m1,GGGG\r\nm2,UUGG\r\n")
    with pytest.raises(ValueError, match=r"mirna\.csv") as caught:
        fetch_cmi("cmi-9589", tmp_path / "home", base_url=server.url)
    assert hashlib.sha256(good).hexdigest() in str(caught.value)
    assert hashlib.sha256(place.read_bytes()).hexdigest() in str(caught.value)
    assert not (tmp_path / "home" / "cmi-9589").exists()
    place.write_bytes(good)
    assert fetch_cmi("cmi-9589", tmp_path / "home", base_url=server.url).mirna["m1"] == "ACGU"


def test_a_folder_made_from_other_files_is_refused_and_left_alone(server, tmp_path):
    folder = tmp_path / "home" / "starbase"
    folder.mkdir(parents=True)
    (folder / "interactions.csv").write_text("circrna,mirna\nmine,too\n")
    with pytest.raises(ValueError, match=r"starbase was not made from the files .* read it with load_cmi"):
        fetch_cmi("starbase", tmp_path / "home", base_url=server.url)
    assert (folder / "interactions.csv").read_text() == "circrna,mirna\nmine,too\n"
    assert server.requested == []


def test_a_file_that_cannot_be_had_is_named_with_what_to_do(server, tmp_path):
    (server.root / fetch.SOURCES["starbase"].pairs.key).unlink()
    with pytest.raises(ConnectionError, match=r"owner/repo/c0ffee/pairs\.txt: 404.*Check the network"):
        fetch_cmi("starbase", tmp_path / "home", base_url=server.url)
    server.server_close()  # nobody listens at this port any more
    with pytest.raises(ConnectionError, match=r"Could not download http://127.*put the file at .*pairs\.txt"):
        fetch_cmi("starbase", tmp_path / "home", base_url=server.url)


def test_a_file_that_was_put_in_place_by_hand_needs_no_network(server, tmp_path):
    file = fetch.SOURCES["starbase"].pairs
    place = tmp_path / "home" / "downloads" / file.key
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT["pairs.txt"])
    assert len(fetch_cmi("starbase", tmp_path / "home", base_url=server.url).pairs) == 2
    assert server.requested == []


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="no data set 'cmi-1'; there are cmi-9589, cmi-9905, starbase"):
        fetch_cmi("cmi-1")


def test_a_malformed_list_of_pairs_is_refused_with_its_line(server, tmp_path, monkeypatch):
    monkeypatch.setitem(fetch.SOURCES, "starbase", Source(fetch.SOURCES["starbase"].pairs, delimiter=","))
    with pytest.raises(ValueError, match=r"pairs\.txt, line 1: 1 cells instead of miRNA and circRNA"):
        fetch_cmi("starbase", tmp_path / "home", base_url=server.url)
