"""What latents of hand-made networks stand for, in sentences with the numbers that they were made with."""

import hand_networks as hand
import jax
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations import reading
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=12, n_trials=80)
    return data._replace(class_names=("left", "right"))


def of_value(side: str, rest: str) -> str:
    return (
        f"value of {side}: it moves by 0.30 of the way to the outcome when {side} is chosen (a reward and "
        f"none are 3.00 apart in log odds), and {rest} otherwise."
    )


KNOWN = [
    (
        lambda: hand.made(*hand.values()),
        {"latent 2": of_value("right", "stays"), "latent 1": of_value("left", "stays")},
    ),
    (
        lambda: hand.made(*hand.values(forgets=0.1), hand.last_choice()),
        {
            "latent 1": of_value("left", "fades by 0.10"),
            "latent 2": of_value("right", "fades by 0.10"),
            "latent 3": "is the last choice, and repeats it by 1.00 in log odds.",
        },
    ),
    (
        lambda: hand.made(hand.last_choice(beta=-0.5, rate=0.3)),
        {
            "latent 1": "is a trace of choices: it follows what was chosen by 0.30 a trial whatever it gave, "
            "and avoids what always was by 0.50 in log odds."
        },
    ),
    (
        hand.one_rate,
        {
            "latent 1": "is the difference of the values of right and left: it moves by 0.30 of the way a "
            "trial, after a reward to 3.00 in log odds for what was chosen, without one to 0."
        },
    ),
    (
        hand.win_stay,
        {
            "latent 1": "is what the last outcome favors: what was chosen by 2.00 in log odds after a "
            "reward, and the other by 2.00 without one."
        },
    ),
    (hand.policy_gradient, {"latent 1": "is a preference for right, which the outcome of a choice moves"}),
]


@pytest.mark.parametrize(("network", "said"), KNOWN)
def test_latents_of_known_networks_are_told_with_their_numbers(behavior, network, said):
    roles = cl.latent_roles(network(), behavior)
    assert {f"latent {role.latent + 1}" for role in roles} == set(said)
    for role in roles:
        assert role.text.startswith(f"Latent {role.latent + 1} is ")
        assert said[f"latent {role.latent + 1}"] in role.text
        assert role.is_clear


def test_the_actor_of_an_actor_critic_is_no_value(behavior):
    (role,) = cl.latent_roles(hand.actor_critic(), behavior)
    assert role.name == "unclear"
    assert not role.is_clear
    assert role.text.startswith("Latent 2 is unclear: ")
    assert role.text.endswith("latent 1 moves it as well.")


def test_latents_that_only_carry_a_constant_are_none_of_them(behavior, monkeypatch):
    """They vary by less than their noise, whatever the choice makes of it; they took the place of others."""
    both = (hand.CHOICE, hand.REWARD)
    idle = [
        hand.Latent({"": hand.FAR}, {"": 1.0, told: 1e-3}, both, to_choice=9000.0)
        for told in (hand.CHOICE, hand.REWARD, (hand.REWARD, hand.CHOICE))
    ]
    network = hand.made(*hand.values(), *idle)
    assert {0, 1} - set(cl.read_latents(network, behavior, among=range(5)).latents)
    assert set(cl.read_latents(network, behavior).latents) == {0, 1}
    # where a search of equations begins, without the fit of its numbers
    monkeypatch.setattr(reading, "started", lambda _, units, *rest: int(units.mechanisms.max()) + 1)
    assert list(reading.network_starts("it", network, behavior, recorded(behavior))) == [2, 2]
    assert {role.latent for role in cl.latent_roles(network, behavior)} == {0, 1}
    assert cl.latent_roles(hand.made(*idle), behavior) == ()


def test_little_memory_is_still_win_stay_lose_shift(behavior):
    """Nine tenths of the way: it was "wired as policy gradient", and a difference of values."""
    network = hand.win_stay(rate=0.88)
    assert cl.wiring(network, behavior).mechanism == "win-stay lose-shift"
    assert [role.name for role in cl.latent_roles(network, behavior)] == ["win-stay lose-shift"]


def test_what_cannot_be_told_is_said_with_the_reason():
    three = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=4, n_trials=40)
    roles = cl.latent_roles(cl.GRU(three.n_inputs, 3, 2, key=jax.random.key(0)), three)
    assert [role.name for role in roles] == ["unclear"] * len(roles)
    assert roles
    assert "here there are 3 alternatives" in roles[0].text
