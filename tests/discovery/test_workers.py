"""Discoveries and comparisons whose parts workers make: the same to the bit as those that are made here."""

import os
import signal
import threading
import time

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab import workers

distributed = pytest.importorskip("distributed", reason="distributed is not installed")

SHORT = {
    "levels": (0.5, 30.0),
    "seeds": 1,
    "warm_up": cl.WarmUp(most=20, check_every=10, patience=2),
    "settling": cl.Settling(most=20, check_every=10, cooling=5, learning_rate=1e-2),
    "batch_size": 8,
    "gru_units": 2,
    "classical": {"Q-learning": cl.QLearning(), "win-stay lose-shift": cl.WinStayLoseShift()},
    "equations": False,
}


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.5, 5.0), cl.DriftingBandit(), n_sessions=12, n_trials=20, seed=3)


def networks() -> list[cl.Network]:
    sizes = {"update_width": 3, "update_depth": 1, "choice_depth": 0}
    return [cl.DisRNN(2, 2, 1, **sizes, key=key) for key in (0, 1)]  # of one shape, compiled once


@pytest.fixture(scope="module")
def found(behavior) -> cl.Discovery:
    return cl.discover(behavior, model=networks(), **SHORT)


def same(one: cl.Discovery, other: cl.Discovery) -> None:
    assert one.text == other.text
    assert one.yardsticks.equals(other.yardsticks)
    for mine, theirs in zip(one.path.levels, other.path.levels, strict=True):
        jax.tree.map(np.testing.assert_array_equal, mine.models, theirs.models)
        np.testing.assert_array_equal(mine.penalized_loss, theirs.penalized_loss)


@pytest.mark.filterwarnings("default")  # of Dask
def test_parts_made_by_workers_are_those_made_here(found, behavior, tmp_path):
    """Workers that are threads of this process, so that nothing is compiled twice."""
    told = []
    with (
        distributed.LocalCluster(
            n_workers=1, processes=False, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        other = cl.discover(
            behavior, model=networks(), client=client, folder=tmp_path, watch=told.append, **SHORT
        )
        same(other, found)
        with pytest.raises(ValueError, match="callbacks are called where a path is trained"):
            cl.discover(behavior, model=networks(), client=client, callbacks=[print], **SHORT)
    assert {file.name.partition("-")[0] for file in (tmp_path / "parts").iterdir()} == {"classical", "gru"}
    assert [one.text for one in told if one.is_done][:2] == ["the path of the DisRNN is made: 2 levels"] * 2
    same(cl.load_discovery(tmp_path), found)


class Trained:
    """A recipe of one's own."""

    def __call__(self, train: cl.Dataset, valid: cl.Dataset | None, seed: int) -> cl.Run:
        network = cl.GRU(2, 2, 2, key=seed)
        return cl.fit(network, train, phases=cl.Phase(3), batch_size=2, seed=seed, progress=False)


@pytest.mark.filterwarnings("default")
def test_folds_made_by_workers_are_those_made_here(behavior):
    models = {"network": Trained(), "stays": cl.WinStayLoseShift}
    settings = {"folds": 3, "n_bootstrap": 10, "n_starts": 1}
    here = cl.compare(models, behavior, **settings)
    with (
        distributed.LocalCluster(
            n_workers=1, processes=False, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = cl.compare(models, behavior, client=client, **settings)
    assert there.names == here.names
    np.testing.assert_array_equal(there.session_nll, here.session_nll)
    for one, other in zip(there.fitted["network"], here.fitted["network"], strict=True):
        jax.tree.map(np.testing.assert_array_equal, one.model, other.model)


def test_what_is_no_client_is_refused(behavior):
    with pytest.raises(TypeError, match=r"client is 'tcp://.*expected a dask.distributed Client"):
        cl.discover(behavior, client="tcp://127.0.0.1:8786")


@pytest.mark.slow  # processes that compile
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("default")
def test_a_worker_that_dies_loses_nothing(found, behavior, tmp_path):
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        killed = []

        def kill() -> None:
            while not list(tmp_path.glob("path-*.npz")):  # a path has its warm-up
                time.sleep(0.01)
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        other = cl.discover(behavior, model=networks(), client=client, folder=tmp_path, **SHORT)
        killer.join()
        client.wait_for_workers(2, timeout=60)
    assert killed
    same(other, found)


def test_work_at_which_workers_die_is_told(monkeypatch):
    class Future:
        def exception(self):
            return distributed.KilledWorker("one", None, 3)

    door = object.__new__(workers.Workers)
    door._distributed = distributed
    with pytest.raises(workers.WorkersDied, match="workers died each time at the GRU, as they do without"):
        door._result("the GRU", Future())
