"""Training from a user's chair: stopping, freezing, mixtures, generators, progress."""

import io
import itertools

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.watching import progress


@pytest.fixture(scope="module")
def sessions() -> tuple[cl.Dataset, cl.Dataset]:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=15).split()


@pytest.fixture(scope="module")
def task() -> cl.PerceptualDiscrimination:
    return cl.PerceptualDiscrimination(duration=400.0, dt=20.0)


EVERY = ("w_in", "w_rec", "w_out", "b_rec", "b_out", "start")


def gru() -> cl.GRU:
    return cl.GRU(2, 2, 3, key=0)


def constrained(**settings) -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(2, 2, 8, dt=20.0, key=0, **settings)


# --- phases of the usual recipe --------------------------------------------------------------------


def test_without_phases_bottlenecks_are_warmed_up_and_then_penalized(sessions):
    stopped = []

    def stop(report):
        stopped.append(report)
        raise KeyboardInterrupt

    net = cl.DisRNN(2, 2, 2, update_width=2, update_depth=0, choice_depth=0, key=0)
    for model, name, rate in ((net, "warm-up", 0.01), (gru(), "training", 0.003)):
        with pytest.warns(UserWarning, match="interrupted at step 5"):
            cl.fit(model, *sessions, callbacks=stop, report_every=5)
        assert (stopped[-1].phase, stopped[-1].learning_rate) == (name, rate)
    with pytest.warns(UserWarning, match="interrupted"):
        cl.fit(net, *sessions, callbacks=stop, report_every=5, learning_rate=0.02)
    assert stopped[-1].learning_rate == 0.02


# --- Ctrl-C, patience, progress --------------------------------------------------------------------


def test_ctrl_c_gives_the_run_so_far(sessions):
    def press(report):
        if report.step == 4:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted at step 4; this is the run so far"):
        run = cl.fit(gru(), *sessions, phases=cl.Phase(20), report_every=2, callbacks=press)
    assert run.was_interrupted
    assert [report.step for report in run.reports] == [2, 4]
    whole = cl.fit(gru(), *sessions, phases=cl.Phase(4), report_every=2)
    assert not whole.was_interrupted
    assert bool((run.model.core.out_weight == whole.model.core.out_weight).all())


def test_half_a_run_is_not_taken_for_a_fold(sessions):
    def recipe(train, valid, seed):
        def press(report):
            raise KeyboardInterrupt

        with pytest.warns(UserWarning, match="interrupted"):
            return cl.fit(gru(), train, phases=cl.Phase(4), report_every=2, callbacks=press)

    with pytest.raises(KeyboardInterrupt):
        cl.compare({"GRU": recipe}, sessions[0], folds=2, n_bootstrap=2)


def test_patience_ends_a_phase_and_keeps_its_best_network(sessions):
    train, held_out = sessions
    seen = {}

    def note(report, model):
        seen[report.step] = (report.valid_loss, model)

    # A rate at which the held-out loss soon gets worse.
    run = cl.fit(
        gru(), train, held_out, phases=cl.Phase(400), learning_rate=0.3, report_every=5, patience=20,
        callbacks=note,
    )  # fmt: skip
    best = min(seen, key=lambda step: seen[step][0])
    assert run.settings["best_step"] == best
    assert max(seen) == best + 20 < 400
    kept, last = seen[best][1], seen[max(seen)][1]
    assert bool((run.model.core.recurrent_weight == kept.core.recurrent_weight).all())
    assert not bool((run.model.core.recurrent_weight == last.core.recurrent_weight).all())
    nats = cl.evaluate(run, held_out).nll
    assert nats == pytest.approx(seen[best][0], rel=1e-4)


