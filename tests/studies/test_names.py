"""What tells runs and studies from each other: names in logs, numbers written in two ways, claims."""

import json
from pathlib import Path

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.studies import claims
from cogrnn_lab.studies.claims import claimed, is_claimed
from cogrnn_lab.studies.points import completed, name_of
from cogrnn_lab.studies.space import checked_space

SPACE = {
    "n_latents": 1, "seed": 0, "update_width": 2, "update_depth": 1, "choice_depth": 0, "warm_up": 2,
    "steps": 2, "batch_size": 2,
}  # fmt: skip


def made(seed: int) -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=4, n_trials=8, seed=seed)


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return made(0)


# --- names in logs --------------------------------------------------------------------------------


class Names(cl.logs.Log):
    """A log that notes the names of runs, and stops them."""

    def __init__(self):
        self.names = []

    def begin(self, settings, name=None):
        self.names.append(name)
        raise OSError("the disk is full")


def names_in_log(folder: Path, *arguments, **settings) -> list[str]:
    log = Names()
    study = cl.Study(folder, *arguments, log=log, **settings)
    for _ in range(2):
        with pytest.raises(OSError, match="the disk is full"):
            study.run(progress=False)
    with pytest.raises(OSError, match="the disk is full"):
        cl.Study(folder, *arguments, log=log, **settings).run(progress=False)
    return log.names


def test_a_run_has_its_own_name_in_logs_and_keeps_it(data, tmp_path):
    """Runs of two studies with the same settings went on with each other: only settings were in the name."""
    one = names_in_log(tmp_path / "rat's prices", data, SPACE)
    other = names_in_log(tmp_path / "other", made(1), SPACE)
    assert len(set(one)) == len(set(other)) == 1
    assert one[0] != other[0]
    (point,) = cl.Study(tmp_path / "other").points
    assert one[0].startswith("rat_s_prices-")
    assert one[0].endswith(f"-{name_of(point)}")
    again = tmp_path / "moved"
    (tmp_path / "other").rename(again)
    assert names_in_log(again, made(1), SPACE)[0] == other[0]


def test_two_studies_of_the_same_are_two_in_logs(data, tmp_path):
    names = [names_in_log(tmp_path / where / "study", data, SPACE)[0] for where in "ab"]
    assert names[0] != names[1]


def test_a_study_without_a_name_gets_one_and_is_the_same_study(data, tmp_path):
    """One of an earlier version."""
    study = cl.Study(tmp_path, data, SPACE)
    definition = json.loads((tmp_path / "study.json").read_text())
    name = definition.pop("name")
    (tmp_path / "study.json").write_text(json.dumps(definition))
    again = cl.Study(tmp_path, data, SPACE)
    assert again.points == study.points
    assert json.loads((tmp_path / "study.json").read_text())["name"] != name


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"price": 1}, {"price": 1.0}),
        ({"n_latents": 2.0}, {"n_latents": 2}),
        ({"penalty_latent": 1}, {"penalty_latent": 1.0}),
        ({"seed": np.int64(3)}, {"seed": 3}),
        ({"max_grad_norm": 1}, {"max_grad_norm": 1.0}),
    ],
)
def test_equal_numbers_are_one_run(one, other):
    """1 and 1.0 had two names, so that the same run was trained twice."""
    names = []
    for given in (one, other):
        (setting,) = [{name: values[0] for name, values in checked_space(given).items()}]
        names.append(name_of(completed(setting, cl.DisRNN)))
    assert names[0] == names[1]


def test_a_value_written_in_two_ways_is_there_twice(data, tmp_path):
    with pytest.raises(ValueError, match="with a value twice"):
        cl.Study(tmp_path, data, SPACE | {"price": [1, 1.0]})


class Gated:
    """A network of one's own, as far as a study asks for it."""

    def __init__(self, n_inputs: int, n_outputs: int, scale: float, gated: bool = False, *, key):
        pass


def test_truth_is_no_number():
    for given, said in (
        ({"price": True}, "price is True, expected a number"),
        ({"gated": 1}, "gated is 1, expected True or False"),
    ):
        with pytest.raises(ValueError, match=said):
            completed({"scale": 1.0} | given, Gated)
    points = [completed({"scale": scale, "gated": True}, Gated) for scale in (1, 1.0)]
    assert name_of(points[0]) == name_of(points[1])


def test_a_range_of_numpy_numbers_is_one_of_whole_numbers(data, tmp_path):
    """It drew 3.7 latents."""
    ends = tuple(np.arange(1, 10)[[0, -1]])
    study = cl.Study(tmp_path, data, SPACE | {"n_latents": ends}, n_random=4)
    assert {type(point["n_latents"]) for point in study.points} == {int}
    assert study.points == cl.Study(tmp_path, data, SPACE | {"n_latents": (1, 9)}, n_random=4).points


# --- claims and the table -------------------------------------------------------------------------


def test_a_claim_is_closed_before_it_is_deleted_where_open_files_stay(tmp_path, monkeypatch):
    """As on Windows, which deletes no open file and has no flock: each run ended in a PermissionError."""
    unlink = Path.unlink

    def as_windows(path: Path, missing_ok: bool = False) -> None:
        for held in Path("/proc/self/fd").iterdir():
            if held.exists() and held.resolve() == path.resolve():
                raise PermissionError(f"{path} is open")
        unlink(path, missing_ok=missing_ok)

    if not Path("/proc/self/fd").exists():
        pytest.skip("the system does not list open files")
    monkeypatch.setattr(claims, "fcntl", None)
    monkeypatch.setattr(Path, "unlink", as_windows)
    claim = tmp_path / "one.claim"
    with claimed(claim) as is_ours, claimed(claim) as also:  # without locks everyone has it
        assert (is_ours, also) == (True, True)
    assert not claim.exists()
    assert not is_claimed(claim)


def test_the_table_looks_once_at_what_differs(data, tmp_path, monkeypatch):
    """For each of n rows it looked at all n points."""
    study = cl.Study(tmp_path, data, SPACE | {"seed": list(range(6))})
    looked = []
    settings = cl.Study.settings.fget
    monkeypatch.setattr(cl.Study, "settings", property(lambda own: looked.append(1) or settings(own)))
    assert len(study.table) == 6
    assert len(looked) == 1
