"""Scores on tasks, numbers to be logged, embeddings, signals, and their figures."""

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.figure import Figure

import cogrnn_lab as cl
from cogrnn_lab import plots


@pytest.fixture(scope="module")
def task() -> cl.PerceptualDiscrimination:
    return cl.PerceptualDiscrimination(duration=400.0, dt=20.0)


@pytest.fixture(scope="module")
def constrained() -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(2, 2, 8, dt=20.0, key=0)


def texts(figure: Figure) -> str:
    from matplotlib.text import Text

    return " | ".join(text.get_text() for text in figure.findobj(Text))


# --- a task as data --------------------------------------------------------------------------------


def test_a_network_is_scored_on_fresh_trials_of_a_task(task, constrained):
    score = cl.evaluate(constrained, task, n_trials=30, seed=4)
    batch = task.batch(4, 30)
    outputs = cl.rollout(constrained, batch.inputs).outputs
    np.testing.assert_allclose(score.accuracy, task.accuracy(outputs, batch))
    assert score.mean_accuracy == pytest.approx(float(np.mean(score.accuracy)))
    squared = (np.asarray(outputs) - np.asarray(batch.targets))[np.asarray(batch.mask)] ** 2
    assert score.signals.mse.mean() == pytest.approx(squared.mean(), rel=1e-4)
    assert len(cl.evaluate(constrained, task).accuracy) == 1000
    with pytest.raises(ValueError, match="a data set has no accuracy"):
        _ = cl.evaluate(constrained, task.dataset(3)).mean_accuracy
    with pytest.raises(ValueError, match="no effect on a data set"):
        cl.evaluate(constrained, task.dataset(3), seed=1)


def test_a_task_without_an_accuracy_is_scored_by_its_errors_alone(constrained):
    class Silent(cl.NumpyTask):
        duration, dt = 100.0, 20.0

        def trial_parameters(self, rng):
            return {"height": rng.normal()}

        def trial(self, t, parameters):
            return [parameters["height"], 0.0], [0.0, 0.0], [True, True]

    assert cl.evaluate(constrained, Silent(), n_trials=5).accuracy is None


# --- numbers that are logged -----------------------------------------------------------------------


def test_openness_in_numbers_is_that_of_the_bottlenecks():
    net = cl.DisRNN(2, 2, 3, key=0)
    numbers, read = cl.openness_metrics(net), cl.bottlenecks(net)
    sigmas = {name: group.sigma.sum() for name, group in read.groups.items()}
    for name, total in sigmas.items():
        assert numbers[f"total_sigma_{name}"] == pytest.approx(float(total))
    assert numbers["total_sigma"] == pytest.approx(sum(map(float, sigmas.values())))
    assert numbers["open_latents"] == len(read.open_latents())
    assert cl.openness_metrics(net, threshold=1.0)["open_channels"] == 0
    assert cl.openness_metrics(cl.GRU(2, 2, 3, key=0)) == {}


def test_a_callback_of_two_arguments_logs_them_along_training():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
    rows = []
    net = cl.DisRNN(2, 2, 2, update_width=2, update_depth=0, choice_depth=0, key=0)
    run = cl.fit(
        net, data, phases=cl.Phase(4, {"latent": 0.1}), report_every=2,
        callbacks=lambda report, model: rows.append(cl.openness_metrics(model)["total_sigma"]),
    )  # fmt: skip
    assert len(rows) == 2
    assert rows[1] == cl.openness_metrics(run)["total_sigma"] != rows[0]


# --- subjects and signals --------------------------------------------------------------------------


