"""Logs of runs, each written by its own package and read back by it."""

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab import extras
from cogrnn_lab.training.logs import to_wandb


def trained(**settings) -> cl.Run:
    data = cl.simulate(cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=8, n_trials=12)
    model = cl.GRU(2, 2, 2, key=jax.random.key(0))
    phases = cl.Phase(6, cl.Penalties(l2=1e-3), learning_rate=1e-2, name="training")
    return cl.fit(
        model, *data.split(), phases=phases, batch_size=3, report_every=2, progress=False, **settings
    )


@pytest.fixture(scope="module")
def run() -> cl.Run:
    return trained()


class Noted(cl.logs.Log):
    """A log that notes what it is told."""

    def __init__(self):
        self.told: list = []

    def begin(self, settings: Mapping, name: str | None = None) -> cl.logs.LoggedRun:
        self.told.append(("begin", dict(settings), name))
        return NotedRun(self.told)


class NotedRun(cl.logs.LoggedRun):
    def __init__(self, told: list):
        self.told = told

    def report(self, report: cl.Report) -> None:
        self.told.append(("report", report.step))

    def end(self, scores: Mapping, failed: str | None = None) -> None:
        self.told.append(("end", dict(scores), failed))


def test_a_log_is_told_settings_reports_and_the_end():
    log = Noted()
    trained(log=[log, log])
    begun, *_ = log.told
    assert begun[1] | {"network": "GRU", "n_hidden": 2, "seed": 0, "batch_size": 3} == begun[1]
    assert begun[1]["training"]["penalties"] == {"l2": 1e-3}
    assert log.told[2:] == [("report", step) for step in (2, 2, 4, 4, 6, 6)] + [("end", {}, None)] * 2


def test_a_log_is_told_why_a_run_failed():
    log = Noted()

    def stop(report):
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        trained(log=log, callbacks=stop)
    assert log.told[-1] == ("end", {}, "the power went")


@pytest.mark.filterwarnings("ignore:training was interrupted")
def test_a_log_is_told_that_a_run_was_interrupted():
    """It ended as a finished one."""
    log = Noted()

    def stop(report):
        raise KeyboardInterrupt

    assert trained(log=log, callbacks=stop).was_interrupted
    assert log.told[-1] == ("end", {}, "interrupted")


def test_what_is_no_log_is_refused():
    with pytest.raises(TypeError, match=r"expected a log, such as cl\.logs\.MLflow"):
        trained(log="mlflow")
    with pytest.raises(TypeError, match="make one of it"):
        trained(log=cl.logs.MLflow)
    with pytest.raises(TypeError, match="given as callbacks="):
        trained(log=print)


@pytest.mark.parametrize(
    ("log", "package"), [("MLflow", "mlflow"), ("WandB", "wandb"), ("TensorBoard", "tensorboard")]
)
def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch, log: str, package: str):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=rf'pip install "cogrnn-lab\[{package}\]"'):
        getattr(cl.logs, log)()


@pytest.mark.filterwarnings("default")  # of the other package
def test_mlflow_has_settings_and_losses_by_step(run: cl.Run, tmp_path: Path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="mlflow-skinny is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    log = cl.logs.MLflow("mice", tracking_uri=(tmp_path / "store").as_uri())
    trained(log=log)
    client = mlflow.MlflowClient(log.tracking_uri)
    (found,) = client.search_runs([client.get_experiment_by_name("mice").experiment_id])
    assert found.info.status == "FINISHED"
    assert found.data.params["n_hidden"] == "2"
    assert found.data.params["training.penalties.l2"] == "0.001"
    noted = client.get_metric_history(found.info.run_id, "valid_loss")
    assert [metric.step for metric in noted] == [2, 4, 6]
    assert [metric.value for metric in noted] == run.history["valid_loss"].tolist()


@pytest.mark.filterwarnings("default")
def test_mlflow_goes_on_with_a_run_of_the_same_name(tmp_path: Path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="mlflow-skinny is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    log = cl.logs.MLflow("mice", tracking_uri=(tmp_path / "store").as_uri())
    log.begin({"seed": 1}, "one").end({}, "killed")
    log.begin({"seed": 1}, "one").end({"likelihood": 0.6})
    client = mlflow.MlflowClient(log.tracking_uri)
    (found,) = client.search_runs([client.get_experiment_by_name("mice").experiment_id])
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"likelihood": 0.6})
    assert "cogrnn_lab.failed" not in found.data.tags  # it stayed on the run that had gone on


def test_wandb_takes_back_that_a_run_failed_which_goes_on(monkeypatch):
    class Resumed:
        resumed, summary = True, {"failed": "killed", "likelihood": 0.5}

    monkeypatch.setattr(to_wandb, "check_extra", lambda *told: None)
    monkeypatch.setattr(
        to_wandb, "imported_extra", lambda *told: SimpleNamespace(init=lambda **settings: Resumed())
    )
    cl.logs.WandB("mice").begin({"seed": 1}, "one")
    assert Resumed.summary == {"likelihood": 0.5}


@pytest.mark.filterwarnings("default")
def test_wandb_writes_its_offline_files(run: cl.Run, tmp_path: Path):
    wandb = pytest.importorskip("wandb", reason="wandb is not installed")
    trained(log=cl.logs.WandB("mice", folder=tmp_path, mode="offline"))
    wandb.teardown()  # its service writes in the background, and would outlive the test
    (file,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    records = wandb_history(file)
    assert [record["_step"] for record in records] == [2, 4, 6]
    assert [record["valid_loss"] for record in records] == run.history["valid_loss"].tolist()


def wandb_history(file: Path) -> list[dict]:
    """Rows of the history in the file of an offline run: Protocol Buffers in a log of LevelDB's format."""
    from wandb.proto import wandb_internal_pb2

    rows = []
    for data in leveldb_records(file.read_bytes(), start=7):
        record = wandb_internal_pb2.Record.FromString(data)
        if record.WhichOneof("record_type") == "history":
            items = {item.key or item.nested_key[0]: item.value_json for item in record.history.item}
            rows.append({name: json.loads(value) for name, value in items.items()})
    return rows


def leveldb_records(data: bytes, start: int, block: int = 32768) -> Iterator[bytes]:
    """Records, each in pieces with a checksum, a length and a type (1: all, 2: first, 3: middle, 4: last)."""
    at, record = start, b""
    while at + 7 <= len(data):
        if block - at % block < 7:  # what is too short for a head is left empty
            at += block - at % block
            continue
        length, kind = struct.unpack("<HB", data[at + 4 : at + 7])
        record += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield record
            record = b""


@pytest.mark.filterwarnings("default")
def test_tensorboard_reads_losses_by_step(run: cl.Run, tmp_path: Path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trained(log=cl.logs.TensorBoard(tmp_path))
    (folder,) = tmp_path.iterdir()
    events = EventAccumulator(str(folder)).Reload()
    read = events.Scalars("valid_loss")
    assert [event.step for event in read] == [2, 4, 6]
    np.testing.assert_allclose([event.value for event in read], run.history["valid_loss"], rtol=1e-6)
    assert "hparams" in events.summary_metadata["_hparams_/session_start_info"].plugin_data.plugin_name
