"""NeuroGym environments as tasks; without NeuroGym, only what is said then, and environments of one's own."""

import importlib.util
import subprocess
import sys
import threading

import jax
import numpy as np
import pytest

import cogrnn_lab as cl

installed = all(importlib.util.find_spec(name) for name in ("neurogym", "torch"))
needs_neurogym = pytest.mark.skipif(
    not installed, reason='NeuroGym is not installed: pip install "cogrnn-lab[neurogym]"'
)

CATEGORICAL = [
    "AntiReach-v0",
    "ContextDecisionMaking-v0",
    "DelayComparison-v0",
    "DelayMatchCategory-v0",
    "DelayMatchSample-v0",
    "DelayMatchSampleDistractor1D-v0",
    "DelayPairedAssociation-v0",
    "DualDelayMatchSample-v0",
    "GoNogo-v0",
    "HierarchicalReasoning-v0",
    "IntervalDiscrimination-v0",
    "MotorTiming-v0",
    "MultiSensoryIntegration-v0",
    "OneTwoThreeGo-v0",
    "PerceptualDecisionMaking-v0",
    "PerceptualDecisionMakingDelayResponse-v0",
    "PostDecisionWager-v0",
    "ProbabilisticReasoning-v0",
    "PulseDecisionMaking-v0",
    "ReadySetGo-v0",
    "ToneDetection-v0",
    "perceptualdecisionmaking.roitman02-v0",
    "yang19.ctxdm1-v0",
    "yang19.dms-v0",
]
CONTINUOUS = ["ReachingDelayResponse-v0", "SpatialSuppressMotion-v0"]


@needs_neurogym
@pytest.mark.parametrize("name", CATEGORICAL + CONTINUOUS)
def test_supervised_environments(name):
    task = cl.neurogym_task(name, seq_len=70)
    assert task.kind == ("continuous" if name in CONTINUOUS else "categorical")
    with task.source(seed=4) as source:
        arrays = source.batches(2, 3, 0)
    assert arrays.inputs.shape == (2, 3, 70, task.n_inputs)
    assert arrays.targets.shape == (2, 3, 70, task.n_targets)
    assert arrays.mask.all()
    assert np.isfinite(arrays.inputs).all()
    assert arrays.inputs.any()
    with cl.neurogym_task(name, seq_len=70).source(seed=4) as source:
        np.testing.assert_array_equal(source.batches(1, 3, 1).inputs[0], arrays.inputs[1])
    data = task.dataset(4)
    assert data.kind == task.kind
    assert data.n_classes == task.n_classes
    assert data.input_names == task.input_names
    assert (data.columns["n_trials"] >= 1).all()


@needs_neurogym
def test_observations_and_ground_truth_are_those_of_the_environment():
    import neurogym

    task = cl.neurogym_task("PerceptualDecisionMaking-v0", seq_len=50, dt=50, sigma=0.5)
    assert (task.dt, task.n_steps, task.duration, task.n_outputs) == (50.0, 50, 2500.0, 3)
    assert task.input_names == ("fixation", "stimulus 1", "stimulus 2")
    seed = np.random.SeedSequence(7, spawn_key=(2, 0))
    with task.source(seed=7) as source:
        arrays = source.batches(1, 1, 2)
    environment = neurogym.make("PerceptualDecisionMaking-v0", dt=50, sigma=0.5).unwrapped
    environment.seed(int(np.random.default_rng(seed).integers(2**31)))
    observations, truths = [], []
    for _ in range(3):
        environment.new_trial()
        observations.append(environment.ob)
        truths.append(environment.gt)
    np.testing.assert_array_equal(arrays.inputs[0, 0], np.concatenate(observations)[:50])
    np.testing.assert_array_equal(arrays.targets[0, 0, :, 0], np.concatenate(truths)[:50])


@needs_neurogym
def test_single_trials_keep_their_parameters():
    task = cl.neurogym_task("PerceptualDecisionMaking-v0", seq_len=30, single_trial=True)
    batch = task.batch(jax.random.key(0), 60)
    assert set(batch.parameters) == {"ground_truth", "coh"}
    choice = batch.targets[..., 0].max(1) - 1
    np.testing.assert_array_equal(choice, batch.parameters["ground_truth"])
    assert (batch.mask[:, :, 0].sum(1) == 22).all()
    assert not batch.inputs[:, 22:].any()
    with pytest.raises(
        RuntimeError, match="a trial of PerceptualDecisionMaking-v0 has 22 steps, and seq_len is 9"
    ):
        cl.neurogym_task("PerceptualDecisionMaking-v0", seq_len=9, single_trial=True)


