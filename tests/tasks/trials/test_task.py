"""The base class of compiled tasks: what a user writes, what is made of it, and what is refused."""

import doctest
import importlib

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

TRACES = []


class Detection(cl.Task):
    """A light or none; every returned part can be replaced to see what is refused."""

    contrast: float = 0.5
    duration: float = 200.0
    replaced: dict = eqx.field(static=True, default_factory=dict, converter=lambda d: _Hashed(d))

    def trial(self, key):
        TRACES.append(type(self).__name__)
        present = jax.random.bernoulli(key)
        light = self.contrast * present * jnp.ones((self.n_steps, 1))
        targets = jnp.stack([~present, present]).astype(float)[None] * jnp.ones((self.n_steps, 1))
        parts = {
            "inputs": light,
            "targets": targets,
            "mask": jnp.asarray(self.times >= 100),
            "parameters": {"present": present},
        }
        return cl.Trial(**(parts | {name: make(parts) for name, make in self.replaced.items()}))

    def accuracy(self, outputs, batch):
        return cl.decision_accuracy(outputs, batch)


class _Hashed(dict):
    def __hash__(self):
        return id(self)


@pytest.mark.parametrize("name", ["task", "numpy_task"])
def test_the_tasks_in_the_documentation_work(name):
    module = importlib.import_module(f"cogrnn_lab.tasks.trials.{name}")
    result = doctest.testmod(module)
    assert result.attempted > 5
    assert result.failed == 0
    owner = {"task": cl.Task, "numpy_task": cl.NumpyTask}[name]
    example = owner.__doc__.split(">>> class ")[1].split(">>>")[0]
    code = [line for line in example.splitlines() if line.strip(" .")]
    assert len(code) <= 25


def test_shapes_names_and_times():
    task = Detection(dt=20, tau=50)
    batch = task.batch(jax.random.key(0), 7)
    assert (task.n_steps, task.alpha) == (10, 0.4)
    np.testing.assert_array_equal(task.times, 20.0 * np.arange(10))
    assert (task.n_inputs, task.n_targets, task.n_outputs) == (1, 2, 2)
    assert task.input_names == ("input 1",)
    assert task.target_names == ("target 1", "target 2")
    assert (batch.inputs.shape, batch.targets.shape, batch.mask.shape) == ((7, 10, 1), (7, 10, 2), (7, 10, 2))
    assert batch.mask.dtype == bool
    np.testing.assert_array_equal(batch.mask[0, :, 1], task.times >= 100)
    assert cl.PerceptualDiscrimination(dt=3, duration=2000).n_steps == 667
    assert cl.PerceptualDiscrimination(dt=0.1, duration=1.2).n_steps == 12


def test_the_same_key_gives_the_same_trials_whatever_their_number():
    task = Detection()
    batch, again = (task.batch(jax.random.key(5), n) for n in (20, 8))
    np.testing.assert_array_equal(batch.parameters["present"][:8], again.parameters["present"])
    other = task.batch(jax.random.key(6), 20)
    assert (batch.parameters["present"] != other.parameters["present"]).any()
    assert 0 < batch.parameters["present"].sum() < 20
    data, same = task.dataset(6, seed=5), task.dataset(6, seed=5)
    np.testing.assert_array_equal(data.inputs, same.inputs)
    np.testing.assert_array_equal(data.inputs, batch.inputs[:6])


def test_a_batch_inside_compiled_code_is_the_same():
    task = Detection()
    inside = jax.jit(lambda key: task.batch(key, 9))(jax.random.key(2))
    outside = task.batch(jax.random.key(2), 9)
    jax.tree.map(np.testing.assert_array_equal, inside, outside)


def test_another_value_of_a_parameter_compiles_nothing_again():
    Detection(contrast=0.1).batch(jax.random.key(0), 4)
    TRACES.clear()
    batch = Detection(contrast=0.9).batch(jax.random.key(0), 4)
    assert TRACES == []
    assert batch.inputs.max() == pytest.approx(0.9)
    Detection(contrast=0.9, duration=300).batch(jax.random.key(0), 4)
    assert len(TRACES) == 1


