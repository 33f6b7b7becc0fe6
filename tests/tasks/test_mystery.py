"""Mystery agents: the same for ever, hidden until they are revealed, and scored as it is written down."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.tasks.mystery import KINDS
from cogrnn_lab.tasks.registry import AGENTS


def test_a_number_stands_for_the_same_agent_for_ever():
    """Teachers hand out numbers: these must not change with a version."""
    known = {
        0: ("Q-learning, perseveration", (0.67, 3.5, 0.27, 0.2, 0.71)),
        1: ("Q-learning, forgetting", (0.37, 3.81, 0.19, 0.01)),
        3: ("Q-learning, gains and losses", (0.36, 5.39, 0.7, 0.63)),
        7: ("win-stay lose-shift", (0.18,)),
        9: ("Pearce-Hall, forgetting", (0.88, 0.32, 5.55, 0.33, 0.51)),
        10: ("Q-learning", (0.26, 1.03)),
        13: ("Bari 2019", (0.8, 4.76, 0.72, 0.26, -0.45)),
        19: ("actor-critic", (0.3, 2.99, 0.08, 0.37, 0.27)),
    }
    answers = {seed: cl.mystery_agent(seed).reveal() for seed in known}
    assert {seed: (own.kind, tuple(own.numbers.values())) for seed, own in answers.items()} == known
    assert {kind for kind, _ in known.values()} == set(KINDS)


def test_every_kind_is_drawn_within_its_ranges():
    seen = set()
    for seed in range(80):
        answer = cl.mystery_agent(seed).reveal()
        seen.add(answer.kind)
        assert set(answer.numbers) == set(answer.ranges)
        for name, number in answer.numbers.items():
            low, high = answer.ranges[name]
            assert low <= number <= high
            assert number == round(number, 2)
        assert answer.agent().learns_from == ("reward",)
    assert seen == set(KINDS)
    assert set(KINDS) <= set(AGENTS)


def test_neither_text_nor_data_tell_it():
    mystery = cl.mystery_agent(3)
    data = mystery.simulate(cl.DriftingBandit(), n_sessions=2, n_trials=30)
    answer = mystery.reveal()
    told = f"{mystery!r} {data.summary} {list(data.columns)} {data.notes} {data.subject_names}"
    assert answer.kind not in told
    assert not any(f"{number:g}" in told.split() for number in answer.numbers.values())
    own = cl.simulate(answer.agent(), cl.DriftingBandit(), n_sessions=2, n_trials=30)
    np.testing.assert_array_equal(own.inputs, data.inputs)
    assert set(own.columns) == set(data.columns)


def test_points_are_those_of_the_formula():
    mystery = cl.mystery_agent(1)
    answer = mystery.reveal()
    assert mystery.score(answer.kind, answer.numbers).points == pytest.approx(100.0)
    name, *_ = answer.numbers
    low, high = answer.ranges[name]
    towards = 1.0 if answer.numbers[name] < (low + high) / 2 else -1.0
    off = answer.numbers | {name: answer.numbers[name] + towards * 0.25 * (high - low)}
    share = 60.0 / len(answer.numbers)
    assert mystery.score(answer.kind, off).points == pytest.approx(100.0 - share / 2)
    other = next(kind for kind in KINDS if kind != answer.kind)
    score = mystery.score(other, answer.numbers)
    assert (score.is_right, score.points) == (False, pytest.approx(60.0))
    assert mystery.score(other, {}).points == 0.0
    assert np.isnan(mystery.score(other, {}).table["guess"]).all()


def test_what_is_no_guess_or_no_number_is_refused():
    with pytest.raises(ValueError, match="kind is 'Q', expected one of win-stay"):
        cl.mystery_agent(0).score("Q", {})
    with pytest.raises(ValueError, match="seed"):
        cl.mystery_agent(-1)