def test_a_bar_is_shown_to_somebody_who_looks_on_and_only_then(sessions, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen, log = Terminal(), io.StringIO()
    monkeypatch.setattr(progress.sys, "stderr", screen)
    cl.fit(gru(), *sessions, phases=cl.Phase(4, name="only"), report_every=2)
    for part in ("4/4", "likelihood=", "only"):
        assert part in screen.getvalue()
    before = screen.getvalue()
    cl.fit(gru(), *sessions, phases=cl.Phase(4), report_every=2, progress=False)
    assert screen.getvalue() == before
    monkeypatch.setattr(progress.sys, "stderr", log)
    cl.fit(gru(), *sessions, phases=cl.Phase(4), report_every=2)
    assert log.getvalue() == ""


# --- freezing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [None, optax.adamw(0.05, weight_decay=0.5)])
def test_masked_entries_of_a_network_that_exists_stay_to_the_bit(task, optimizer):
    model = constrained(dale_ratio=0.75)
    mask = np.zeros((8, 8), bool)
    mask[:3] = True
    run = cl.fit(model, task, phases=cl.Phase(6), freeze={"w_rec": mask, "b_out": True}, optimizer=optimizer)
    before, after = np.asarray(model.w_rec), np.asarray(run.model.w_rec)
    np.testing.assert_array_equal(after[mask], before[mask])
    assert (after[~mask] != before[~mask]).sum() > 30
    np.testing.assert_array_equal(run.model.b_out, model.b_out)
    assert not np.array_equal(run.model.b_rec, model.b_rec)
    # The freezing was that run's: the next one trains everything.
    free = cl.fit(run, task, phases=cl.Phase(6), optimizer=optimizer).model
    assert (np.asarray(free.w_rec)[mask] != before[mask]).sum() > 10


def test_documented_names_freeze_in_every_kind_of_network(sessions, task):
    model = gru()
    trained = cl.fit(model, sessions[0], phases=cl.Phase(3), freeze="w_rec").model
    np.testing.assert_array_equal(trained.core.recurrent_weight, model.core.recurrent_weight)
    assert not np.array_equal(trained.core.input_weight, model.core.input_weight)
    only = cl.fit(model, sessions[0], phases=cl.Phase(3), freeze=cl.all_but("w_out")).model
    np.testing.assert_array_equal(only.core.input_weight, model.core.input_weight)
    assert not np.array_equal(only.core.out_weight, model.core.out_weight)
    net = constrained()
    kept = cl.fit(net, task, phases=cl.Phase(3), freeze=["w_in", "start"]).model
    np.testing.assert_array_equal(kept.w_in, net.w_in)
    assert not np.array_equal(kept.w_rec, net.w_rec)
    stacked = cl.GRU(2, 2, 3, n_layers=2, key=0)
    with pytest.raises(ValueError, match='no part "w_rec"'):
        cl.fit(stacked, sessions[0], phases=cl.Phase(1), freeze="w_rec")


def test_replicates_hold_the_masked_entries_each_of_its_own_start(task):
    mask = np.eye(8, dtype=bool)
    run = cl.fit(constrained(), task, phases=cl.Phase(3), freeze={"w_rec": mask}, replicates=2)
    starts = [constrained(), cl.ConstrainedRNN(2, 2, 8, dt=20.0, key=1)]
    for replicate, start in zip(run.replicates, starts, strict=True):
        diagonal = np.diag(np.asarray(replicate.model.w_rec))
        np.testing.assert_array_equal(diagonal, np.diag(np.asarray(start.w_rec)))


def test_a_mask_of_another_shape_is_refused(task):
    with pytest.raises(ValueError, match=r"shape \(2, 8\), expected .* of shape \(8, 2\).*transpose it"):
        cl.fit(constrained(), task, phases=cl.Phase(1), freeze={"w_in": np.ones((2, 8), bool)})
    with pytest.raises(ValueError, match="nothing is left to train"):
        cl.fit(constrained(), task, phases=cl.Phase(1), freeze=dict.fromkeys(EVERY, True))


# --- penalties of one's own ------------------------------------------------------------------------


class Symmetric(cl.ConstrainedRNN):
    """A constrained network that pays for coupling which is not symmetric, and for states far from 0."""

    def penalty_terms(self):
        return {**super().penalty_terms(), "asymmetry": jnp.sum((self.w_rec - self.w_rec.T) ** 2)}

    def costs(self, state):
        return {**super().costs(state), "distance": jnp.mean(state**2)}


def test_penalties_of_ones_own_beside_those_of_a_built_in_network(task):
    net = Symmetric(2, 2, 8, dt=20.0, key=0)
    assert {"asymmetry", "distance", "rates", "l1_recurrent"} <= set(net.penalty_names)
    phase = cl.Phase(30, {"asymmetry": 1.0, "distance": 0.5})
    paid = cl.fit(net, task, phases=phase, learning_rate=0.01)
    free = cl.fit(net, task, phases=cl.Phase(30), learning_rate=0.01)
    terms = [float(run.model.penalty_terms()["asymmetry"]) for run in (paid, free)]
    assert terms[0] < 0.5 * terms[1]
    row = paid.history.iloc[-1]
    assert (row["penalty_asymmetry"], row["penalty_distance"]) == (1.0, 0.5)
    batch = task.batch(0, 50)
    far = [float((cl.rollout(run, batch.inputs).states ** 2).mean()) for run in (paid, free)]
    assert far[0] < far[1]
    with pytest.raises(ValueError, match=r"no penalty 'asymetry'.*did you mean asymmetry"):
        cl.fit(net, task, phases=cl.Phase(1, {"asymetry": 1.0}))


# --- replicates of a constrained network -----------------------------------------------------------


def test_replicates_of_a_constrained_network_obey_its_arguments(task, tmp_path):
    given = np.full((8, 2), 0.3, np.float32)
    connected = np.ones((8, 8), bool)
    connected[0] = False
    net = constrained(dale_ratio=0.75, recurrent_mask=connected, w_in=given, fixed={"w_in": True})
    run = cl.fit(net, task, phases=cl.Phase(2), replicates=2)
    first, second = (np.asarray(one.model.w_rec) for one in run.replicates)
    assert not np.allclose(first, second)
    for one in run.replicates:
        np.testing.assert_array_equal(one.model.w_in, given)
        assert not np.asarray(one.model.w_rec)[0].any()
        assert (np.asarray(one.model.w_rec)[:, 6:] <= 0).all()
    loaded = cl.load(run.save(tmp_path / "run")).model
    with pytest.raises(TypeError, match="from a file does not keep how its weights were started"):
        cl.fit(loaded, task, phases=cl.Phase(1), replicates=2)


# --- mixtures of tasks -----------------------------------------------------------------------------


def test_a_list_of_tasks_is_mixed_in_every_batch(task):
    short = cl.PerceptualDiscrimination(duration=200.0, dt=20.0)
    trainer = cl.Trainer(constrained(), [task, short], batch_size=5)
    data = trainer.setup.source.data(0)
    batch = trainer.setup.design.batches.batch(data, jnp.asarray(0), trainer.state.key)
    assert batch.inputs.shape == (5, 20, 2)
    assert np.asarray(batch.valid.sum(1)).tolist() == [20, 20, 20, 10, 10]
    assert not np.asarray(batch.mask)[3:, 10:].any()
    one = cl.fit(constrained(), [task, short], phases=cl.Phase(4), batch_size=5, report_every=4)
    cut = cl.fit(constrained(), [task, short], phases=cl.Phase(4), batch_size=5, report_every=1)
    np.testing.assert_array_equal(one.losses, cut.losses)


class Light(cl.NumpyTask):
    """Reports a light; inputs and targets as those of a perceptual discrimination."""

    duration, dt = 400.0, 20.0
    input_names, target_names = ("a", "b"), ("no", "yes")

    def trial_parameters(self, rng):
        return {"lit": rng.integers(2)}

    def trial(self, t, parameters):
        return [parameters["lit"], 0.0], [1.0 - parameters["lit"], parameters["lit"]], [True, True]


def test_compiled_and_numpy_tasks_mix(task):
    run = cl.fit(constrained(), [task, Light()], phases=cl.Phase(20), batch_size=6, report_every=20)
    assert np.isfinite(run.losses).all()
    assert len(run.losses) == 20


def test_tasks_that_one_network_cannot_do_are_refused(task):
    with pytest.raises(ValueError, match=r"differ in n_inputs: \[2, 3\]"):
        cl.fit(constrained(), [task, cl.FlipFlop()], phases=cl.Phase(1))
    with pytest.raises(ValueError, match="batch_size is 1 for a mixture of 2 tasks"):
        cl.fit(constrained(), [task, task], phases=cl.Phase(1), batch_size=1)


# --- generators ------------------------------------------------------------------------------------


def batches(seed: int = 0):
    rng = np.random.default_rng(seed)
    while True:
        inputs = rng.normal(size=(4, 6, 2))
        yield inputs, inputs.cumsum(1) / 6, np.ones((4, 6, 2))


def test_a_generator_gives_one_batch_a_step_in_its_order():
    model = cl.GRU(2, 2, 3, key=0)
    run = cl.fit(model, batches(), phases=cl.Phase(3), report_every=3)
    inputs, targets, _ = next(batches())
    first = cl.Dataset(inputs, targets, kind="continuous")
    outputs = np.asarray(cl.rollout(model, first.inputs).outputs)
    assert run.losses[0] == pytest.approx(((outputs - targets) ** 2).mean(), rel=1e-5)
    again = cl.fit(model, batches(), phases=cl.Phase(3), report_every=1)
    np.testing.assert_array_equal(run.losses, again.losses)


def test_a_generator_of_data_sets_and_of_task_batches(sessions, task):
    whole = cl.fit(gru(), sessions[0], phases=cl.Phase(2)).losses
    repeated = cl.fit(gru(), itertools.repeat(sessions[0]), phases=cl.Phase(2)).losses
    np.testing.assert_allclose(repeated, whole, rtol=1e-6)
    made = (task.batch(i, 3) for i in itertools.count())
    assert np.isfinite(cl.fit(constrained(), made, phases=cl.Phase(2)).losses).all()


def test_what_a_generator_must_not_yield_ends_in_a_sentence():
    choices = (np.zeros((2, 5, 2)), np.ones((2, 5, 1), int))
    cases = {
        "which may be class indices or amounts": itertools.repeat(choices),
        "batch 0 of the generator is a int": iter([3]),
        "gives no batch at all": iter([]),
        "ended after 2 batches": iter([next(batches()), next(batches())]),
        "give all batches one shape": (
            (np.zeros((2, n, 2)), np.zeros((2, n, 2))) for n in itertools.count(5)
        ),
    }
    for sentence, generator in cases.items():
        with pytest.raises((TypeError, ValueError, RuntimeError), match=sentence):
            cl.fit(cl.GRU(2, 2, 3, key=0), generator, phases=cl.Phase(1))


# --- held-out tasks, stages ------------------------------------------------------------------------


def test_a_task_as_held_out_data_is_the_same_trials_in_every_run(task):
    runs = [cl.fit(constrained(), task, task, phases=cl.Phase(1), seed=seed) for seed in (0, 0, 1)]
    losses = [run.reports[-1].valid_loss for run in runs]
    assert losses[0] == losses[1] != losses[2]


def test_every_stage_of_a_curriculum_has_its_own_metric(task):
    asked = []

    def metric(name, value):
        def measure(outputs, batch):
            asked.append(name)
            return value

        return measure

    metrics = [metric("first", 1.0), None]
    stages = cl.Curriculum([task, task], advance=0.5, metric=metrics, check_every=2, n_trials=4)
    run = cl.fit(constrained(), stages, phases=cl.Phase(4), report_every=4)
    assert asked == ["first"]
    assert run.stage_checks[0] == (2, 0, 1.0)
    assert run.stage_checks[1].stage == 1
    with pytest.raises(ValueError, match="metric has 1 functions for 2 stages"):
        cl.Curriculum([task, task], metric=[metric("first", 1.0)])
    with pytest.raises(TypeError, match="a metric is 3, expected a function"):
        cl.Curriculum([task, task], metric=[None, 3])
