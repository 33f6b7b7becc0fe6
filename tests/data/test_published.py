"""Published data: the download, its checks and the cache, against files of the same formats served here."""

import dataclasses
import hashlib
import importlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from scipy.io import savemat

import cogrnn_lab as cl
from cogrnn_lab.data.published_sets import rat_bandit, rat_clicks
from cogrnn_lab.data.published_sets.files import PublishedFile, cache_folder, fetched

module = importlib.import_module("cogrnn_lab.data.published_sets")

RATS = [
    {
        "ratname": "M001",
        "sides": "lrvrllr",
        "trial_types": "ffflfrf",
        "rewards": [1, 0, 0, 1, 0, 1, 0],
        "new_sess": [1, 0, 0, 0, 1, 0, 0],
        "left_prob1": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "right_prob1": [0.5] * 7,
    },
    {
        "ratname": "M002",
        "sides": list("rl"),
        "trial_types": list("ff"),
        "rewards": [1, 1],
        "new_sess": [1, 0],
    },
]


class Server:
    """Files on loopback, and which of them were asked for."""

    def __init__(self):
        self.files, self.asked = {}, []
        files, asked = self.files, self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                content = files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.httpd.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.httpd.server_address[1]}{path}"

    def stop(self):
        self.httpd.shutdown()
        self.httpd.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("COGRNN_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def bandit(server, monkeypatch):
    """The rat bandit as a small file with its checksum."""
    content = json.dumps(RATS).encode()
    server.files["/bandit"] = content
    entry = PublishedFile(server.url("/bandit"), "rats.json", f"md5:{hashlib.md5(content).hexdigest()}")
    use(monkeypatch, "rat_bandit", {"all": entry})
    return entry


def use(monkeypatch, name, files):
    changed = dataclasses.replace(module.SETS[name], files=files)
    monkeypatch.setattr(module, "SETS", {**module.SETS, name: changed})


def test_rats_at_a_bandit(bandit, capfd):
    data = cl.published("rat_bandit")
    assert data.subject_names == ("M001", "M002")
    assert data.session_names == ("1", "2", "1")
    assert data.class_names == ("left", "right")
    np.testing.assert_array_equal(data.lengths, [3, 3, 2])
    # the violation is gone, so that the trial after it follows the one before
    np.testing.assert_array_equal(data.columns["choice"][0], [0, 1, 1])
    np.testing.assert_array_equal(data.inputs[0], [[0, 0], [0, 1], [1, 0]])
    # an instructed trial is shown and does not count
    np.testing.assert_array_equal(data.mask[:2, :, 0], [[True, True, False], [True, False, True]])
    np.testing.assert_array_equal(data.inputs[1], [[0, 0], [0, 0], [0, 1]])
    np.testing.assert_allclose(data.columns["p_reward_left"][0], [0.1, 0.2, 0.4])
    assert np.isnan(data.columns["p_reward_left"][2]).all()
    assert capfd.readouterr() == ("", "")
    one = cl.published("rat_bandit", subjects=["M002"])
    assert (one.n_sessions, one.subject_names) == (1, ("M002",))


def test_the_second_time_comes_from_the_cache(bandit, server):
    first = cl.published("rat_bandit")
    assert server.asked == ["/bandit"]
    server.files.clear()
    again = cl.published("rat_bandit")
    assert server.asked == ["/bandit"]
    np.testing.assert_array_equal(again.inputs, first.inputs)
    assert cl.fetch("rat_bandit") == {"all": cache_folder() / "rats.json"}


def test_a_damaged_copy_is_downloaded_again(bandit, server):
    path = cl.fetch("rat_bandit")["all"]
    path.write_bytes(b"[]")
    assert len(cl.published("rat_bandit").subjects) == 2
    assert server.asked == ["/bandit"] * 2


def test_another_checksum_is_refused_and_nothing_kept(bandit, server):
    server.files["/bandit"] = b"something else"
    with pytest.raises(ValueError, match=r"/bandit gave a file with another checksum than md5:.* not kept"):
        cl.published("rat_bandit")
    assert not (cache_folder() / "rats.json").exists()


def test_without_a_server_it_is_said_what_to_download_and_where_to(bandit, server):
    server.stop()
    with pytest.raises(ConnectionError) as caught:
        cl.published("rat_bandit")
    message = str(caught.value)
    assert bandit.url in message
    assert str(cache_folder() / "rats.json") in message
    assert "COGRNN_LAB_CACHE" in message
    (cache_folder() / "rats.json").write_bytes(json.dumps(RATS).encode())
    assert len(cl.published("rat_bandit").subjects) == 2


def test_a_refusal_of_the_server_is_passed_on(bandit, server):
    server.files.clear()
    with pytest.raises(ConnectionError, match="the server answered 404 Not Found"):
        cl.published("rat_bandit")


def test_without_a_known_checksum_the_first_download_is_the_reference(server):
    server.files["/free"] = b"first"
    file = PublishedFile(server.url("/free"), "free.bin")
    path = fetched(file)
    note = path.with_name("free.bin.sha256")
    assert note.read_text() == f"sha256:{hashlib.sha256(b'first').hexdigest()}\n"
    path.write_bytes(b"damaged")
    assert fetched(file).read_bytes() == b"first"
    path.unlink()
    server.files["/free"] = b"second"
    with pytest.raises(ValueError, match=r"that of the first download; .* delete .*free\.bin\.sha256"):
        fetched(file)
    note.unlink()
    assert fetched(file).read_bytes() == b"second"


TRIALS = [
    {"T": 0.0312, "leftbups": [0.0, 0.005], "rightbups": [0.0, 0.031], "pokedR": 1, "gamma": 0.5, "hit": 1},
    {"T": 0.02, "leftbups": [], "rightbups": [0.011], "pokedR": 0, "gamma": -0.5, "hit": 0},
    {"T": 0.045, "leftbups": [0.0, 0.01, 0.03], "rightbups": 0.0, "pokedR": 0, "gamma": -2.5, "hit": 1},
]


def mat(tmp_path, layout):
    """The published structure, of a struct for each trial or of one that holds vectors and cells."""
    if layout == "array":
        raw = np.array([tuple(trial.values()) for trial in TRIALS], [(name, object) for name in TRIALS[0]])[
            None
        ]
    else:
        raw = {}
        for name in TRIALS[0]:
            values = np.empty(3, object)
            values[:] = [trial[name] for trial in TRIALS]
            raw[name] = values if "bups" in name else np.array(values, float)
    path = tmp_path / "rat.mat"
    savemat(path, {"ratname": "B052", "rawdata": raw, "total_trials": 3})
    return path.read_bytes()


@pytest.mark.parametrize("layout", ["array", "vectors"])
def test_rats_that_hear_clicks(layout, server, monkeypatch, tmp_path):
    server.files["/B052"] = mat(tmp_path, layout)
    files = {rat: PublishedFile(server.url(f"/{rat}"), f"{rat}.mat") for rat in ("B052", "B053")}
    use(monkeypatch, "rat_clicks", files)
    data = cl.published("rat_clicks", subjects="B052")
    assert server.asked == ["/B052"]
    assert data.subject_names == ("B052",)
    np.testing.assert_array_equal(data.lengths, [5, 3, 6])
    np.testing.assert_array_equal(data.inputs[0, :5], [[2, 1], [0, 0], [0, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(data.inputs[2, :5, 0], [1, 1, 0, 1, 0])
    np.testing.assert_array_equal(data.columns["choice"].max(1), [1, 0, 0])
    np.testing.assert_array_equal(data.mask[..., 0].argmax(1), [4, 2, 5])
    np.testing.assert_allclose(data.columns["gamma"][:, 0], [0.5, -0.5, -2.5])
    np.testing.assert_allclose(data.columns["reward"][:, 0], [1, 0, 1])
    with pytest.raises(ConnectionError, match="/B053 could not be downloaded"):
        cl.published("rat_clicks")
    with pytest.raises(ValueError, match="no subject B999; the subjects are: B052, B053"):
        cl.published("rat_clicks", subjects=["B999"])


def test_files_of_another_content_are_refused(server, monkeypatch, tmp_path):
    def served(content):
        server.files["/x"] = content
        for stale in cache_folder().glob("x*"):
            stale.unlink()
        return {"B052": PublishedFile(server.url("/x"), "x")}

    use(monkeypatch, "rat_clicks", served(b"not MATLAB" * 20))
    with pytest.raises(ValueError, match="is no MATLAB file"):
        cl.published("rat_clicks")
    savemat(tmp_path / "other.mat", {"else": 1})
    use(monkeypatch, "rat_clicks", served((tmp_path / "other.mat").read_bytes()))
    with pytest.raises(ValueError, match='has no "rawdata", only else'):
        cl.published("rat_clicks")
    for change, sentence in [
        ({"sides": "lrxrllr"}, "sides of rat M001 hold x; expected only l, r, v"),
        ({"rewards": [1]}, "rat M001 has 7 sides, 7 trial_types, 1 rewards and 7 new_sess"),
    ]:
        content = json.dumps([RATS[0] | change]).encode()
        use(monkeypatch, "rat_bandit", {"all": served(content)["B052"]})
        with pytest.raises(ValueError, match=sentence):
            cl.published("rat_bandit")
    lacking = {key: value for key, value in RATS[0].items() if key != "new_sess"}
    use(monkeypatch, "rat_bandit", {"all": served(json.dumps([lacking]).encode())["B052"]})
    with pytest.raises(ValueError, match="rat M001 has no new_sess; it has ratname"):
        cl.published("rat_bandit")


def test_names(bandit):
    assert cl.published_names() == ("rat_bandit", "rat_clicks")
    with pytest.raises(
        ValueError, match=r'no published data set is called "rat_bandits".* Is it "rat_bandit"'
    ):
        cl.published("rat_bandits")
    with pytest.raises(ValueError, match="no rat X; the rats are: M001, M002"):
        cl.published("rat_bandit", subjects=["X"])
    with pytest.raises(ValueError, match="expected one or more different names"):
        cl.published("rat_bandit", subjects=[])


def test_what_is_registered():
    for name in cl.published_names():
        entry = cl.published_set(name)
        assert "Brody" in entry.citation
        assert entry.license.startswith("CC BY")
    files = [*rat_bandit.FILES.values(), *rat_clicks.FILES.values()]
    assert len({file.filename for file in files}) == len({file.url for file in files}) == 20
    for file in files:
        assert file.url.startswith("https://")
        if file.hash is not None:
            kind, digits = file.hash.split(":")
            assert len(bytes.fromhex(digits)) == hashlib.new(kind).digest_size


def test_the_cache_is_that_of_the_user_unless_another_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COGRNN_LAB_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("COGRNN_LAB_CACHE")
    assert cache_folder().name in ("cogrnn_lab", "Cache")
