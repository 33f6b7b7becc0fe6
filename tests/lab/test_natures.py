"""Which network fits data of which nature, and every change between two natures."""

from itertools import product

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.clicks import LEFT, RIGHT
from cogrnn_lab.lab.settings.catalog import MODELS
from cogrnn_lab.lab.settings.network_choice import (
    Nature,
    NetworkChoice,
    misfit,
    nature_of,
    nature_of_settings,
)
from cogrnn_lab.lab.settings.state import CLICKS, GIVEN, PUBLISHED, SIMULATED, TABLE, TASK, LabState

NATURES = {
    "choices": Nature(),
    "signal": Nature(has_signal=True),
    "subjects": Nature(several_subjects=True),
    "both": Nature(has_signal=True, several_subjects=True),
    "clicks": Nature(of_clicks=True),
    "task": Nature(on_task=True),
}
# network: the natures that it is for
FITS = {
    "DisRNN": {"choices", "signal", "subjects", "both", "clicks"},
    "neuro DisRNN": {"signal", "both"},
    "multisubject DisRNN": {"subjects", "both"},
    "constrained RNN": {"task"},
    "GRU": set(NATURES),
    "one of somebody's own": set(NATURES),
}


@pytest.mark.parametrize(("kind", "nature"), list(product(FITS, NATURES)))
def test_a_network_fits_what_it_is_for_and_else_there_is_a_reason(kind, nature):
    reason = misfit(kind, NATURES[nature])
    assert (reason == "") == (nature in FITS[kind])
    if reason:
        assert reason.startswith(f"a {kind} ")


CHANGES = [
    (picked, before, now)
    for picked, before, now in product(FITS, NATURES, NATURES)
    if before in FITS[picked] and picked in MODELS
]


@pytest.mark.parametrize(("picked", "before", "now"), CHANGES)
def test_after_every_change_the_network_fits_and_comes_back(picked, before, now):
    model = LabState().model
    networks = NetworkChoice(model)
    networks.follow(NATURES[before])
    model.kind = picked
    told = networks.follow(NATURES[now])
    assert now in FITS[model.kind]
    kept = now in FITS[picked] and (before == "task") == (now == "task")
    assert not kept or model.kind == picked, "no network is taken away that fits"
    assert bool(told) == (model.kind != picked)
    networks.follow(NATURES[before])
    assert model.kind == picked


def test_coming_back_has_a_reason_too():
    model = LabState().model
    networks = NetworkChoice(model)
    networks.follow(NATURES["signal"])
    model.kind = "neuro DisRNN"
    networks.follow(NATURES["choices"])
    told = networks.follow(NATURES["signal"])
    assert told == "The network is now a neuro DisRNN: these data can be explained by it again."


def test_a_network_that_somebody_began_with_is_theirs_unless_it_fits_nothing_there():
    for kind, nature, after in (("GRU", None, "GRU"), ("LSTM", NATURES["task"], "LSTM")):
        model = LabState().model
        model.kind = kind
        networks = NetworkChoice(model, nature)
        networks.follow(nature or NATURES["clicks"])
        assert model.kind == after
    model = LabState().model
    model.kind = "neuro DisRNN"
    NetworkChoice(model, NATURES["choices"]).follow(NATURES["clicks"])
    assert model.kind == "DisRNN"


def test_what_the_lab_picks_itself_and_a_saved_run_brings_is_remembered_as_told():
    model = LabState().model
    networks = NetworkChoice(model)
    with networks.not_by_hand():
        model.kind = "LSTM"
    networks.follow(NATURES["task"])
    networks.follow(NATURES["choices"])
    assert model.kind == "DisRNN", "LSTM was nobody's choice"
    with networks.not_by_hand():
        model.kind = "LSTM"
    networks.take(NATURES["choices"])
    networks.follow(NATURES["task"])
    networks.follow(NATURES["choices"])
    assert model.kind == "LSTM"


@pytest.mark.parametrize(
    ("settings", "nature"),
    [
        ({"source": SIMULATED}, "choices"),
        ({"source": SIMULATED, "signal": "chosen value"}, "signal"),
        ({"source": SIMULATED, "n_subjects": 2}, "subjects"),
        ({"source": TASK, "n_subjects": 2, "signal": "chosen value"}, "task"),  # of the simulation alone
        ({"source": CLICKS, "n_subjects": 2}, "clicks"),
        ({"source": TABLE}, None),
        ({"source": PUBLISHED}, None),
        ({"source": GIVEN}, None),
    ],
)
def test_settings_tell_the_nature_of_data_that_are_made_here_alone(settings, nature):
    data = LabState().data
    data.set_quietly(**settings)
    assert nature_of_settings(data) == (None if nature is None else NATURES[nature])


def test_data_tell_their_nature():
    ones = np.ones((2, 3, 1), np.float32)
    of_two = cl.Dataset(ones, ones, n_classes=2, subject=[0, 1])
    assert nature_of(of_two, on_task=False) == NATURES["subjects"]
    inputs = np.ones((2, 3, 2), np.float32)
    clicks = cl.Dataset(inputs, ones, n_classes=2, input_names=[LEFT, RIGHT])
    assert nature_of(clicks, on_task=False) == NATURES["clicks"]
    signals = cl.Dataset(ones, np.ones((2, 3, 2), np.float32), kind="mixed", n_classes=2)
    assert nature_of(signals, on_task=False).has_signal
    assert not nature_of(signals, on_task=True).has_signal
