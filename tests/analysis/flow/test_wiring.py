"""The graph of hand-made networks, and of equations, and the strategies that are recognized in them."""

import time

import equinox as eqx
import hand_networks as hand
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_discovery import made_equations

import cogrnn_lab as cl

CHOICE, REWARD = "previous choice", "previous reward"


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=12, n_trials=80)


def arrows(graph: cl.Wiring) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges}


LEARNS = {(CHOICE, "latent 1"), (REWARD, "latent 1"), ("latent 1", "latent 1"), ("latent 1", "choice")}
OTHER = {tuple(end.replace("1", "2") for end in edge) for edge in LEARNS}
KNOWN = [
    ("Q-learning", lambda: hand.made(*hand.values()), LEARNS | OTHER),
    ("forgetting Q-learning", lambda: hand.made(*hand.values(forgets=0.1)), LEARNS | OTHER),
    ("forgetting Q-learning with one rate", lambda: hand.made(*hand.values(forgets=0.3)), LEARNS | OTHER),
    ("forgetting Q-learning with one rate", hand.one_rate, LEARNS),
    ("policy gradient", hand.policy_gradient, LEARNS),
    ("win-stay lose-shift", hand.win_stay, LEARNS - {("latent 1", "latent 1")}),
    (
        "perseveration on the last choice",
        lambda: hand.made(hand.last_choice()),
        {(CHOICE, "latent 1"), ("latent 1", "choice")},
    ),
    (
        "perseveration by a fading trace of choices",
        lambda: hand.made(hand.last_choice(rate=0.3)),
        LEARNS - {(REWARD, "latent 1")},
    ),
    (
        "an actor-critic",
        hand.actor_critic,
        OTHER | {(REWARD, "latent 1"), ("latent 1", "latent 1"), ("latent 1", "latent 2")},
    ),
    (
        "forgetting Q-learning with perseveration on the last choice",
        lambda: hand.made(*hand.values(forgets=0.1), hand.last_choice()),
        LEARNS | OTHER | {(CHOICE, "latent 3"), ("latent 3", "choice")},
    ),
]


@pytest.mark.parametrize(("name", "network", "edges"), KNOWN)
def test_known_strategies_have_their_wiring_and_their_name(behavior, name, network, edges):
    graph = cl.wiring(network(), behavior)
    assert arrows(graph) == edges
    assert graph.mechanism == name, graph.text


def test_edges_have_the_bits_of_their_channels_and_signs(behavior):
    network = hand.made(*hand.values())
    graph = cl.wiring(network, behavior)
    bits = cl.channel_information(network, behavior)
    found = {(edge.source, edge.target): edge for edge in graph.edges}
    for i, source in enumerate((CHOICE, REWARD)):
        for j in (0, 1):
            assert found[source, f"latent {j + 1}"].bits == pytest.approx(bits["update_input"][i, j])
    assert {node.name: node.bits for node in graph.latents} == pytest.approx(
        {f"latent {j + 1}": bits["latent"][j] for j in (0, 1)}
    )
    # both are turned to favor alternative 1, so that a reward of 0 counts against it
    assert found[REWARD, "latent 1"].sign == "-"
    assert found[REWARD, "latent 2"].sign == "+"
    assert {found[f"latent {j}", "choice"].sign for j in (1, 2)} == {"+"}
    assert (np.diff([edge.bits for edge in graph.edges]) <= 0).all()
    assert graph.text.splitlines()[2].startswith("choice ← latent")


def test_the_order_of_latents_is_nothing_to_a_strategy(behavior):
    turned = hand.made(*hand.values()[::-1])
    assert cl.wiring(turned, behavior).mechanism == "Q-learning"


def test_a_latent_that_carries_a_constant_is_no_part_of_it(behavior):
    still = hand.Latent({"": 0.0}, {"": 1.3}, (hand.CHOICE, hand.REWARD), to_choice=1.0)
    network = hand.made(*hand.values(), still)
    graph = cl.wiring(eqx.tree_at(lambda m: m.core.start, network, jnp.array([0.0, 0.0, 1.3])), behavior)
    assert cl.bottlenecks(network).latent_openness[2] > 0.9
    assert "latent 3" in graph.closed
    assert graph.mechanism == "Q-learning"


@pytest.mark.parametrize(
    ("network", "name", "of"),
    [
        (hand.sum_and_difference, "forgetting Q-learning", "a mix of latent "),
        (lambda: hand.sum_and_difference(forgets=0.0), "Q-learning", "a mix of latent "),
        (
            hand.difference_with_last_choice,
            "forgetting Q-learning with one rate with perseveration on the last choice",
            "latent 2 adds perseveration",
        ),
    ],
)
def test_a_strategy_is_known_in_any_mix_of_its_quantities(behavior, network, name, of):
    """They were "wired like this: latent 1 moves latent 2, latent 2 moves latent 1"."""
    graph = cl.wiring(network(), behavior)
    assert len(graph.latents) == 2
    assert graph.mechanism == name, graph.text
    assert of in graph.reason


