"""Nothing in a training step waits for the host: a chunk of steps is one call, whatever its length.

A transfer of every step would keep a GPU idle. Of transfers from a device JAX tells nothing where that device
is the CPU, so everything that the host does in `advance` is counted instead, whatever it is for.
"""

import sys
from collections.abc import Callable

import jax
import numpy as np
import pytest
from compiled_functions import Recorder

import cogrnn_lab as cl
from cogrnn_lab.training.compiled import setup

FEW, MANY = 2, 150  # both fit into one chunk


class Tells(cl.GRU):
    """A network whose readout calls the host in every trial, as a `print` left behind would."""

    def readout(self, state, *, subject=None):
        jax.debug.callback(lambda _: None, state[0])
        return super().readout(state, subject=subject)


class StepByStep(cl.Trainer):
    """A trainer that looks at the loss after every step."""

    def advance(self, steps, evaluate=True):
        for _ in range(steps):
            report = super().advance(1, evaluate)
        return report


@pytest.fixture(scope="module")
def choices() -> tuple[cl.Dataset, cl.Dataset]:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=10).split()


@pytest.fixture(scope="module")
def trainer(choices) -> cl.Trainer:
    return cl.Trainer(cl.GRU(2, 2, 2, key=0), *choices, batch_size=2)


def host_calls(function: Callable[[], object]) -> int:
    """Calls of Python and C functions that the host makes, once everything is compiled."""
    function()
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return counted


def of_chunks(trainer) -> tuple[int, int]:
    """What the host does for a chunk of few and of many steps."""
    return host_calls(lambda: trainer.advance(FEW)), host_calls(lambda: trainer.advance(MANY))


def test_the_host_does_no_more_for_many_steps_than_for_few(trainer):
    few, many = of_chunks(trainer)
    assert abs(many - few) < 10  # caches of JAX may differ by a call; a step has none to itself


def test_the_same_of_runs_that_advance_together(choices):
    together = cl.Replicates([cl.GRU(2, 2, 2, key=seed) for seed in (0, 1)], *choices, batch_size=2)
    few, many = of_chunks(together)
    assert abs(many - few) < 10


def test_a_trainer_that_looks_after_every_step_is_seen(trainer):
    looking = cl.Trainer.__new__(StepByStep)
    vars(looking).update(vars(trainer))
    few, many = host_calls(lambda: looking.advance(1)), host_calls(lambda: looking.advance(3))
    assert many - few > 100


def recorded_step(model, choices, monkeypatch) -> Recorder:
    recorder = Recorder(setup.train_chunk)
    monkeypatch.setattr(setup, "train_chunk", recorder)
    cl.Trainer(model, *choices, batch_size=2).advance(1)
    return recorder


def calls_of_the_host(recorder: Recorder) -> int:
    """Places of the traced program where it would wait for the host, on whatever device it runs."""
    arguments, named = recorder.arguments
    program = str(recorder.function.trace(*arguments, **named).jaxpr)
    return sum(program.count(word) for word in ("callback", "infeed", "outfeed"))


def test_the_compiled_steps_do_not_call_the_host(choices, monkeypatch):
    model = cl.DisRNN(2, 2, 2, update_width=3, update_depth=1, choice_depth=0, key=0)
    assert calls_of_the_host(recorded_step(model, choices, monkeypatch)) == 0


def test_a_network_that_calls_the_host_is_seen(choices, monkeypatch):
    assert calls_of_the_host(recorded_step(Tells(2, 2, 2, key=0), choices, monkeypatch)) > 0


def test_a_chunk_has_its_arguments_on_the_device(trainer, monkeypatch):
    """Numbers of the host are put there by name; none is found out by the call itself."""

    def guarded(*arguments, **named):
        with jax.transfer_guard_host_to_device("disallow"):
            return Recorder(train_chunk)(*arguments, **named)

    train_chunk = setup.train_chunk
    monkeypatch.setattr(setup, "train_chunk", guarded)
    assert np.isfinite(trainer.advance(1).loss)
    with jax.transfer_guard_host_to_device("disallow"), pytest.raises(Exception, match="host-to-device"):
        jax.jit(lambda x: x + 1)(np.ones(3)).block_until_ready()
