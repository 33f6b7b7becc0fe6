"""Whole numbers that a user gives are checked in one place, and a float or a bool is none."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.counts import checked_count, checked_counts, is_number


def test_a_whole_number_of_any_kind_is_one():
    for n in (3, np.int64(3), np.uint8(3)):
        assert checked_count(n, "n") == 3
        assert type(checked_count(n, "n")) is int
    assert checked_count(0, "seed", least=0) == 0


@pytest.mark.parametrize("n", [2.0, 2.5, True, "2", None, np.float32(2)])
def test_what_is_no_whole_number_is_refused(n):
    with pytest.raises(ValueError, match=r"n_units = .*; expected a whole number of 2 or more"):
        checked_count(n, "n_units", least=2)


def test_a_float_is_told_as_the_number_that_was_meant():
    with pytest.raises(
        ValueError, match=r"a whole number of training steps, 1 or more\. steps=1000 was meant\?"
    ):
        checked_count(1e3, "steps", of="training steps")
    with pytest.raises(ValueError, match=r"steps = 0.5; expected a whole number of 1 or more\.$"):
        checked_count(0.5, "steps")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (0.5, True), (np.float32(2), True), (np.int64(2), True), (True, False), ("1", False)],
)
def test_a_bool_is_no_number(value, expected):
    assert is_number(value) is expected


def test_several_numbers_are_checked_by_name():
    assert checked_counts(a=np.int64(1), b=2) == (1, 2)
    assert type(checked_counts(a=np.int64(1))[0]) is int
    with pytest.raises(ValueError, match="b = -1; expected 0 or more, a whole number"):
        checked_counts(0, a=0, b=-1)


KEY = jax.random.key(0)
LISTENER = cl.BoundedAccumulator(), cl.PoissonClicks()
SIMULATED = {"agent": cl.QLearning(), "environment": cl.DriftingBandit(), "n_sessions": 2, "n_trials": 20}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.simulate(**SIMULATED | {"n_trials": True}), "n_trials = True; expected a whole number"),
        (lambda: cl.simulate(**SIMULATED | {"n_sessions": True}), "n_sessions = True; expected a whole"),
        (lambda: cl.simulate_clicks(*LISTENER, n_trials=True), "n_trials = True; expected a whole number"),
        (lambda: cl.HistoryRegression(True), "n_back = True; expected a whole number of 1 or more"),
        (lambda: cl.DriftingBandit(n_arms=True), "n_arms = True; expected a whole number of 2 or more"),
        (lambda: cl.UncoupledBandit(n_arms=True), "n_arms = True; expected a whole number of 2 or more"),
        (lambda: cl.FlipFlop(n_bits=True), "n_bits = True; expected a whole number of 1 or more"),
        (lambda: cl.IntervalReproduction(n_intervals=True), "n_intervals = True; expected a whole number"),
        (lambda: cl.FlipFlop().batch(jax.random.key(0), 0), "n_trials = 0; expected 1 or more"),
        (lambda: cl.GRU(2, 2, 0, key=KEY), "n_hidden = 0; expected 1 or more, a whole number"),
        (lambda: cl.DisRNN(2, 2, update_depth=-1, key=KEY), "update_depth = -1; expected 0 or more, a whole"),
        (lambda: cl.NeuroDisRNN(2, 2, neural_width=0, key=KEY), "neural_width = 0; expected 1 or more"),
        (lambda: cl.Phase(True), "steps = True; expected a whole number of training steps, 0 or more"),
        (lambda: cl.Curriculum([cl.FlipFlop()], check_every=True), "check_every = True; expected a whole"),
        (lambda: cl.use_cpu_devices(0), "n = 0; expected 1 or more, a whole number of CPU devices"),
        (lambda: cl.simulate(**SIMULATED).split(every=True), "every = True; expected a whole number"),
        (lambda: cl.simulate(**SIMULATED).split(offset=-1), "offset = -1; expected 0 or more"),
    ],
)
def test_a_fault_in_a_count_is_said_before_anything_is_compiled(make, sentence):
    """With bools, which pass for whole numbers: True sessions were one session, without a word."""
    with pytest.raises(ValueError, match=sentence):
        make()