def test_embeddings_have_the_names_of_the_subjects():
    data = cl.simulate(cl.QLearning([0.2, 0.5, 0.8]), cl.DriftingBandit(), n_sessions=2, n_trials=10)
    net = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=4, update_width=2, update_depth=0, choice_depth=0, key=0)
    run = cl.fit(net, data, phases=cl.Phase(2))
    read = cl.embeddings(run)
    assert read.names == ("0", "1", "2", "3")
    np.testing.assert_array_equal(read.values, run.model.subjects.embeddings)
    assert read.openness[read.order].tolist() == sorted(read.openness, reverse=True)
    figure = plots.plot_embeddings(run, parameter=[0.2, 0.5, 0.8, 0.0], parameter_name="learning rate")
    (points,) = [one for one in figure.axes[0].collections if len(one.get_offsets()) == 4]
    np.testing.assert_allclose(points.get_offsets(), read.values[:, read.order[:2]], rtol=1e-6)
    assert f"embedding {read.order[0] + 1} ({read.openness[read.order[0]]:.2f} open)" in texts(figure)
    with pytest.raises(TypeError, match="a GRU knows no subjects"):
        plots.plot_embeddings(cl.GRU(2, 2, 3, key=0))
    with pytest.raises(ValueError, match=r"parameter has shape \(2,\), expected \(4,\)"):
        plots.plot_embeddings(run, parameter=[1.0, 2.0])


@pytest.fixture(scope="module")
def neuro() -> tuple[cl.NeuroDisRNN, cl.Dataset]:
    data = cl.simulate(
        cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=12,
        signals=[cl.RewardPredictionError(name="dopamine", missing=0.3), cl.ChosenValue()],
    )  # fmt: skip
    net = cl.NeuroDisRNN(2, 2, 3, n_signals=2, update_width=2, update_depth=0, choice_depth=0, key=0)
    return net, data


def test_the_rule_of_a_signal_is_what_the_network_predicts_there(neuro):
    net, data = neuro
    rule = cl.signal_rule(net, input_names=data.input_names, background=np.array([0.1, 0.2, 0.3]), n_points=5)
    assert rule.signals.shape == (2, 3, 4, 5)
    assert rule.observation_labels[1] == "previous choice 0, previous reward 1"
    latents = np.array([0.1, rule.values[3], 0.3], np.float32)
    entering = np.concatenate([latents, rule.observations[2]]).astype(np.float32)
    predicted = net.neural(jnp.asarray(entering), None, 0.0)
    np.testing.assert_allclose(rule.signals[:, 1, 2, 3], predicted, rtol=1e-5)
    closed = cl.signal_rule(net, threshold=1.1, n_points=3)
    assert (closed.latents, closed.signals.shape[2], closed.observation_labels) == ((), 1, ("all trials",))
    with pytest.raises(TypeError, match="a DisRNN predicts no signals"):
        cl.signal_rule(cl.DisRNN(2, 2, 2, key=0))


def test_signals_and_their_rule_are_drawn_with_their_values(neuro):
    net, data = neuro
    figure = plots.plot_signals(net, data, 1)
    top, bottom = figure.axes
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("dopamine", "chosen value")
    recorded, predicted = (line.get_ydata() for line in top.lines)
    expected = np.where(data.mask, data.targets, np.nan)[1, :, 1]
    np.testing.assert_array_equal(recorded, expected)
    np.testing.assert_allclose(predicted, cl.latents(net, data).signals[1, :, 0])
    rule = cl.signal_rule(net, signal_names=("dopamine", "value"), n_points=4)
    drawn = plots.plot_signal_rule(rule)
    assert len(drawn.axes) == 2 * len(rule.latents)
    np.testing.assert_allclose(drawn.axes[0].lines[-1].get_ydata(), rule.signals[0, rule.latents[0], -1])
    with pytest.raises(ValueError, match="choices and no signals"):
        plots.plot_signals(net, cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=1, n_trials=5))


def test_a_reward_seeking_agent_with_its_dopamine():
    rng = np.random.default_rng(0)
    choices, rewards = rng.integers(2, size=30), rng.integers(2, size=30)
    agent, lean = cl.RewardSeeking(0.3, 1.5), 0.0
    state = agent.initial_state(2)
    for choice, reward in zip(choices, rewards, strict=True):
        odds = np.exp([-1.5 * lean, 1.5 * lean])
        logits = np.asarray(agent.logits(state))
        np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), odds / odds.sum(), rtol=1e-5)
        side, choice, paid = 2 * choice - 1, jnp.asarray(choice), jnp.asarray(reward, jnp.float32)
        error = (2 * reward - 1) - side * lean  # as AgentRewardSeeking of disentangled_rnns computes it
        expected = float(agent.expected_reward(state, choice))
        assert 2 * (reward - expected) == pytest.approx(error, abs=1e-5)
        lean += 0.3 * side * error
        state = agent.update(state, choice, paid)
    with pytest.raises(ValueError, match="the task has 3 alternatives"):
        agent.initial_state(3)


