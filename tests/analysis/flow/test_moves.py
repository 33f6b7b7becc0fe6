"""Rules by which moves of latents are told apart, on moves that are made up."""

from dataclasses import replace

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.flow.coordinates import unmixed
from cogrnn_lab.analysis.flow.graph import Edge
from cogrnn_lab.analysis.flow.moves import Difference, Moves
from cogrnn_lab.analysis.flow.probing import Probed
from cogrnn_lab.analysis.flow.strategies import _learns_alone, recognized_strategy

OUTCOMES = np.array([(c, w) for c in (0, 1) for w in (0, 1)])


def difference(kept=(0.7, 0.7), pushes=(0.0, 0.3)) -> Moves:
    """A latent that keeps a part after a loss and a win, and is pushed to what was chosen."""
    before = np.random.default_rng(0).uniform(-0.5, 0.5, (96, 1))
    after = np.stack([kept[w] * before + (2 * c - 1) * pushes[w] for c, w in OUTCOMES])
    slopes = np.broadcast_to(np.reshape(kept, (2, 1, 1)), (2, 2, 1, 1))
    return Moves(before, after.reshape(2, 2, 96, 1), slopes, 1 / (1 + np.exp(-3 * before[:, 0])))


@pytest.mark.parametrize(
    ("moves", "known", "name"),
    [
        (difference(), Difference(False, False), "forgetting Q-learning with one rate"),
        (
            difference(kept=(0.8, 0.6)), Difference(True, False),
            "forgetting Q-learning with separate rates for gains and losses",
        ),
        (  # it was a policy gradient, whose rival had one rate
            difference(kept=(0.9, 0.6)), Difference(True, False),
            "forgetting Q-learning with separate rates for gains and losses",
        ),
        (
            difference(pushes=(0.1, 0.3)), Difference(False, True),
            "forgetting Q-learning with one rate with perseveration by a fading trace of choices",
        ),
        (difference(pushes=(-0.3, 0.3)), Difference(False, False), "forgetting Q-learning with one rate"),
        (difference(kept=(1.0, 1.0)), None, None),
        (difference(pushes=(0.3, 0.3)), None, None),
    ],
)  # fmt: skip
def test_differences_of_values_by_their_rates_and_what_a_loss_does(moves, known, name):
    assert moves.difference(0) == known
    told = _learns_alone(moves, (0,))
    assert (told[0] if told else None) == name


def probed(maps, offsets, weights, n=200) -> Probed:
    """Answers of a system of affine maps, one for each outcome, whose states are those it visits."""
    rng = np.random.default_rng(1)
    k = len(weights)
    states = [np.zeros(k)]
    for _ in range(n - 1):
        o = rng.integers(4)
        states.append(maps[o] @ states[-1] + offsets[o])
    before = np.array(states)
    after = np.stack([before @ one.T + own for one, own in zip(maps, offsets, strict=True)])
    logits = np.stack([np.zeros(n), before @ weights], 1)
    span = np.ptp(before, axis=0)
    readout = np.zeros((n, k, 2))
    return Probed(before, after, np.zeros((4, n, k, k)), np.zeros((2, n, k)), readout, logits, span, OUTCOMES)


VALUES = [np.diag([0.6, 0.9] if c == 0 else [0.9, 0.6]) for c, _ in OUTCOMES]
REWARDS = [0.4 * w * np.eye(2)[c] for c, w in OUTCOMES]
TO_CHOICE = np.array([-3.0, 3.0])


@pytest.mark.parametrize(
    "mix", [np.eye(2), np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([[1.0, 0.3], [2.0, -5.0]])]
)
def test_values_are_found_in_whatever_mix(mix):
    back = np.linalg.inv(np.array(mix))
    maps = [np.array(mix) @ one @ back for one in VALUES]
    found = unmixed(probed(maps, [np.array(mix) @ one for one in REWARDS], TO_CHOICE @ back), [0, 1])
    assert found is not None
    values = [found.moves.value_of(i) for i in (0, 1)]
    assert {one.alternative for one in values} == {0, 1}
    assert all(one.fades and not one.stays and not one.one_rate for one in values)
    np.testing.assert_allclose(sorted(found.moves.keeps(0).ravel()), [0.6, 0.6, 0.9, 0.9], atol=1e-6)


@pytest.mark.parametrize("mix", [np.eye(2), np.array([[1.0, 0.3], [2.0, -5.0]])])
def test_a_network_that_reads_what_no_strategy_does_has_no_name(mix):
    """In other coordinates the light was forgotten."""
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=60)
    light = np.random.default_rng(0).normal(size=(*data.valid.shape, 1)).astype(np.float32)
    inputs = np.concatenate([np.asarray(data.inputs), light], -1)
    data = data._replace(inputs=inputs, input_names=(*data.input_names, "light"))
    back = np.linalg.inv(mix)
    answers = probed([mix @ one @ back for one in VALUES], [mix @ one for one in REWARDS], TO_CHOICE @ back)
    latents = {"latent 1": 0, "latent 2": 1}
    edges = [Edge(name, one, "observation", 1.0, "+") for name in data.input_names[:2] for one in latents]
    edges += [Edge(one, one, "memory", 1.0, "+") for one in latents]
    edges += [Edge(one, "choice", "choice", 1.0, "+") for one in latents]

    def name(edges: list[Edge]) -> str | None:
        turn = answers.turn([0, 1])
        return recognized_strategy(edges, latents, data.input_names, answers, turn, data).name

    assert "forgetting Q-learning" in str(name(edges))
    assert name([*edges, Edge("light", "latent 1", "observation", 1.0, "+")]) is None


def test_there_are_no_such_coordinates_where_none_are():
    pulls = np.array([[0.0, 0.0], [0.3, 0.0]])
    assert unmixed(probed([one + pulls for one in VALUES], REWARDS, TO_CHOICE), [0, 1]) is None
    turning = [0.8 * np.array([[0.8, -0.6], [0.6, 0.8]])] * 4  # complex eigenvalues
    assert unmixed(probed(turning, REWARDS, TO_CHOICE), [0, 1]) is None
    plain = probed(VALUES, REWARDS, TO_CHOICE)
    bent = plain.after - 2.0 * (plain.before - plain.before.mean(0)) ** 2
    assert unmixed(replace(plain, after=bent), [0, 1]) is None


def test_what_the_choice_never_hears_of_is_left_out():
    maps = [np.diag([0.7, 0.4])] * 4
    offsets = [np.array([0.3 * (2 * c - 1) * w, 0.2 * c - w]) for c, w in OUTCOMES]
    found = unmixed(probed(maps, offsets, np.array([-2.0, 0.001])), [0, 1])
    assert found is not None
    assert found.shares.shape == (1, 2)
    assert found.shares[0, 1] < 0.01
    assert found.moves.difference(0) is None, "what wins push to is avoided"


def test_the_side_of_a_latent_that_takes_two_values_is_told_by_these():
    """At both of them the readout is flat, or goes the other way: perseveration was said to avoid."""
    answers = probed([np.zeros((1, 1))] * 4, [np.array([2.0 * c - 1]) for c, _ in OUTCOMES], np.array([0.8]))
    answers.readout[..., 1] = -0.1
    np.testing.assert_array_equal(answers.turn([0]), [1.0])
    np.testing.assert_array_equal(answers.turn([]), [1.0])
