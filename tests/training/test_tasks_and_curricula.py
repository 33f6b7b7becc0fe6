"""Training on trials that are made as it goes, in stages, and what is kept of it."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.random_numbers import subkeys
from cogrnn_lab.training.compiled.steps import train_chunk

TIMES = {"dt": 20.0, "tau": 100.0, "duration": 800.0}


def perceptual(coherence: float = 0.7, **fields) -> cl.PerceptualDiscrimination:
    return cl.PerceptualDiscrimination(coherences=(coherence,), **TIMES, **fields)


class Light(cl.NumpyTask):
    """Was there a light?"""

    duration = 200.0
    input_names = ("light",)
    target_names = ("absent", "present")

    def trial_parameters(self, rng):
        return {"present": rng.integers(2)}

    def whole_trial(self, times, parameters, rng):
        light = parameters["present"] + 0.1 * rng.normal(size=len(times))
        targets = np.zeros((len(times), 2))
        targets[:, parameters["present"]] = 1.0
        return light[:, None], targets, np.ones_like(targets)

    def accuracy(self, outputs, batch):
        return cl.decision_accuracy(outputs, batch)


def network(task, seed: int = 0, **fields) -> cl.ConstrainedRNN:
    sizes = {"dt": task.dt, "tau": task.tau, "recurrent_noise": 0.05} | fields
    return cl.ConstrainedRNN(task.n_inputs, task.n_outputs, 12, **sizes, key=jax.random.key(seed))


def trainer(train, task=None, **settings) -> cl.Trainer:
    task = train if task is None else task
    return cl.Trainer(network(task), train, **({"batch_size": 16, "learning_rate": 3e-3} | settings))


def assert_same_run(one: cl.Trainer, other: cl.Trainer) -> None:
    np.testing.assert_array_equal(one.state.free, other.state.free)
    steps = [np.concatenate([report.losses for report in t.history]) for t in (one, other)]
    np.testing.assert_array_equal(*steps)


@pytest.mark.parametrize("task", [perceptual(), Light()])
def test_a_run_on_new_trials_is_the_same_however_it_is_cut_saved_and_resumed(task, tmp_path):
    whole, cut = trainer(task), trainer(task)
    whole.advance(40)
    for steps in (1, 20, 9):
        cut.advance(steps)
    path = cut.save(tmp_path / "run")
    cut.close()
    resumed = cl.Trainer.load(path, task)
    resumed.advance(10)
    assert_same_run(whole, resumed)
    losses = whole.history[0].losses
    assert len(set(losses.tolist())) == 40, "every step has trials of its own"
    for one in (whole, resumed):
        one.close()


def test_another_seed_gives_other_trials():
    one, other = trainer(perceptual(), seed=1), trainer(perceptual(), seed=2)
    assert one.advance(1).losses[0] != other.advance(1).losses[0]


def test_training_on_trials_is_training_on_a_data_set_of_them():
    """The loss that a step reports is that of the batch that its key makes."""
    task = perceptual()
    on_task = trainer(task)
    model = on_task.model
    on_task.begin(cl.Phase(1, noise=0.0))
    reported = on_task.advance(1).losses[0]
    batch = task.batch(subkeys(jax.random.key(0), 2, use=0)[0], 16)
    outputs = cl.rollout(model, batch.inputs).outputs
    expected = cl.losses.mean_squared_error(outputs, batch.targets, batch.mask)
    assert reported == pytest.approx(float(expected), rel=1e-5)


def test_what_cannot_be_trained_on_is_refused():
    task = perceptual()
    with pytest.raises(TypeError, match="call the class"):
        cl.Trainer(network(task), cl.PerceptualDiscrimination)
    with pytest.raises(TypeError, match=r"Dataset, Task, NumpyTask or Curriculum, got \[1\]"):
        cl.Trainer(network(task), [1])
    with pytest.raises(ValueError, match="n_inputs=1"):
        cl.Trainer(network(task), Light())
    held_out = Light().dataset(4)
    with pytest.raises(ValueError, match="differ in n_inputs"):
        cl.Trainer(network(task), task, held_out)
    with pytest.raises(ValueError, match="is for categorical data"):
        cl.Trainer(network(task), task, loss=cl.losses.categorical_nll)


def metric_of(values):
    """A metric that gives these numbers one after the other."""
    left = iter(values)
    return lambda outputs, batch: next(left)


def test_a_stage_is_left_when_it_is_mastered_and_training_ends_after_the_last():
    tasks = [perceptual(c) for c in (0.7, 0.4, 0.2)]
    metric = metric_of([0.5, 0.8, 0.9, 0.95, 0.1])
    curriculum = cl.Curriculum(tasks, advance=(0.8, 0.9, 0.94), metric=metric, check_every=5)
    run = cl.fit(network(tasks[0]), curriculum, phases=cl.Phase(100), batch_size=8, report_every=7)
    assert [(c.step, c.stage, c.performance) for c in run.stage_checks] == [
        (5, 0, 0.5),
        (10, 0, 0.8),
        (15, 1, 0.9),
        (20, 2, 0.95),
    ]
    assert len(run.losses) == 20
    assert run.history["stage"].tolist() == [0, 0, 2], "of a report's checks the last"


def test_a_stage_that_is_too_hard_is_left_for_the_one_before():
    tasks = [perceptual(c) for c in (0.7, 0.2)]
    metric = metric_of([0.9, 0.5, 0.2, 0.95, 0.6])
    curriculum = cl.Curriculum(tasks, advance=0.9, retreat=0.6, metric=metric, check_every=3)
    steered = trainer(curriculum, tasks[0])
    steered.advance(15)
    assert [check.stage for check in steered.stage_checks] == [0, 1, 0, 0, 1]
    assert steered.stage == 1
    assert not steered.finished


def test_stages_that_differ_in_numbers_share_what_is_compiled():
    tasks = [perceptual(c) for c in (0.7, 0.2)]
    curriculum = cl.Curriculum(tasks, advance=0.0, check_every=2, n_trials=8)
    steered = trainer(curriculum, tasks[0], batch_size=5)
    steered.advance(1)
    compiled = train_chunk._cache_size()  # pyright: ignore[reportFunctionMemberAccess]
    steered.advance(3)
    assert steered.finished
    assert train_chunk._cache_size() == compiled  # pyright: ignore[reportFunctionMemberAccess]
    assert steered.advance(2).n_steps == 2, "who wants to can go on with the last stage"


def test_a_curriculum_goes_on_where_it_was_saved(tmp_path):
    def curriculum():
        return cl.Curriculum([perceptual(c) for c in (0.7, 0.3)], advance=0.3, check_every=4, n_trials=64)

    whole, saved = (trainer(curriculum(), perceptual(), keep_at=(0, 3, 9)) for _ in range(2))
    whole.advance(12)
    assert whole.step_count == 8, "it ends with the second stage, at the second check"
    saved.advance(6)
    resumed = cl.Trainer.load(saved.save(tmp_path / "run"), curriculum())
    assert resumed.stage == saved.stage
    resumed.advance(6)
    assert resumed.finished
    assert resumed.stage_checks == whole.stage_checks
    assert sorted(resumed.kept) == [0, 3]
    assert_same_run(whole, resumed)


def test_networks_are_kept_at_the_steps_that_were_asked_for(tmp_path):
    task = perceptual()
    run = cl.fit(network(task), task, phases=cl.Phase(6), batch_size=8, keep_at=(0, 4, 50))
    short = cl.fit(network(task), task, phases=cl.Phase(4), batch_size=8)
    assert list(run.kept) == [0, 4]
    np.testing.assert_array_equal(run.kept[4].w_rec, short.model.w_rec)
    np.testing.assert_array_equal(run.kept[0].w_rec, network(task).w_rec)
    again = cl.load(run.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.kept[4].w_rec, run.kept[4].w_rec)


def test_performance_is_that_of_fresh_trials_under_the_noise_of_training():
    task = perceptual()
    steered = trainer(cl.Curriculum([task], advance=None, check_every=1, n_trials=4000), task)
    steered.begin(cl.Phase(1, noise=0.0))
    steered.advance(1)
    fresh = task.batch(jax.random.key(99), 4000)
    outputs = cl.rollout(steered.model, fresh.inputs).outputs
    expected = float(np.nanmean(task.accuracy(outputs, fresh)))
    assert steered.stage_checks[0].performance == pytest.approx(expected, abs=0.04)  # 4 standard errors
    assert not steered.finished


@pytest.mark.parametrize(
    ("stages", "settings", "words"),
    [
        ([], {}, "stages is empty"),
        ([cl.PerceptualDiscrimination], {}, "expected a Task"),
        ([perceptual(), Light()], {}, "differ in n_inputs"),
        ([perceptual()], {"advance": (0.5, 0.6)}, "advance has 2 numbers for 1 stages"),
        ([perceptual()], {"advance": np.nan}, "expected numbers"),
        ([perceptual()], {"check_every": 0}, "check_every = 0; expected 1 or more, a whole number"),
    ],
)
def test_wrong_curricula_are_refused(stages, settings, words):
    with pytest.raises((ValueError, TypeError), match=words):
        cl.Curriculum(stages, **settings)


@pytest.mark.slow
def test_an_excitatory_inhibitory_network_learns_to_discriminate():
    task = cl.PerceptualDiscrimination()
    model = cl.ConstrainedRNN(
        2, 2, 50, dale_ratio=0.8, autapses=False, recurrent_noise=0.1, key=jax.random.key(0)
    )
    curriculum = cl.Curriculum([task], advance=0.9, check_every=50, n_trials=1000)
    run = cl.fit(model, curriculum, phases=cl.Phase(2000), learning_rate=1e-3, batch_size=128)
    assert run.stage_checks[-1].performance >= 0.9
    assert len(run.losses) < 2000
    test = task.batch(jax.random.key(1), 4000)
    signed = np.asarray(test.parameters["coherence"]) * np.where(test.parameters["direction"], 1, -1)
    outputs = cl.rollout(run.model, test.inputs, key=jax.random.key(2)).outputs
    curve = cl.psychometric_curve(test, outputs, by=signed, of="choice", option=1)
    assert len(curve.levels) >= 8
    assert (np.diff(curve.proportion) >= 0).all(), "the further to the right, the more often right"
