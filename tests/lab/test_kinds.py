"""Every kind of network in the lab: its own sliders, figures and tabs."""

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.state import (
    ADVANTAGE,
    BEHAVIOR,
    EXPERIMENTS,
    PHASE_PLANE,
    PRUNING,
    RECORDED,
    SUBJECTS,
    TRAJECTORIES,
)

# Tabs of every network with bottlenecks that explains choices.
OF_CHOICES = (TRAJECTORIES, PHASE_PLANE, BEHAVIOR, ADVANTAGE, EXPERIMENTS, PRUNING)


def two_subjects() -> cl.Dataset:
    """Six sessions of each of two agents that differ."""
    parts = [
        cl.simulate(cl.QLearning(rate), cl.DriftingBandit(), n_sessions=6, n_trials=30, seed=i)
        for i, rate in enumerate((0.2, 0.9))
    ]
    return cl.Dataset(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("inputs", "targets")),
        subject=np.repeat([0, 1], 6),
        subject_names=["slow", "fast"],
        session_names=[str(i) for i in range(12)],
    )


def with_signal() -> cl.Dataset:
    """Choices, and a signal that follows the previous reward."""
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=12, n_trials=30)
    signal = data.inputs[..., 1:] * 0.7
    signal[0, 3] = np.nan
    return cl.Dataset(
        data.inputs,
        np.concatenate([data.targets, signal], axis=2),
        kind="mixed",
        target_names=["choice", "dopamine"],
    )


@pytest.fixture
def kind_of_lab(make_lab):
    """A lab on given data with a kind of network picked."""

    def make(dataset: cl.Dataset, kind: str):
        lab = make_lab(dataset=dataset)
        lab.state.model.kind = kind
        lab.state.model.parameters.update({"n_latents": 2, "update_width": 4, "update_depth": 1})
        assert lab.run_state == "ready", lab.top.message.value
        return lab

    return make


def test_a_multisubject_network_shows_its_subjects(kind_of_lab, train):
    lab = kind_of_lab(two_subjects(), "multisubject DisRNN")
    assert {"subject", "update_subject", "choice_subject"} <= set(lab.penalty_controls.sliders)
    assert lab.display.tabs.buttons.options == (*OF_CHOICES, SUBJECTS)
    train(lab, 8)
    lab.pause()
    lab.state.view.tab = SUBJECTS
    figure = lab.display["subjects"]
    embeddings = np.asarray(lab.model.subjects.embeddings)
    np.testing.assert_allclose(figure.points.x, embeddings[:, 0], rtol=1e-6)
    assert [label for label, _ in figure.picker.options] == ["slow", "fast"]
    assert figure.points.color is None, "nobody knows in what they truly differ"
    assert figure.caption.value == ""

    def rule() -> np.ndarray:
        return np.array([line.y for line in lab.display["update_rules"].lines])

    of_slow = rule()
    figure.points._handle_custom_msg({"event": "element_click", "data": {"index": 1}}, [])
    assert lab.state.view.subject == 1
    of_fast = rule()
    assert not np.allclose(of_slow, of_fast)
    expected = cl.update_rules(
        lab.model, [lab.state.view.latent], subject=1, observations=cl.typical_observations(two_subjects())
    )
    shown = expected[lab.state.view.latent].base
    np.testing.assert_allclose(of_fast[: len(shown)], shown, atol=1e-5)

    figure.ring._handle_custom_msg({"event": "drag_end", "point": {"x": 3.0, "y": -2.0}, "index": 0}, [])
    assert lab.state.view.embedding == [3.0, -2.0]
    assert not np.allclose(rule(), of_fast)
    assert "an embedding of your own" in figure.readout.value


