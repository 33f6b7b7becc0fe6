"""The story of a network: sentences from the numbers of the analyses, experiments, figures and a report."""

import hand_networks as hand
import jax
import numpy as np
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    """Choices of the agent that the hand-made network is."""
    return cl.simulate(cl.QLearning(0.3, 3.0), cl.DriftingBandit(), n_sessions=24, n_trials=80)


@pytest.fixture(scope="module")
def story(behavior) -> cl.Explanation:
    return cl.explain(hand.made(*hand.values()), behavior)


def test_the_story_of_q_learning_is_that_it_is_q_learning(story):
    assert list(story.sections) == ["What it is", "Latents", "Experiments", "Behavior"]
    assert (
        story.sections["What it is"][0]
        == "The network has 2 latents that count, and does what Q-learning does."
    )
    assert {role.name for role in story.roles} == {"value of 0", "value of 1"}
    assert "its behavior cannot be told from that of the data" in " ".join(story.sections["Behavior"])
    assert story.text.startswith("What it is\nThe network has 2 latents")
    assert set(story.sentences) == {one for own in story.sections.values() for one in own}


def test_a_latent_is_worth_what_the_likelihood_loses_without_it(story, behavior):
    network = story.network
    whole = cl.evaluate(network, behavior).normalized_likelihood
    for role, done, said in zip(story.roles, story.experiments, story.sections["Latents"], strict=True):
        mean = np.asarray(cl.latents(network, behavior).states)[behavior.valid].mean(0)[role.latent]
        held = cl.perturb(
            network, behavior, cl.Perturbation(clamp={f"latent {role.latent + 1}": float(mean)})
        )
        worth, low, high = done.worth
        assert worth == pytest.approx(whole - held.likelihood_after, abs=1e-6)
        assert 0 < low < worth < high
        assert f"It is worth {worth:.4f} a choice" in said
        assert done.playing is not None
        assert done.playing.reward_after < done.playing.reward_before


def test_figures_and_report_show_what_is_told(story, tmp_path):
    assert set(story.figures) == {"wiring", "rules", "choice", "worth", "behavior"}
    page = story.report(tmp_path)
    written = page.read_text()
    assert page.name == "explanation.html"
    assert all(heading in written for heading in story.sections)
    assert "does what Q-learning does" in (tmp_path / "explanation.md").read_text()


def test_an_untrained_gru_has_a_modest_story(behavior):
    told = cl.explain(cl.GRU(2, 2, 2, key=jax.random.key(0)), behavior, plays=False)
    assert told.wiring is None
    assert told.sections["What it is"][0].startswith("There is no wiring: ")
    assert list(told.sections) == ["What it is", "Latents"]
    assert told.behavior is None
    assert "wiring" not in told.figures


def test_what_plays_no_bandit_is_said_not_to_play(behavior):
    names = (*behavior.input_names, "tone")
    heard = np.concatenate([behavior.inputs, np.ones((*behavior.inputs.shape[:2], 1), np.float32)], -1)
    heard[..., -1] = np.random.default_rng(0).random(heard.shape[:2]) < 0.5
    data = behavior._replace(inputs=heard, input_names=names)
    told = cl.explain(cl.DisRNN(3, 2, 2, key=jax.random.key(0)), data)
    assert told.behavior is None
    assert "when it plays is not known" in told.sections["Behavior"][0]
