"""Distillation: a network that learns probabilities of a teacher, its loss, and what it is worth."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery.distillation.teachers import probabilities_of
from cogrnn_lab.training.losses import categorical_nll, soft_choice_nll

AGENT = cl.QLearning(0.3, 3.0)
QUICK: dict[str, Any] = {"phases": cl.Phase(200, learning_rate=0.01), "progress": False}


def student(seed: int = 0) -> cl.GRU:
    return cl.GRU(2, 2, 6, key=jax.random.key(seed))


@pytest.fixture(scope="module")
def few() -> cl.Dataset:
    return cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=5, n_trials=150, seed=1)


@pytest.fixture(scope="module")
def fresh() -> cl.Dataset:
    return cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=40, n_trials=150, seed=2)


@pytest.fixture(scope="module")
def learned(few, fresh) -> cl.Distillation:
    return cl.distill(student(), AGENT, few, fresh, **QUICK)


def random_batch(n: int = 3, available: bool = False):
    rng = np.random.default_rng(0)
    logits = jnp.asarray(rng.normal(size=(2, 4, n)), jnp.float32)
    shares = rng.dirichlet(np.ones(n), (2, 4))
    offered = None
    if available:
        offered = np.ones((2, 4, n), bool)
        offered[0, 1, 2] = False
        shares = shares * offered / (shares * offered).sum(-1, keepdims=True)
    choice = shares.argmax(-1)[..., None]
    targets = jnp.asarray(np.concatenate([choice, shares], -1), jnp.float32)
    mask = np.ones((2, 4, 1 + n), bool)
    mask[1, 3] = False
    return logits, targets, jnp.asarray(mask), None if offered is None else jnp.asarray(offered)


@pytest.mark.parametrize("available", [False, True])
def test_gradient_of_the_loss_is_what_is_said_minus_what_is_taught(available):
    logits, targets, mask, offered = random_batch(available=available)
    slope = np.asarray(jax.grad(soft_choice_nll)(logits, targets, mask, offered))
    shown = logits if offered is None else jnp.where(offered, logits, -jnp.inf)
    expected = (jax.nn.softmax(shown) - targets[..., 1:]) * mask[..., :1] / 7
    np.testing.assert_allclose(slope, expected, atol=1e-6)
    assert np.isfinite(slope).all()
    step = 1e-2
    for at in [(0, 0, 0), (0, 1, 1), (1, 2, 2), (1, 3, 0)]:
        ends = [soft_choice_nll(logits.at[at].add(d), targets, mask, offered) for d in (step, -step)]
        assert slope[at] == pytest.approx(float(ends[0] - ends[1]) / (2 * step), abs=2e-4)


def test_with_all_probability_on_the_choice_it_is_the_likelihood():
    logits, targets, mask, offered = random_batch(available=True)
    sure = jnp.concatenate([targets[..., :1], jax.nn.one_hot(targets[..., 0].astype(int), 3)], -1)
    assert soft_choice_nll(logits, sure, mask, offered) == pytest.approx(
        float(categorical_nll(logits, targets[..., :1], mask[..., :1], offered)), abs=1e-6
    )


def test_what_does_not_count_teaches_nothing():
    logits, targets, mask, _ = random_batch()
    other = targets.at[1, 3, 1:].set(jnp.array([0.0, 0.0, 1.0]))
    assert soft_choice_nll(logits, targets, mask) == soft_choice_nll(logits, other, mask)


def test_few_sessions_of_an_agent_teach_more_by_its_probabilities_than_by_its_choices(learned, fresh):
    of = learned.fidelity.set_index("model")
    assert of.kl["teacher"] == pytest.approx(0, abs=1e-9)
    assert of.kl["distilled"] < 0.5 * of.kl["fitted to the choices"]
    assert of.kl_low["distilled"] <= of.kl["distilled"] <= of.kl_high["distilled"]
    assert of.likelihood["distilled"] > of.likelihood["fitted to the choices"]
    assert of.likelihood["teacher"] == pytest.approx(
        cl.evaluate(AGENT, fresh).normalized_likelihood, abs=1e-6
    )
    assert of.likelihood["distilled"] == pytest.approx(
        cl.evaluate(learned, fresh).normalized_likelihood, abs=1e-6
    )
    assert "is worth more than the same network fitted to the choices" in learned.text


def test_the_student_is_validated_by_the_choices_of_the_held_out_sessions(learned, fresh):
    last = learned.run.reports[-1]
    assert last.valid_likelihood == pytest.approx(
        cl.evaluate(learned.model, fresh).normalized_likelihood, abs=1e-5
    )


def test_sessions_that_the_teacher_plays_bring_the_student_nearer(few, fresh):
    """One session, of which the network would know little even by probabilities."""
    one = few.select([0])
    alone = cl.distill(student(), AGENT, one, fresh, beside=False, **QUICK)
    more = cl.distill(student(), AGENT, one, fresh, played=10, beside=False, **QUICK)
    assert more.taught.n_sessions == 11
    assert "by 10 that the teacher played" in more.text
    own = more.taught.select(range(1, 11))
    np.testing.assert_allclose(more.probabilities[1:], probabilities_of((AGENT,), own), atol=1e-6)
    kl = [each.fidelity.set_index("model").kl["distilled"] for each in (more, alone)]
    assert kl[0] < 0.8 * kl[1]


def test_several_teachers_teach_their_mean_and_own_choices_count_as_told(few):
    other = cl.QLearning(0.8, 1.0)
    mean = probabilities_of((AGENT, other), few)
    apart = [probabilities_of((one,), few) for one in (AGENT, other)]
    np.testing.assert_allclose(mean, (apart[0] + apart[1]) / 2)
    settings = QUICK | {"phases": cl.Phase(1)}
    half = cl.distill(student(), [AGENT, other], few, own_choices=0.5, beside=False, **settings)
    made = few.targets == np.arange(2)
    np.testing.assert_allclose(half.probabilities, 0.5 * mean + 0.5 * made, atol=1e-7)
    assert half.text.endswith("These are the sessions that it was trained on.")


def test_choices_alone_teach_what_fit_learns(few):
    """With the weight of its own choices at 1 the soft targets are the choices."""
    both = cl.distill(student(), AGENT, few, own_choices=1.0, phases=cl.Phase(3), progress=False)
    assert both.beside is not None
    np.testing.assert_allclose(both.run.losses, both.beside.losses, rtol=1e-5)


def test_masked_choices_and_those_not_on_offer_are_not_taught():
    data = cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=2, n_trials=20, seed=3)
    offered = np.ones((2, 20, 2), bool)
    mask = np.ones((2, 20, 1), bool)
    mask[0, 4] = False
    offered[1, 7, 1 - int(data.targets[1, 7, 0])] = False
    data = data._replace(mask=mask, action_mask=offered)
    shares = probabilities_of((AGENT,), data)
    assert shares[0, 4].tolist() == [0, 0]
    assert shares[1, 7, int(data.targets[1, 7, 0])] == 1
    run = cl.distill(student(), AGENT, data, beside=False, phases=cl.Phase(2), progress=False).run
    assert np.isfinite(run.losses).all()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"teacher": []}, ValueError, "there is no teacher"),
        ({"teacher": "GRU"}, TypeError, "expected a trained network, an agent"),
        ({"own_choices": 2.0}, ValueError, "own_choices is 2.0; expected a weight from 0"),
        ({"played": -1}, ValueError, "played"),
        ({"loss": categorical_nll}, ValueError, "loss has no meaning in distill"),
        ({"student": cl.GRU(2, 3, 2, key=0)}, ValueError, "the network has 3 outputs"),
    ],
)
def test_what_cannot_be_is_refused(few, change, error, said):
    given = {"student": student(), "teacher": AGENT, "train": few} | change
    with pytest.raises(error, match=said):
        cl.distill(**given, phases=cl.Phase(1), progress=False)


def test_the_loss_alone_is_refused_with_choices(few):
    with pytest.raises(ValueError, match="needs the probability of each alternative"):
        cl.fit(student(), few, loss=cl.losses.soft_choice_nll, phases=cl.Phase(1), progress=False)