def test_open_channels_that_nobody_listens_to_are_left_out(behavior):
    first, second = hand.values()
    network = hand.made(first, second._replace(reads=(*second.reads, 2)))
    told = cl.channel_information(network, behavior)["update_latent"]
    assert told[0, 1] > 1.0
    assert cl.wiring(network, behavior).mechanism == "Q-learning"


def test_a_network_that_is_none_of_them_is_told_so(behavior):
    crossed = hand.values()
    second = crossed[1]._replace(
        reads=(*crossed[1].reads, 2), target={**crossed[1].target, 2: 0.5}, gate=crossed[1].gate
    )
    graph = cl.wiring(hand.made(crossed[0], second), behavior)
    assert graph.mechanism is None
    assert "latent 1 moves latent 2" in graph.reason
    untrained = cl.wiring(cl.DisRNN(2, 2, 4, key=jax.random.key(0)), behavior)
    assert untrained.mechanism is None
    assert untrained.reason == "No strategy that is known here has 4 latents wired like these."
    two = cl.wiring(cl.DisRNN(2, 2, 1, update_depth=1, key=jax.random.key(1)), behavior)
    assert two.mechanism is None


def test_more_alternatives_have_a_graph_and_no_name():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=4, n_trials=40)
    graph = cl.wiring(cl.DisRNN(4, 3, 2, update_depth=1, key=jax.random.key(0)), data)
    assert graph.mechanism is None
    assert "between two alternatives; these data have 3" in graph.reason
    assert ("previous choice = 0", "latent 1") in arrows(graph)


def test_subjects_and_signals_are_nodes():
    rng = np.random.default_rng(0)
    choices = rng.integers(0, 2, (4, 40))
    inputs = np.stack([np.roll(choices, 1, 1), rng.integers(0, 2, (4, 40))], -1).astype(float)
    mixed = cl.Dataset(
        inputs, np.stack([choices, rng.normal(size=(4, 40))], -1), kind="mixed", n_classes=2,
        target_names=("choice", "dopamine"), input_names=(CHOICE, REWARD),
    )  # fmt: skip
    neural = cl.NeuroDisRNN(2, 2, 2, update_depth=1, neural_depth=1, key=jax.random.key(0))
    graph = cl.wiring(neural, mixed)
    assert [node.name for node in graph.of_kind("signals")] == ["signals"]
    assert (REWARD, "signals") in arrows(graph)
    people = cl.Dataset(
        inputs, choices[..., None], n_classes=2, subject=[0, 0, 1, 1], input_names=(CHOICE, REWARD)
    )
    model = cl.MultisubjectDisRNN(
        2, 2, 2, n_subjects=2, embedding_size=1, update_depth=1, key=jax.random.key(0)
    )
    graph = cl.wiring(model, people)
    assert ("embedding 1", "choice") in arrows(graph)
    assert ("embedding 1", "latent 1") in arrows(graph)


def test_equations_have_the_wiring_of_what_they_are(behavior):
    graph = cl.wiring(made_equations(), behavior)
    assert graph.mechanism == "Q-learning"
    names = [f"value of {k}" for k in (0, 1)]
    assert [node.name for node in graph.latents] == names
    assert arrows(graph) == {
        edge for name in names for edge in ((CHOICE, name), (REWARD, name), (name, name), (name, "choice"))
    }
    assert np.isnan([edge.bits for edge in graph.edges]).all()


def test_found_equations_of_win_stay_remember_nothing():
    data = cl.simulate(
        cl.WinStayLoseShift(0.2), cl.DriftingBandit(drift=0.1), n_sessions=4, n_trials=100, seed=1
    )
    found = cl.equations(None, data, n_latents=(1,), n_starts=1, terms=(), rivals=False)
    graph = cl.wiring(found, data)
    assert graph.mechanism == found.mechanism == "win-stay lose-shift"
    assert {edge.kind for edge in graph.edges} == {"observation", "choice"}


def test_it_is_fast_enough_to_follow_a_slider(behavior):
    network = cl.DisRNN(2, 2, 5, key=jax.random.key(0))
    cl.wiring(network, behavior)
    took = []
    for _ in range(5):
        begin = time.perf_counter()
        cl.wiring(network, behavior)
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.2  # 25 ms on a quiet core
