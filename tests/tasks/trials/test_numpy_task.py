"""Tasks in plain NumPy: what a user writes works as it is, is deterministic, and slips are explained."""

import random

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


class Discrimination(cl.NumpyTask):
    """Two noisy inputs; as a user without any JAX would write it."""

    duration = 300.0
    noise = 0.1
    input_names = ("left", "right")
    target_names = ("choose left", "choose right")

    def trial_parameters(self, rng):
        return {"coherence": rng.choice([0.1, 0.5]), "direction": rng.integers(2), "note": "text"}

    def trial(self, t, parameters, rng):
        stimulus = self.noise * rng.normal(size=2)
        if 50 <= t < 200:
            stimulus += 1
            stimulus[parameters["direction"]] += parameters["coherence"]
        target = np.full(2, 0.2)
        target[parameters["direction"]] = 1.0
        return stimulus, target, np.full(2, t >= 200)

    def accuracy(self, outputs, batch):
        return cl.decision_accuracy(outputs, batch)


class Whole(Discrimination):
    """The same task, all times at once; its mask has one number a time."""

    def whole_trial(self, times, parameters, rng):
        stimulus = self.noise * rng.normal(size=(len(times), 2))
        on = (times >= 50) & (times < 200)
        stimulus[on] += 1
        stimulus[on, parameters["direction"]] += parameters["coherence"]
        target = np.full((len(times), 2), 0.2)
        target[:, parameters["direction"]] = 1.0
        return stimulus, target, times >= 200


def test_shapes_names_and_parameters():
    task = Discrimination()
    batch = task.batch(jax.random.key(0), 12)
    assert batch.inputs.shape == batch.targets.shape == batch.mask.shape == (12, 30, 2)
    assert (batch.inputs.dtype, batch.targets.dtype, batch.mask.dtype) == (np.float32, np.float32, bool)
    assert sorted(batch.parameters) == ["coherence", "direction"]  # text is no column
    assert (task.n_steps, task.n_inputs, task.n_outputs, task.alpha) == (30, 2, 2, 0.1)
    direction = batch.parameters["direction"]
    np.testing.assert_array_equal(batch.targets[:, -1].argmax(1), direction)
    np.testing.assert_array_equal(batch.mask[0, :, 0], task.times >= 200)
    mean = batch.inputs[:, 5:20].mean(1)
    difference = np.where(direction == 1, 1, -1) * (mean[:, 1] - mean[:, 0])
    np.testing.assert_allclose(difference, batch.parameters["coherence"], atol=5 * 0.1 * np.sqrt(2 / 15))
    assert np.mean(task.accuracy(batch.targets, batch)) == 1.0
    np.testing.assert_array_equal(task.choices(batch.targets, batch), direction)


def test_both_ways_to_write_a_trial_give_the_same():
    stepwise, whole = (task.batch(jax.random.key(3), 6) for task in (Discrimination(), Whole()))
    jax.tree.map(np.testing.assert_array_equal, stepwise, whole)


def test_the_same_key_gives_the_same_trials_whatever_their_number():
    task = Discrimination()
    many, few = (task.batch(jax.random.key(1), n) for n in (9, 4))
    np.testing.assert_array_equal(many.inputs[:4], few.inputs)
    assert (task.batch(jax.random.key(2), 9).inputs != many.inputs).any()
    np.testing.assert_array_equal(task.dataset(5, seed=1).inputs, many.inputs[:5])


def test_trials_do_not_depend_on_the_global_random_state():
    np.random.seed(0)  # noqa: NPY002
    first = Discrimination().batch(jax.random.key(1), 3)
    np.random.seed(9)  # noqa: NPY002
    random.seed(9)
    again = Discrimination().batch(jax.random.key(1), 3)
    np.testing.assert_array_equal(first.inputs, again.inputs)