def test_parameters_may_be_an_argument_of_compiled_code():
    """As the trainer takes a task: arrays traced, the rest static."""
    traces = []

    @jax.jit
    def mean_input(arrays, key):
        traces.append(1)
        return eqx.combine(arrays, static).batch(key, 50).inputs.mean()

    for contrast in (0.2, 0.4):
        arrays, static = eqx.partition(Detection(contrast=contrast).traced(), eqx.is_array)
        means = mean_input(arrays, jax.random.key(0)) / contrast
        assert means == pytest.approx(mean_input(arrays, jax.random.key(0)) / contrast)
        hash(jax.tree.structure(static))
    assert len(traces) == 1


def test_parameters_have_gradients():
    def total(contrast):
        return Detection(contrast=contrast).batch(jax.random.key(0), 10).inputs.sum()

    slope = (total(jnp.asarray(0.6)) - total(jnp.asarray(0.4))) / 0.2
    assert jax.grad(total)(jnp.asarray(0.5)) == pytest.approx(float(slope), rel=1e-4)


def test_trials_become_a_data_set_and_what_training_reads():
    task = Detection()
    batch = task.batch(jax.random.key(3), 6)
    data = task.dataset(6, seed=3)
    assert (data.kind, data.n_sessions, data.n_trials) == ("continuous", 6, 20)
    np.testing.assert_array_equal(data.columns["present"][:, 0], batch.parameters["present"])
    assert (data.columns["present"] == data.columns["present"][:, :1]).all()
    np.testing.assert_array_equal(data.targets, np.where(batch.mask, batch.targets, 0))
    arrays, recorded = batch.trial_arrays(), cl.TrialArrays.of(data)
    for name in ("inputs", "mask", "valid", "subject"):
        assert getattr(arrays, name).dtype == getattr(recorded, name).dtype
        np.testing.assert_array_equal(getattr(arrays, name), getattr(recorded, name))
    assert arrays.action_mask is None
    data.select([0, 1]).concat(data.select([2]).select([0])).to_dataframe()


class Classes(cl.Task):
    """A categorical task."""

    duration: float = 100.0
    kind = "categorical"
    n_classes = 3
    largest: int = 2

    def trial(self, key):
        which = jax.random.randint(key, (), 0, self.largest + 1)
        shown = jnp.ones((self.n_steps, 1)) * which
        return shown, shown, jnp.ones(self.n_steps, bool), {}


def test_a_categorical_task():
    data = Classes().dataset(30)
    assert (data.kind, data.n_classes, Classes().n_outputs) == ("categorical", 3, 3)
    batch = Classes().batch(jax.random.key(0), 30)
    logits = jax.nn.one_hot(batch.targets[..., 0].astype(int), 3)
    np.testing.assert_array_equal(Classes().choices(logits, batch), batch.targets[:, 0, 0])
    with pytest.raises(ValueError, match="a target that counts is 3; expected class indices 0 to 2"):
        Classes(largest=5).check()


REFUSALS = {
    "inputs": [
        (lambda p: p["inputs"][:, 0], r"inputs of shape \(20,\).*is inputs\[:, None\]"),
        (lambda p: p["inputs"].T, r"inputs of shape \(1, 20\).*transposed"),
        (
            lambda p: p["inputs"][:7],
            r"inputs of shape \(7, 1\); expected .*20 times: 200 ms in steps of 10 ms",
        ),
        (
            lambda p: p["inputs"] / 0.0,
            "inputs are (nan|inf) or the like.*at 0 ms of the trial with present =",
        ),
    ],
    "targets": [
        (lambda p: p["targets"][:, :0], r"returns no targets"),
        (lambda p: p["targets"] * jnp.nan, "targets that count are nan"),
    ],
    "mask": [
        (lambda p: p["mask"].astype(float), "mask of float32; expected bool"),
        (
            lambda p: p["mask"][:5],
            r"mask of shape \(5,\); expected that of the targets, \(20, 2\), or \(20,\)",
        ),
        (lambda p: p["mask"] & False, "no target counts in any of 16 trials.*in ms"),
    ],
    "parameters": [
        (lambda p: [1, 2], "parameters of type list; expected a dict"),
        (lambda p: {"angles": jnp.zeros(2)}, r'parameter "angles" of shape \(2,\); expected one number'),
    ],
}