@pytest.mark.slow
def test_simulated_subjects_are_colored_by_what_they_truly_differ_in(make_lab, train):
    lab = make_lab()
    lab.state.data.set_quietly(n_subjects=5, varied="learning_rate", lowest=0.1, highest=0.9)
    lab.state.model.kind = "multisubject DisRNN"
    lab.state.model.parameters.update({"n_latents": 2, "update_width": 4, "update_depth": 1})
    train(lab, 8)
    lab.pause()
    lab.state.view.tab = SUBJECTS
    figure = lab.display["subjects"]
    rates = np.linspace(0.1, 0.9, 5)
    np.testing.assert_allclose(figure.points.color, rates)
    assert (figure.truth_scale.min, figure.truth_scale.max) == (0.1, 0.9)
    assert "learning rate 0.1" in figure.gradient.value
    subjects = lab.model.subjects
    most_open = int(np.argmin(np.asarray(subjects.subject.sigma)))
    found = np.argsort(np.argsort(np.asarray(subjects.embeddings)[:, most_open]))
    correlation = np.corrcoef(found, np.arange(5))[0, 1]  # of ranks: Spearman's
    assert f"embedding {most_open + 1}, the most open, with the true learning rate" in figure.caption.value
    assert f"{correlation:+.2f} (5 subjects)" in figure.caption.value


def test_a_neuro_network_shows_what_it_predicts(kind_of_lab, train):
    lab = kind_of_lab(with_signal(), "neuro DisRNN")
    assert "neural" in lab.penalty_controls.sliders
    assert lab.display.tabs.buttons.options == (*OF_CHOICES, RECORDED)
    train(lab, 8)
    lab.pause()
    lab.state.view.tab = RECORDED
    figure = lab.display["signals"]
    predicted = cl.latents(lab.model, lab.dataset.select([0])).signals[0, :, 0]
    np.testing.assert_allclose(figure.predicted.y, predicted, atol=1e-6)
    assert len(figure.recorded.y) == 29, "the missing sample is left out"
    assert figure.values.label == "dopamine"
    assert figure.readout.value.startswith("R² on held-out sessions ")
    assert "at most" not in figure.readout.value, "nobody knows how noisy it is"
    assert "neural" in lab.display["bottlenecks"].matrices


def test_a_simulated_signal_is_shown_with_what_its_noise_allows(make_lab, train):
    lab = make_lab()
    lab.state.data.set_quietly(signal="reward prediction error")
    lab.state.model.kind = "neuro DisRNN"
    lab.state.model.parameters.update({"n_latents": 2, "update_width": 4, "update_depth": 1})
    train(lab, 2)
    lab.pause()
    lab.state.view.tab = RECORDED
    ceiling = lab.runner.run.held_out.generating_r2["reward_prediction_error"]
    assert f"at most {ceiling:.3f}, for its noise" in lab.display["signals"].readout.value
    assert lab.display["signals"].values.label == "reward prediction error"


def test_a_network_that_the_data_do_not_fit_is_a_sentence(make_lab):
    lab = make_lab()
    lab.state.model.kind = "neuro DisRNN"
    assert "these data have none" in lab.top.message.value
    lab.state.model.kind = "DisRNN"
    assert lab.run_state == "ready"


def test_a_network_of_ones_own_without_bottlenecks(make_lab, train):
    class Leaky(cl.Network):
        weight: jnp.ndarray
        n_inputs: int = 2
        n_outputs: int = 2

        def initial_state(self, subject=None):
            return jnp.zeros(3)

        def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
            return 0.9 * state + self.weight @ inputs

        def readout(self, state, *, subject=None):
            return state[:2]

    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=20)
    lab = make_lab(dataset=data, model=Leaky(jnp.ones((3, 2)) * jnp.array([[1.0], [-1.0], [0.3]])))
    assert lab.run_state == "ready", lab.top.message.value
    assert set(lab.penalty_controls.sliders) == {"l2"}
    train(lab, 5)
    lab.pause()
    assert "no bottlenecks" in lab.display["bottlenecks"].readout.value
    assert lab.display["bottlenecks"].row.children == ()
    assert len(lab.display["trajectories"].states.T) == 3


def test_the_likelihood_beside_a_signal_is_that_of_the_choices(kind_of_lab, train):
    lab = kind_of_lab(with_signal(), "neuro DisRNN")
    train(lab, 30)
    curve, report = lab.runner.run.curve, lab.trainer.history[-1]
    scored = cl.evaluate(lab.model, lab.runner.run.held_out).normalized_likelihood
    assert curve.valid_likelihood[-1] == pytest.approx(scored, rel=1e-5)
    assert curve.valid_loss[-1] == report.valid_loss
    assert report.valid_likelihood is None, "exp(-loss) of choices and signals together is no likelihood"
    assert (np.asarray(lab.display["learning"].likelihood_lines["likelihood"].y) < 0).all(), (
        "it is out of sight"
    )