def test_settings():
    task = Discrimination(noise=0.0, dt=20, duration=400)
    batch = task.batch(jax.random.key(0), 2)
    assert batch.inputs.shape == (2, 20, 2)
    assert not batch.inputs[:, 0].any()
    assert Discrimination.duration == 300.0
    with pytest.raises(TypeError, match=r"no setting 'nose'; its settings are .*duration.*noise.*attribute"):
        Discrimination(nose=1)
    with pytest.raises(ValueError, match="duration = 2 ms is shorter than one step"):
        Discrimination(duration=2.0)


def test_a_data_set_of_it():
    data = Discrimination().dataset(7, seed=2)
    assert (data.kind, data.n_sessions, data.n_trials) == ("continuous", 7, 30)
    assert data.input_names == ("left", "right")
    assert set(data.columns) == {"coherence", "direction"}
    assert (data.columns["coherence"] == data.columns["coherence"][:, :1]).all()


class Categorical(cl.NumpyTask):
    """One number where arrays of one column are meant; no random numbers in a trial."""

    duration = 50.0
    kind = "categorical"
    n_classes = 3

    def trial_parameters(self, rng):
        return {"which": rng.integers(3)}

    def trial(self, t, parameters):
        return parameters["which"], parameters["which"], 1


def test_functions_that_need_no_task():
    class Static(Categorical):
        trial = staticmethod(lambda t, parameters, rng: (rng.normal(), parameters["which"], True))

    class Extra(Categorical):
        def trial(self, t, *others):
            assert len(others) == 2
            return 0.0, others[0]["which"], True

    assert Static().batch(jax.random.key(0), 2).inputs.any()
    assert not Extra().batch(jax.random.key(0), 2).inputs.any()


def test_a_categorical_task_of_single_numbers():
    task = Categorical()
    data = task.dataset(20)
    assert (data.kind, data.n_classes, task.n_outputs, data.inputs.shape) == ("categorical", 3, 3, (20, 5, 1))
    np.testing.assert_array_equal(data.targets[:, 0, 0], data.columns["which"][:, 0])
    assert task.input_names == ("input 1",)


def variant(**functions):
    """A task with some functions or attributes replaced."""
    return type("Variant", (Discrimination,), functions)()


def parts(stimulus=(0.0, 0.0), target=(0.0, 1.0), mask=(1, 1)):
    return np.asarray(stimulus), np.asarray(target), np.asarray(mask)


def counting(self, t, parameters):
    self.count = getattr(self, "count", 0) + 1
    return parts(stimulus=(self.count, 0.0))