@needs_neurogym
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Bandit-v0", "Bandit-v0 gives no .*reinforcement"),
        ("EconomicDecisionMaking-v0", "EconomicDecisionMaking-v0 gives no ground truth"),
        ("DawTwoStep-v0", "gives no observations"),
        ("Reaching1D-v0", "ground truth [0-9]+, which is none of its 3 actions"),
        ("AnnubesEnv-v0", "AnnubesEnv-v0 cannot be made: TypeError"),
        ("NoSuchTask-v0", "NoSuchTask-v0 cannot be made: NameNotFound"),
    ],
)
def test_environments_that_cannot_be_supervised(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.neurogym_task(name, seq_len=20)


class Space:
    """What a task reads of a Gymnasium space."""

    def __init__(self, shape, n=None, name=None):
        self.shape, self.n, self.name = shape, n, name


class OwnEnvironment:
    """An environment of one's own, in NeuroGym's way."""

    dt = 20
    observation_space = Space((3,), name={"fixation": 0, "cue": [1, 2]})
    action_space = Space((), n=3)

    def __init__(self, n_steps=4, **changes):
        self.n_steps, self.unwrapped = n_steps, self
        for name, value in changes.items():
            setattr(self, name, value)

    def seed(self, seed):
        self.rng = np.random.RandomState(seed)

    def new_trial(self):
        side = self.rng.randint(2)
        self.ob = np.zeros((self.n_steps, 3), np.float32)
        self.ob[:, 0] = 1
        self.ob[1, 1 + side] = 1
        self.gt = np.array([0] * (self.n_steps - 1) + [1 + side])
        return {"side": side, "word": "left", "pair": (1, 2)}


@pytest.mark.parametrize(("dt", "tau"), [(20, 100.0), (99, 100.0), (100, 200.0), (250, 500.0)])
def test_time_step_and_time_constant_go_together_by_themselves(dt, tau):
    task = cl.neurogym_task(OwnEnvironment, seq_len=4, dt=dt)
    assert (task.dt, task.tau) == (dt, tau)
    cl.ConstrainedRNN(task.n_inputs, task.n_outputs, 5, dt=task.dt, tau=task.tau, key=0)
    assert cl.neurogym_task(OwnEnvironment, seq_len=4, dt=dt, tau=30).tau == 30.0


def test_an_environment_of_ones_own():
    task = cl.neurogym_task(OwnEnvironment, seq_len=10, n_steps=4)
    assert task.input_names == ("fixation", "cue 1", "cue 2")
    assert (task.kind, task.n_outputs, task.dt, task.duration) == ("categorical", 3, 20.0, 200.0)
    batch = task.batch(jax.random.key(0), 30)
    assert set(batch.parameters) == {"n_trials"}
    assert (batch.parameters["n_trials"] == 3).all()
    cue = batch.inputs[:, 1, 1:].argmax(1)
    np.testing.assert_array_equal(batch.targets[:, 3, 0], 1 + cue)
    assert 5 < cue.sum() < 25
    assert batch.mask.all()


def test_accuracy_is_of_the_steps_that_ask_for_more_than_fixation():
    task = cl.neurogym_task(OwnEnvironment, seq_len=6, single_trial=True)
    batch = task.batch(jax.random.key(0), 20)
    assert set(batch.parameters) == {"side"}
    assert not batch.mask[:, 4:].any()
    ideal = np.eye(3, dtype=np.float32)[batch.targets[..., 0].astype(int)]
    assert (task.accuracy(ideal, batch) == 1).all()
    fixating = np.zeros_like(ideal)
    fixating[..., 0] = 1
    assert (task.accuracy(fixating, batch) == 0).all()
    left = np.zeros_like(ideal)
    left[..., 1] = 1
    np.testing.assert_array_equal(task.accuracy(left, batch), 1 - batch.parameters["side"])


def test_sequences_of_one_environment_do_not_know_of_each_other():
    """Also where an environment counts its trials: batches are the same on any thread, in any order."""

    class Counting(OwnEnvironment):
        trials = 0

        def new_trial(self):
            self.trials += 1
            information = super().new_trial()
            self.ob[:, 0] = self.trials
            return information

    task = cl.neurogym_task(Counting, seq_len=8)
    assert (task.batch(jax.random.key(0), 5).inputs[:, :4, 0] == 1).all()
    with task.source(seed=1) as source:
        late = source.batches(1, 4, 6).inputs
        np.testing.assert_array_equal(source.batches(7, 4, 0).inputs[6:], late)
    assert all(thread.name != "cogrnn_lab trials" for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"action_space": Space((), n=2)}, "ground truth 2, which is none of its 2 actions"),
        (
            {"new_trial": lambda: None},
            r"gives no observations \(env.ob\) for a trial: it is for reinforcement",
        ),
        ({"dt": 0}, "dt = 0.0; expected a number of milliseconds above 0"),
    ],
)
def test_environments_of_ones_own_that_cannot_be_trained_on(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.neurogym_task(OwnEnvironment, seq_len=20, **changes)


def test_numbers_as_ground_truth():
    class Reach(OwnEnvironment):
        action_space = Space((2,))

        def new_trial(self):
            super().new_trial()
            self.gt = np.tile(self.rng.normal(size=2), (self.n_steps, 1))

    task = cl.neurogym_task(Reach, seq_len=8)
    assert (task.kind, task.n_classes, task.n_outputs) == ("continuous", None, 2)
    assert task.target_names == ("action 1", "action 2")
    with pytest.raises(NotImplementedError, match="no choice that is right"):
        task.accuracy(np.zeros((1, 8, 2), np.float32), task.batch(jax.random.key(0), 1))


def test_what_is_said_without_neurogym():
    code = (
        "import sys, cogrnn_lab as cl\n"
        "assert 'neurogym' not in sys.modules\n"
        "sys.modules['{blocked}'] = None\n"
        "try:\n    cl.neurogym_task('GoNogo-v0', seq_len=20)\nexcept ImportError as error:\n    print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code.format(blocked="neurogym")], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == (
        'neurogym_task needs NeuroGym, which is not installed: pip install "cogrnn-lab[neurogym]"'
    )
    if installed:
        said = subprocess.run(
            [sys.executable, "-c", code.format(blocked="torch")], capture_output=True, text=True, check=True
        )
        assert "NeuroGym is installed but needs torch, which is not" in said.stdout