@pytest.mark.parametrize(
    ("part", "make", "sentence"), [(part, *case) for part, cases in REFUSALS.items() for case in cases]
)
def test_wrong_parts_of_a_trial_are_refused(part, make, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        Detection(replaced={part: make}).check()


def test_not_a_number_is_no_data_set():
    with pytest.raises(ValueError, match="inputs are"):
        Detection(replaced={"inputs": lambda p: p["inputs"] / 0.0}).dataset(3)


class ThreeThings(cl.Task):
    """Forgets its parameters."""

    def trial(self, key):
        return jnp.zeros((200, 1)), jnp.zeros((200, 1)), jnp.ones(200, bool)


class Named(Detection):
    """Has a name too few."""

    input_names = ("light",)
    target_names = ("absent",)


class Asks(cl.Task):
    """Uses a random number where Python needs a value."""

    def trial(self, key):
        if jax.random.bernoulli(key):
            return None
        return jnp.zeros((int(jax.random.uniform(key)), 1)), None, None, {}


class Untyped(cl.Task):
    """Changes a time without a type, which dataclasses ignore."""

    duration = 500.0


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (ThreeThings(), r"returns 3 things; expected cl.Trial\(inputs, targets, mask, parameters\)"),
        (Named(), r"returns 2 targets and target_names is \('absent',\); expected 2 names"),
        (Asks(), "Use jnp.where instead of if"),
        (cl.Task(), r"Task needs trial\(key\)"),
    ],
)
def test_slips_in_a_task_are_explained(task, sentence):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=sentence):
        task.batch(jax.random.key(0), 2)


def test_a_time_without_a_type_is_explained():
    with pytest.raises(TypeError, match=r"write duration: float = 500.0"):
        Untyped()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"dt": -1.0}, "dt = -1.0; expected a number of milliseconds above 0"),
        ({"tau": float("inf")}, "tau = inf; expected"),
        ({"duration": 2.0}, "duration = 2 ms is shorter than one step.*in seconds"),
    ],
)
def test_impossible_times_are_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.PerceptualDiscrimination(**settings)


@pytest.mark.parametrize("n", [0, -3, 2.5, True])
def test_impossible_numbers_of_trials_are_refused(n):
    with pytest.raises((ValueError, TypeError), match=r"n_trials|n trials|Expected type"):
        Detection().batch(jax.random.key(0), n)


def test_a_task_without_accuracy_says_how_to_write_it():
    with pytest.raises(NotImplementedError, match=r"returns cl.decision_accuracy"):
        Classes().accuracy(jnp.zeros((1, 10, 3)), Classes().batch(jax.random.key(0), 1))


def test_decisions():
    outputs = jnp.array([[[0.0, 9.0], [2.0, 1.0]], [[9.0, 0.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, 0.0]]])
    mask = jnp.array([[[False] * 2, [True] * 2]] * 2 + [[[False] * 2] * 2])
    np.testing.assert_array_equal(cl.decisions(outputs, mask), [0, 1, -1])
    np.testing.assert_array_equal(cl.decisions(outputs[..., :1], mask[..., :1], threshold=1.5), [1, 0, -1])
    targets = jnp.array([[[1.0, 0.2]] * 2, [[1.0, 0.2]] * 2, [[0.0, 0.0]] * 2])
    batch = cl.TaskBatch(jnp.zeros((3, 2, 1)), targets, mask, {})
    np.testing.assert_array_equal(cl.decision_accuracy(outputs, batch), [1.0, 0.0, np.nan])