SLIPS = {
    "no trial": ({"trial": cl.NumpyTask.trial}, r"needs trial\(t, parameters\) or whole_trial"),
    "no parameters": ({"trial_parameters": lambda self, rng: None}, "returns a NoneType; expected a dict"),
    "two things": (
        {"trial": lambda self, t, p: parts()[:2]},
        "returns 2 things; expected stimulus, target and",
    ),
    "nothing": ({"trial": lambda self, t, p: None}, "returns a NoneType; expected stimulus"),
    "growing": (
        {"trial": lambda self, t, p: parts(stimulus=np.zeros(2 + (t >= 100)))},
        r"stimulus of shape \(2,\) at 0 ms and of shape \(3,\) at 100 ms; expected the same at every time",
    ),
    "matrix": (
        {"trial": lambda self, t, p: parts(target=np.zeros((2, 2)))},
        r"target of shape \(2, 2\); expected \(input,\) or \(target,\)",
    ),
    "other mask": (
        {"trial": lambda self, t, p: parts(mask=(1, 1, 1))},
        r"mask of shape \(30, 3\); expected that of the targets, \(30, 2\)",
    ),
    "weights": ({"trial": lambda self, t, p: parts(mask=(0.5, 1))}, "mask with 0.5; expected True or 1"),
    "text": (
        {"trial": lambda self, t, p: (["a", "b"], [0, 1], [1, 1])},
        "stimulus of <U1 values; expected num",
    ),
    "names": (
        {"input_names": ("one",)},
        r"trials of 2 inputs and input_names is \('one',\); expected 2 names",
    ),
    "one name": ({"target_names": "choice"}, "target_names is 'choice'.*tuple by its comma"),
    "nan": (
        {"trial": lambda self, t, p: parts(stimulus=(np.nan if t == 40 else 0.0, 0.0))},
        r"inputs are nan or the like; expected finite numbers. The first is column 0 at 40 ms .*coherence",
    ),
    "nan target": ({"trial": lambda self, t, p: parts(target=(np.nan, 1.0))}, "targets that count are nan"),
    "no mask": (
        {"trial": lambda self, t, p: parts(mask=(0, 0))},
        "no target counts in any of 8 trials, as the mask is False throughout.*in ms",
    ),
    "global noise": (
        {"trial": lambda self, t, p: parts(stimulus=np.random.normal(size=2))},  # noqa: NPY002
        r"made a stimulus that depends on more than the parameters and rng.*np.random.*Draw from rng",
    ),
    "state": ({"trial": counting}, "made a stimulus that depends on more than.*an attribute that changes"),
    "global parameters": (
        {"trial_parameters": lambda self, rng: {"direction": 0, "coherence": random.random()}},
        r'drew a "coherence" that depends on more than rng',
    ),
    "names of parameters": (
        {"trial_parameters": lambda self, rng: {"direction": 0, "coherence": 1.0, f"x{rng.integers(9)}": 0}},
        "for one trial and .* for another; expected the same names",
    ),
    "whole shape": (
        {"whole_trial": lambda self, times, p: (np.zeros((29, 2)), np.zeros((30, 2)), np.ones(30))},
        r"inputs of shape \(29, 2\); expected \(time, input\) with 30 times: 300 ms in steps of 10 ms",
    ),
    "whole transposed": (
        {"whole_trial": lambda self, times, p: (np.zeros((30, 2)), np.zeros((2, 30)), np.ones(30))},
        "Is it transposed",
    ),
    "ragged": (
        {"whole_trial": lambda self, times, p: ([[0, 1], [0]], np.zeros((30, 2)), np.ones(30))},
        "stimulus that is not a rectangular array",
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), SLIPS.values(), ids=SLIPS)
def test_slips_are_explained(changes, sentence):
    task = variant(**changes)
    with pytest.raises((ValueError, TypeError, NotImplementedError, RuntimeError), match=sentence):
        task.source()
    with pytest.raises((ValueError, TypeError, NotImplementedError, RuntimeError), match=sentence):
        task.dataset(3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"trial": lambda self, t, p: 1 / (t - 70)},
            r"trial\(t = 70, parameters\) raised ZeroDivisionError: ",
        ),
        ({"whole_trial": lambda self, times, p: p["missing"]}, r"whole_trial.* raised KeyError: 'missing'"),
    ],
)
def test_a_failure_names_the_parameters_of_the_trial(changes, sentence):
    with pytest.raises(
        RuntimeError, match=sentence + r".*coherence = 0\.[15], direction = [01], note = text"
    ) as e:
        variant(**changes).check()
    assert e.value.__cause__ is not None


def test_a_failure_to_draw_parameters():
    with pytest.raises(RuntimeError, match=r"trial_parameters\(rng\) raised ZeroDivisionError"):
        variant(trial_parameters=lambda self, rng: 1 / 0).check()


def test_classes_out_of_range():
    task = type("Variant", (Categorical,), {"n_classes": 2})()
    with pytest.raises(ValueError, match="a target that counts is 2; expected class indices 0 to 1"):
        task.check()
    with pytest.raises(ValueError, match="n_classes is None; expected 2 or more"):
        type("Variant", (Categorical,), {"n_classes": None})().check()


def test_a_task_without_accuracy_says_how_to_write_it():
    with pytest.raises(NotImplementedError, match=r"returns cl\.decision_accuracy"):
        Categorical().accuracy(np.zeros((1, 5, 3)), Categorical().batch(jax.random.key(0), 1))
