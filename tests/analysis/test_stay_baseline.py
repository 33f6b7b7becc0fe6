"""The stay baseline of stimuli: what was chosen last time at this one; and that of people not trained on."""

import numpy as np
import pytest
from half_runs import half_run

import cogrnn_lab as cl
from cogrnn_lab.analysis.scoring.baseline import STAY, STAY_AT_STIMULUS
from cogrnn_lab.cli.report import _markdown
from cogrnn_lab.discovery.parts import deal
from cogrnn_lab.discovery.yardsticks import yardsticks
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.run import add_reference


@pytest.fixture(scope="module")
def stayers() -> cl.Dataset:
    """Who repeats what won at the same one of three stimuli."""
    agent = cl.PerStimulus(cl.WinStayLoseShift(lapse_rate=0.2), 3)
    return cl.simulate(agent, cl.StimulusBandits(cl.DriftingBandit(), 3), n_sessions=4, n_trials=80, seed=1)


def counted_by_hand(train: cl.Dataset, held_out: cl.Dataset) -> float:
    """Nats of the held-out choices of one subject, in plain loops."""

    def pairs(data: cl.Dataset):
        for session in range(data.n_sessions):
            last: dict[int, tuple[int, bool]] = {}
            for trial in range(data.n_trials):
                stimulus, choice = int(data.stimuli[session, trial]), int(data.choices[session, trial])
                yield last.get(stimulus), choice
                last[stimulus] = choice, bool(data.rewards[session, trial] > 0)

    counts = np.ones((2, 2))
    for before, choice in pairs(train):
        if before is not None:
            counts[int(before[1]), int(before[0] == choice)] += 1
    stay = counts[:, 1] / counts.sum(1)
    nats = 0.0
    for before, choice in pairs(held_out):
        p = 0.5 if before is None else stay[int(before[1])]
        nats -= np.log(p if before is None or before[0] == choice else 1 - p)
    return nats


def test_it_repeats_what_was_chosen_last_at_the_same_stimulus(stayers):
    train, held_out = stayers.split()
    scored = cl.stay_baseline(train, held_out, per_stimulus=True)
    assert scored.session_nll.sum() == pytest.approx(counted_by_hand(train, held_out), rel=1e-5)
    plain = cl.stay_baseline(train, held_out)
    assert scored.normalized_likelihood > plain.normalized_likelihood + 0.02


def test_without_stimuli_there_is_no_such_baseline():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
    with pytest.raises(ValueError, match="shows no stimuli"):
        cl.stay_baseline(*data.split(), per_stimulus=True)
    assert STAY_AT_STIMULUS not in cl.compare({"stays": cl.WinStayLoseShift}, data, n_bootstrap=5).names


def test_a_comparison_has_both_and_says_which(stayers):
    """Only the trial before was repeated, which hardly anybody does who is shown stimuli in turn."""
    found = cl.compare({"stays": cl.WinStayLoseShift()}, stayers, n_starts=1, n_bootstrap=5)
    assert found.names == ("stays", STAY, STAY_AT_STIMULUS, "chance", "generating agent")
    likelihood = dict(zip(found.names, found.likelihood, strict=True))
    assert likelihood[STAY_AT_STIMULUS] > likelihood[STAY] + 0.02
    with pytest.raises(ValueError, match="name of a reference row"):
        cl.compare({STAY_AT_STIMULUS: cl.QLearning}, stayers)


def test_the_lab_shows_the_better_one_by_its_name(stayers):
    columns = {name: one for name, one in stayers.columns.items() if name != "p_choice"}
    train, held_out = stayers._replace(columns=columns).split()
    run = half_run(curve=Curve(), train=train, held_out=held_out, curriculum=None)
    add_reference(run)
    assert run.curve.reference is not None
    assert run.curve.reference[0] == STAY_AT_STIMULUS


def test_yardsticks_of_people_who_were_not_trained_on_have_the_stay_baseline():
    """It was left out where whole people were reported."""
    agent = cl.QLearning(np.linspace(0.2, 0.6, 10))
    people = cl.simulate(agent, cl.DriftingBandit(), n_sessions=1, n_trials=30)
    parts = deal(people)
    assert parts.report is not None
    found = yardsticks(cl.GRU(2, 2, 2, key=0), parts, {}, gru_units=None)
    expected = cl.stay_baseline(parts.train, parts.report, by="all").normalized_likelihood
    assert found.likelihood(STAY) == pytest.approx(expected, rel=1e-5)


def test_the_report_of_a_fit_tells_the_two_apart():
    report = {
        "hold_out": "sessions", "training_subjects": 1, "training_choices": 9, "held_out_subjects": 1,
        "training_sessions": 2, "held_out_sessions": 2, "steps": 1, "subjects": [],
        "held_out_choices": 9, "held_out_likelihood": 0.8, "training_likelihood": 0.8, "latents": [],
        "references": {"chance": 0.5, STAY: 0.6, STAY_AT_STIMULUS: 0.7}, "ended_early": None,
        "every_channel_closed": False,
    }  # fmt: skip
    text = _markdown(report)
    assert f"| {STAY_AT_STIMULUS} | 0.7000 |" in text
    assert "That per stimulus does so for the last choice at the same stimulus" in text
    report["references"].pop(STAY_AT_STIMULUS)
    assert "per stimulus" not in _markdown(report)
