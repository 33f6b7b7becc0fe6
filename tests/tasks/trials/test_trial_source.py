"""Batches made ahead: the protocol between NumPy tasks and the trainer."""

import gc
import threading
import time

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


class Counting(cl.NumpyTask):
    """Every trial is a number from its generator; keeps count of the trials that were made."""

    duration = 30.0
    gate = None

    def trial_parameters(self, rng):
        return {"value": rng.uniform()}

    def whole_trial(self, times, parameters):
        MADE.append(parameters["value"])
        if self.gate is not None and threading.current_thread().name == THREAD:
            self.gate.wait(10)
        value = np.full((3, 1), parameters["value"])
        return value, value, np.ones(3)


MADE = []
THREAD = "cogrnn_lab trials"


def n_threads():
    return sum(thread.name == THREAD for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = n_threads()
    yield
    gc.collect()
    wait_until(lambda: n_threads() == before)


def wait_until(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited for 5 s")


def test_what_a_trainer_gets():
    with Counting().source(seed=3) as source:
        arrays = source.batches(4, 5, 0)
    assert isinstance(arrays, cl.TrialArrays)
    assert arrays.inputs.shape == arrays.targets.shape == arrays.mask.shape == (4, 5, 3, 1)
    assert arrays.valid.shape == (4, 5, 3)
    assert arrays.valid.all()
    assert arrays.subject.shape == (4, 5)
    assert arrays.action_mask is None
    assert np.unique(arrays.inputs).size == 20
    one_step = jax.tree.map(lambda a: a[0], arrays)
    reference = Counting().batch(jax.random.key(0), 5).trial_arrays()
    for name in ("inputs", "targets", "mask", "valid", "subject"):
        assert getattr(one_step, name).shape == getattr(reference, name).shape
        assert getattr(one_step, name).dtype == getattr(reference, name).dtype


def test_batches_are_the_same_however_they_are_asked_for():
    with Counting().source(seed=3) as source:
        whole = source.batches(12, 4, 0).inputs
    with Counting().source(seed=3, ahead=5) as source:
        pieces = [source.batches(n, 4, start).inputs for start, n in ((0, 1), (1, 5), (6, 2), (8, 4))]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    with Counting().source(seed=3, ahead=0) as source:
        np.testing.assert_array_equal(source.batches(2, 4, 7).inputs, whole[7:9])
        np.testing.assert_array_equal(source.batches(3, 4, 1).inputs, whole[1:4])
        np.testing.assert_array_equal(source.batches(3, 4, 6).inputs, whole[6:9])
        np.testing.assert_array_equal(source.batches(3, 2, 1).inputs, whole[1:4, :2])
    with Counting().source(seed=4) as source:
        assert (source.batches(12, 4, 0).inputs != whole).all()


def test_the_following_batches_are_made_meanwhile_and_no_more():
    with Counting().source(ahead=3) as source:
        MADE.clear()
        source.batches(2, 4, 0)
        wait_until(lambda: len(MADE) == (2 + 3) * 4)
        time.sleep(0.05)
        assert len(MADE) == (2 + 3) * 4
        source.batches(3, 4, 2)
        wait_until(lambda: len(MADE) == (2 + 3 + 3) * 4)
    MADE.clear()
    with Counting().source() as source:  # as many as were asked for last
        MADE.clear()
        source.batches(2, 4, 0)
        wait_until(lambda: len(MADE) == 4 * 4)
        time.sleep(0.05)
        assert len(MADE) == 4 * 4


def test_prefetch_does_not_wait():
    gate = threading.Event()
    with Counting(gate=gate).source() as source:
        source.prefetch(2, 3, 0)
        wait_until(lambda: n_threads() == 1)
        gate.set()
        assert source.batches(2, 3, 0).inputs.shape == (2, 3, 3, 1)


def test_what_was_asked_for_before_is_given_up():
    gate = threading.Event()
    with Counting(gate=gate).source(ahead=0) as source:
        source.prefetch(50, 100, 0)
        source.prefetch(1, 2, 900)
        gate.set()
        late = source.batches(1, 2, 900).inputs
    with Counting().source() as source:
        np.testing.assert_array_equal(source.batches(1, 2, 900).inputs, late)


def test_changes_of_the_task_after_the_start_have_no_effect():
    task = Counting()
    with task.source(seed=1) as source:
        task.duration = 300.0
        assert source.batches(1, 2, 0).inputs.shape == (1, 2, 3, 1)


def test_closing_ends_the_thread():
    source = Counting().source()
    source.batches(1, 1, 0)
    assert n_threads() == 1
    source.close()
    assert n_threads() == 0
    source.close()
    with pytest.raises(RuntimeError, match=r"closed; make a new one with task\.source"):
        source.batches(1, 1, 0)


def test_closing_in_the_middle_of_a_batch_does_not_wait_for_it():
    class Slow(Counting):
        def trial(self, t, parameters):
            time.sleep(0.02 if threading.current_thread().name == THREAD else 0)
            return 0.0, 0.0, 1

        whole_trial = cl.NumpyTask.whole_trial

    source = Slow().source()
    source.prefetch(10, 1000, 0)
    wait_until(lambda: n_threads() == 1)
    start = time.monotonic()
    source.close()
    assert time.monotonic() - start < 5  # it would be ten minutes
    assert n_threads() == 0


def test_a_source_that_is_forgotten_ends_its_thread():
    source = Counting().source()
    source.batches(1, 1, 0)
    assert n_threads() == 1
    del source
    gc.collect()
    wait_until(lambda: n_threads() == 0)


def test_closing_wakes_a_consumer_that_waits():
    gate = threading.Event()
    source = Counting(gate=gate).source()
    failures = []

    def consume():
        try:
            source.batches(1, 1, 0)
        except RuntimeError as error:
            failures.append(str(error))

    consumer = threading.Thread(target=consume)
    consumer.start()
    wait_until(lambda: n_threads() == 1)
    closer = threading.Thread(target=source.close)
    closer.start()
    consumer.join(5)
    gate.set()
    closer.join(5)
    assert failures == ["the source of trials was closed while training waited for it."]


class Failing(cl.NumpyTask):
    """Fails in rare trials, which the first ones are not."""

    duration = 30.0

    def trial_parameters(self, rng):
        return {"value": rng.uniform(), "on_thread": threading.current_thread().name == THREAD}

    def trial(self, t, parameters):
        if parameters["on_thread"] and parameters["value"] > self.fails_above:
            raise ArithmeticError("too much")
        return 0.0, np.nan if parameters["on_thread"] and parameters["value"] < self.nan_below else 0.0, 1

    fails_above = 0.99
    nan_below = 0.0


def first_failure(task, first_step):
    """Asks for one batch of ten after another until one fails."""
    with task.source(seed=0) as source:
        for step in range(first_step, 1000):
            try:
                source.batches(1, 10, step)
            except (RuntimeError, ValueError) as error:
                with pytest.raises(type(error), match="value = "):
                    source.batches(1, 10, step)  # it stays as it was
                source.batches(1, 10, 0)  # others are not affected
                return step, str(error)
    raise AssertionError("no failure")


def test_failures_come_where_the_batch_is_asked_for():
    step, sentence = first_failure(Failing(), 0)
    assert step > 0
    assert f"of step {step} with value = 0.99" in sentence
    assert "Failing.trial(t = 0, parameters) raised ArithmeticError: too much" in sentence
    assert first_failure(Failing(), step) == (step, sentence)


def test_numbers_that_are_none_are_found_in_later_batches_too():
    _, sentence = first_failure(Failing(nan_below=0.005, fails_above=2.0), 0)
    assert "targets that count are nan" in sentence
    assert "value = 0.00" in sentence


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda task: task.source(seed=-1), "seed = -1; expected"),
        (lambda task: task.source(ahead=-1), "ahead = -1; expected"),
        (lambda task: task.source().batches(0, 1, 0), "n_batches = 0; expected"),
        (lambda task: task.source().batches(1, 0, 0), "batch_size = 0; expected"),
        (lambda task: task.source().batches(1, 1, -1), "start_step = -1; expected"),
    ],
)
def test_impossible_requests_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(Counting())


def test_a_task_that_makes_all_trials_at_once_is_no_task_of_a_source():
    """It has a check of its own, and failed when the first batch was asked for."""
    with pytest.raises(TypeError, match=r"expected a cl\.NumpyTask"):
        cl.TrialSource(cl.PerceptualDiscrimination())
