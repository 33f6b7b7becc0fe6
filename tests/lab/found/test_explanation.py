"""Searches for equations beside training: when they begin, what is kept, what is said where there is none."""

import html
import threading
import time
from functools import partial

import numpy as np
import pandas as pd
import pytest
from half_runs import part_of

import cogrnn_lab as cl
from cogrnn_lab.analysis import Equations
from cogrnn_lab.lab.engine import explanation
from cogrnn_lab.lab.engine.explanation import Explained
from cogrnn_lab.lab.panels.equations import OFF, WAIT, numbers_table

CALL = "<img src=x onerror=window.hit=1>"
PATIENCE = 60.0


def searched(lab) -> Explained | None:
    """What a search has come to, once it has ended."""
    lab.find_equations()
    lab.explaining.beside.wait(PATIENCE)
    return lab.runner.run.explanation.found


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """Searches take no time, and find nothing; the steps of the networks that they were asked about."""
    steps: list[int] = []

    def explained(run, model, step, tell) -> Explained:
        tell("reading")
        steps.append(step)
        return Explained(step, why="too few choices")

    monkeypatch.setattr(explanation, "explained", explained)
    return steps


@pytest.mark.slow
def test_equations_of_the_network_stand_beside_its_likelihood(make_lab, small_state, train, monkeypatch):
    small = partial(cl.equations, n_latents=(1,), n_starts=1, terms=())
    monkeypatch.setattr(explanation, "equations", small)
    state = small_state()
    state.data.set_quietly(n_sessions=24, n_trials=60)  # enough to tell a learner from chance
    lab = make_lab(state)
    train(lab, 16)
    found = searched(lab)
    assert found is not None
    assert found.step == lab.trainer.step_count == 16
    assert lab.equations is found.equations is not None
    held_out = lab.runner.run.held_out
    assert found.likelihood == pytest.approx(cl.evaluate(lab.equations, held_out).normalized_likelihood)
    assert found.network == pytest.approx(cl.evaluate(lab.model, held_out).normalized_likelihood)
    panel = lab.display["equations"]
    assert panel.readout.value == "of step 16"
    for line in lab.equations.text.split("\n"):
        assert html.escape(line) in panel.words.value
    assert f"equations {found.likelihood:.4f}, network {found.network:.4f}" in panel.fidelity.value
    assert len(lab.equations.numbers) > 0
    assert panel.numbers.value.count("<tr") == 1 + len(lab.equations.numbers)


def test_without_rewards_the_reason_is_said(make_lab, train):
    choice = np.random.default_rng(0).integers(0, 2, (12, 30))
    inputs = np.zeros((12, 30, 1), np.float32)
    lab = make_lab(dataset=cl.Dataset(inputs, choice[..., None].astype(np.float32), n_classes=2))
    train(lab, 1)
    found = searched(lab)
    assert found is not None
    assert found.equations is None
    assert found.why.startswith("These choices cannot be put into equations: ")
    assert html.escape(found.why) in lab.display["equations"].words.value
    assert "error" not in lab.top.message.value


def test_what_was_found_before_is_marked_once_training_has_gone_on(lab, train, asked):
    panel = lab.display["equations"]
    assert WAIT in panel.words.value
    lab.state.view.equations = False
    assert html.escape(OFF) in panel.words.value
    train(lab, 2)
    lab.pause()
    assert searched(lab).step == 2
    assert "out of date" not in panel.readout.value
    train(lab, 3)
    lab.pause()
    assert "out of date: the network is at step 5" in panel.readout.value
    assert searched(lab).step == 5
    assert "out of date" not in panel.readout.value
    searched(lab)
    assert asked == [2, 5], "nothing is searched for again in the same network"


def test_a_search_of_a_run_that_is_gone_is_let_go_of(lab, train, monkeypatch):
    began, go_on, ended = threading.Event(), threading.Event(), []

    def explained(run, model, step, tell) -> Explained:
        began.set()
        go_on.wait(PATIENCE)
        tell("on")
        ended.append(step)
        return Explained(step)

    monkeypatch.setattr(explanation, "explained", explained)
    train(lab, 1)
    lab.pause()
    before = lab.runner.run
    lab.find_equations()
    assert began.wait(PATIENCE)
    assert "searching" in lab.display["equations"].readout.value
    lab.state.data.n_trials = 20
    lab.reset()
    go_on.set()
    lab.explaining.beside.wait(PATIENCE)
    assert ended == []
    assert (before.explanation.found, before.explanation.busy) == (None, "")
    assert lab.runner.run.explanation.found is None
    assert "error" not in lab.top.message.value


def test_a_search_begins_by_itself_where_training_rests_and_a_thread_trains(small_state, asked, tmp_path):
    lab = cl.Lab(state=small_state(), runner="thread", folder=tmp_path)
    try:
        lab.wait(PATIENCE)
        lab.train()
        lab.wait(PATIENCE)
        assert lab.trainer.step_count == 16
        end = time.monotonic() + PATIENCE
        while 16 not in asked and time.monotonic() < end:
            time.sleep(0.01)
        assert asked[-1] == 16
        lab.state.view.equations = False
        asked.clear()
        lab.step()
        lab.wait(PATIENCE)
        lab.explaining.beside.wait(PATIENCE)
        assert asked == [], "not where it is switched off"
    finally:
        lab.close()


def test_no_search_begins_by_itself_where_the_caller_drives(lab, train, asked):
    train(lab, 20)
    assert lab.run_state == "finished"
    lab.explaining.beside.wait(PATIENCE)
    assert asked == []


def test_searches_take_a_share_of_the_time_while_the_network_trains(lab, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(explanation.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(explanation, "has_cores", lambda: True)
    explaining = lab.explaining
    lab._explain_at_rest("training")
    now[0] = 114.9
    assert not explaining.is_due(), "training has its first seconds for itself"
    now[0] = 115.0
    assert explaining.is_due(), "the first"
    explaining._began, explaining._ended = 100.0, 104.0
    now[0] = 123.9
    assert not explaining.is_due(), "4 s of 24"
    now[0] = 124.0
    assert explaining.is_due()
    monkeypatch.setattr(explanation, "has_cores", lambda: False)
    assert not explaining.is_due(), "there is one core, and that is training's"


def test_names_are_text_and_bars_stay_within_their_tracks():
    rows = [
        (f"{CALL}rate", 0.3, 0.01, 0.28, 0.32, "fraction a trial"),
        ("weight", -2.0, 0.1, -np.inf, 2.5, "log odds"),
        ("other", 1.0, np.nan, np.nan, np.nan, "log odds"),
    ]
    columns = ["name", "value", "standard_error", "low", "high", "unit"]
    shown = numbers_table(part_of(Equations, numbers=pd.DataFrame(rows, columns=columns)))
    assert CALL not in shown
    assert html.escape(CALL) in shown
    assert "-inf to 2.5" in shown
    assert "nan" not in shown, "an interval that is not known is not shown"
    assert "left:30.00%" in shown, "the rate, from 0 to 1"
    assert "left:10.00%" in shown, "the weight, from -2.5 to 2.5"
    assert "left:0.00%;width:100.00%" in shown, "an interval without an end"