# --- behavior --------------------------------------------------------------------------------------


def test_a_session_is_drawn_without_a_model():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(p_instructed=0.2), n_sessions=2, n_trials=20)
    figure = plots.plot_session(data, 1)
    top, bottom = figure.axes
    segments = np.concatenate([lines.get_segments() for lines in top.collections if lines.get_segments()])
    assert sorted(segments[:, 0, 0]) == list(range(1, 21))
    by_trial = segments[np.argsort(segments[:, 0, 0])]
    np.testing.assert_array_equal(by_trial[:, :, 1].mean(1).round(), data.choices[1])
    tall = (by_trial[:, 1, 1] - by_trial[:, 0, 1]) > 0.4
    np.testing.assert_array_equal(tall, data.rewards[1] > 0)
    np.testing.assert_array_equal(bottom.lines[0].get_ydata(), data.columns["p_reward_1"][1])
    assert [text.get_text() for text in bottom.get_legend().get_texts()] == ["choice 0", "choice 1"]
    with pytest.raises(ValueError, match="expected an index from 0 to 1"):
        plots.plot_session(data, 2)


def test_a_trial_is_drawn_with_what_the_network_answers(task, constrained):
    batch = task.batch(0, 3)
    outputs = cl.rollout(constrained, batch.inputs).outputs
    figure = plots.plot_trial(task, batch, 2, outputs=outputs)
    stimulus, target, output = figure.axes
    np.testing.assert_array_equal(stimulus.lines[1].get_ydata(), batch.inputs[2, :, 1])
    shown = np.where(batch.mask[2, :, 0], batch.targets[2, :, 0], np.nan)
    np.testing.assert_array_equal(target.lines[0].get_ydata(), shown)
    np.testing.assert_array_equal(output.lines[0].get_ydata(), outputs[2, :, 0])
    assert "motion left" in texts(figure)
    assert "time (ms)" in texts(figure)
    assert len(plots.plot_trial(task).axes) == 2
    with pytest.raises(ValueError, match="as of this batch"):
        plots.plot_trial(task, batch, outputs=outputs[:2])


def test_a_psychometric_curve_is_drawn_with_its_intervals(task):
    batch = task.batch(0, 200)
    choices = np.asarray(batch.parameters["direction"]).copy()
    choices[:30] = 1 - choices[:30]
    curve = cl.psychometric_curve(batch, choices, fit=True)
    axes = plots.plot_psychometric(curve).axes[0]
    bars = axes.containers[0]
    np.testing.assert_allclose(bars.lines[0].get_ydata(), curve.proportion)
    ends = np.array([segment[:, 1] for segment in bars.lines[2][0].get_segments()])
    np.testing.assert_allclose(ends, np.stack([curve.lower, curve.upper], 1))
    fitted = axes.lines[-1]
    np.testing.assert_allclose(fitted.get_ydata(), curve.fit.predict(fitted.get_xdata()))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("coherence", "proportion correct")


def test_figures_read_networks_and_runs_themselves(constrained):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=8)
    net = cl.DisRNN(2, 2, 2, update_width=2, update_depth=0, choice_depth=0, key=0)
    run = cl.fit(net, data, phases=cl.Phase(2))
    read = cl.bottlenecks(run.model)
    pairs = [
        (plots.plot_bottlenecks(run), plots.plot_bottlenecks(read)),
        (plots.plot_choice_rule(run), plots.plot_choice_rule(cl.choice_rule(run.model))),
        (plots.plot_learning(run), plots.plot_learning(run.history)),
        (plots.plot_weights(constrained), plots.plot_weights(cl.weights(constrained))),
        (plots.plot_trajectories(run, data), plots.plot_trajectories(cl.latents(run.model, data), data)),
        (
            plots.plot_update_rules(run),
            plots.plot_update_rules(cl.update_rules(run.model, read.open_latents())),
        ),
    ]
    for from_run, from_result in pairs:
        assert texts(from_run) == texts(from_result)
        for one, other in zip(from_run.axes, from_result.axes, strict=True):
            for line, same in zip(one.lines, other.lines, strict=True):
                np.testing.assert_array_equal(line.get_ydata(), same.get_ydata())
