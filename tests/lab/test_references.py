"""Classical models beside the network: which are fitted to which run, and what is kept of them."""

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from half_runs import half_run

import cogrnn_lab as cl
from cogrnn_lab.lab.engine import references
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.references import FITTED, FURTHER, References
from cogrnn_lab.lab.engine.run import LabRun

SCORES = dict(zip(FITTED, (0.6, 0.8, 0.7), strict=True))


ONES = np.ones((1, 2, 1), np.float32)
DATA = cl.Dataset(ONES, ONES, n_classes=2)


def run() -> LabRun:
    return half_run(curve=Curve(), train=DATA)


class Bench:
    """Fits that take as long as the test says; `fitted` are their names in order."""

    def __init__(self, monkeypatch):
        self.fitted: list[str] = []
        self.told: list[Any] = []
        self.failed: list[Exception] = []
        self.before = lambda name: None
        names = {name: name for name in FITTED}
        monkeypatch.setattr(references, "classical_models", lambda n: names)
        monkeypatch.setattr(references, "fit_agent", self.fit)
        monkeypatch.setattr(
            references, "evaluate", lambda name, _: SimpleNamespace(normalized_likelihood=SCORES[name])
        )
        self.references = References(self.told.append, self.failed.append)

    def fit(self, name: str, _: Any, *, by: str) -> str:
        self.before(name)
        self.fitted.append(name)
        return name


@pytest.fixture
def bench(monkeypatch) -> Bench:
    return Bench(monkeypatch)


def test_the_best_of_all_is_kept_and_each_is_told(bench):
    one = run()
    bench.references.begin(one)
    bench.references.wait(10.0)
    assert bench.fitted == list(FITTED)
    assert one.curve.classical == (FITTED[1], 0.8)
    assert bench.told == [one] * 3


def test_nothing_is_fitted_again_or_where_no_such_model_is_for_the_data(bench):
    one = run()
    for _ in range(2):
        bench.references.begin(one)
        bench.references.wait(10.0)
        bench.references.begin(None)
    assert bench.fitted == list(FITTED)
    of_clicks = run()
    of_clicks.curve.has_classical = False
    bench.references.begin(of_clicks)
    bench.references.wait(10.0)
    assert bench.fitted == list(FITTED)


def test_fits_of_an_earlier_run_end_and_touch_no_other_curve(bench):
    first, second = run(), run()
    under_way, go_on = threading.Event(), threading.Event()

    def hold(name: str) -> None:
        if not under_way.is_set():
            under_way.set()
            go_on.wait(10.0)

    bench.before = hold
    bench.references.begin(first)
    thread = bench.references._thread
    assert under_way.wait(10.0)
    second.curve.has_classical = False
    bench.references.begin(second)
    go_on.set()
    assert thread is not None
    thread.join(10.0)
    assert bench.fitted == [FITTED[0]], "the one under way was the last"
    assert second.curve.classical is None


def test_what_was_stopped_halfway_goes_on_where_it_stopped(bench):
    one = run()
    bench.before = lambda name: bench.references.begin(None)  # unticked during the first fit
    bench.references.begin(one)
    bench.references.wait(10.0)
    assert one.curve.classical == (FITTED[0], 0.6)
    bench.before = lambda name: None
    bench.references.begin(one)
    bench.references.wait(10.0)
    assert bench.fitted == list(FITTED)
    assert one.curve.classical == (FITTED[1], 0.8)


def test_a_model_that_cannot_be_fitted_is_told_and_the_others_are_left(bench):
    def refuse(name: str) -> None:
        if name == FITTED[1]:
            raise ValueError("no rewards")

    bench.before = refuse
    one = run()
    bench.references.begin(one)
    bench.references.wait(10.0)
    assert [str(error) for error in bench.failed] == ["no rewards"]
    assert one.curve.classical == (FITTED[0], 0.6)


@pytest.mark.parametrize(
    ("columns", "further"),
    [
        ({}, ()),
        ({"foregone": ONES[..., 0]}, FURTHER[:1]),
        ({"second_state": ONES[..., 0], "second_choice": ONES[..., 0]}, FURTHER[1:]),
    ],
)
def test_what_the_data_tell_beside_rewards_has_its_model(columns, further):
    """Data with foregone outcomes were only compared with models that leave them out."""
    one = half_run(curve=Curve(), train=cl.Dataset(ONES, ONES, n_classes=2, columns=columns))
    assert References._left(one) == [*FITTED, *further]
