"""DisRNNs whose weights are set by hand, so that their strategy is known."""

from operator import attrgetter
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import cogrnn_lab as cl

# Sources of every update network: previous choice, previous reward, then the latents.
CHOICE, REWARD = 0, 1
CLOSED, OPEN = 1.0, 0.02
FAR = 12.0  # a gate of this logit is open or shut
SHUT = 20.0  # so far below 0 is a unit whose b is 0


Row = dict[Any, float]


class Latent(NamedTuple):
    """Update of one latent of a hand-made network: it moves by the fraction sigmoid(gate) to the target.

    `gate` and `target` {what: weight}: a source; "" for the constant; (a, b) for the product of two sources,
    b of 0 or 1; (a, b, shift) for max(a + shift, 0) b. `reads`: the sources whose channels are open.
    `to_choice`: weight in the log odds of alternative 1.
    """

    gate: Row
    target: Row
    reads: tuple[int, ...]
    to_choice: float = 0.0
    noise: float = 0.05


def hidden_units(terms: list[Any]) -> dict[Any, list[tuple[float, float, float]]]:
    """For each term units (sign of a, shift, sign in the sum), all of them shut where b is 0."""
    return {
        key: [(1.0, 0.0, 1.0), (-1.0, 0.0, -1.0)] if len(key) == 2 else [(1.0, key[2], 1.0)] for key in terms
    }


def made(*latents: Latent, largest: float = 50.0) -> cl.DisRNN:
    """A network with these latents."""
    n, n_sources = len(latents), 2 + len(latents)
    rows = [row for one in latents for row in (one.gate, one.target)]
    units = hidden_units(sorted({key for row in rows for key in row if isinstance(key, tuple)}, key=str))
    flat = [(key, *unit) for key, own in units.items() for unit in own]
    width = n_sources + max(len(flat), 1)
    model = cl.DisRNN(
        2, 2, n, update_width=width, update_depth=1, choice_width=n, choice_depth=0, activation="relu",
        max_latent=largest, key=jax.random.key(0),
    )  # fmt: skip
    hidden, hidden_bias = np.zeros((width, width)), np.full(width, -1e6)
    for at, (key, way, shift, _) in enumerate(flat, n_sources):
        hidden[at, key[0]] += way
        hidden[at, key[1]] += SHUT
        hidden_bias[at] = shift - SHUT
    out, out_bias = np.zeros((n, 2, width)), np.zeros((n, 2))
    for latent, one in enumerate(latents):
        for which, row in enumerate((one.gate, one.target)):
            for key, weight in row.items():
                if key == "":
                    out_bias[latent, which] = weight
                elif isinstance(key, tuple):
                    for at, (own, _, _, sign) in enumerate(flat, n_sources):
                        out[latent, which, at] += weight * sign * (own == key)
                else:
                    out[latent, which, key] += weight
    sigma = np.full((n_sources, n), CLOSED)
    for latent, one in enumerate(latents):
        sigma[list(one.reads), latent] = OPEN
    to_choice = np.array([one.to_choice for one in latents])
    choice_sigma = np.where(to_choice != 0, OPEN, CLOSED)
    parts = {
        "update_net.in_weight": np.eye(width, n_sources),
        "update_net.in_bias": np.zeros(width),
        "update_net.hidden_weight": hidden[None],
        "update_net.hidden_bias": hidden_bias[None],
    }
    parts = {name: np.broadcast_to(array, (n, *array.shape)) for name, array in parts.items()} | {
        "update_net.out_weight": out,
        "update_net.out_bias": out_bias,
        "choice_net.in_weight": np.eye(n),
        "choice_net.in_bias": np.zeros(n),
        "choice_net.out_weight": np.stack([-to_choice / 2, to_choice / 2]),
        "choice_net.out_bias": np.zeros(2),
        "update_input.spread": sigma[:2],
        "update_input.multiplier": sigma[:2] == OPEN,
        "update_latent.spread": sigma[2:],
        "update_latent.multiplier": sigma[2:] == OPEN,
        "latent.spread": np.array([one.noise for one in latents]),
        "choice_latent.spread": choice_sigma,
        "choice_latent.multiplier": choice_sigma == OPEN,
        "start": np.zeros(n),
    }
    return with_parts(model, parts)


def with_parts(model: cl.DisRNN, parts: dict[str, np.ndarray]) -> cl.DisRNN:
    """The network with these arrays, by their places within its core."""
    places = [attrgetter(name) for name in parts]
    for place, (name, array) in zip(places, parts.items(), strict=True):
        assert place(model.core).shape == array.shape, name
    arrays = [jnp.asarray(array, jnp.float32) for array in parts.values()]
    return eqx.tree_at(lambda m: [place(m.core) for place in places], model, arrays)


def logit(fraction: float) -> float:
    return float(np.log(fraction / (1 - fraction)))


def values(rate: float = 0.3, beta: float = 3.0, forgets: float | None = None) -> tuple[Latent, Latent]:
    """Values of both alternatives, in units of reward; `forgets`: rate by which the other one fades to 0."""
    own = logit(rate)
    other = -FAR if forgets is None else logit(forgets)
    gates = ({"": own, CHOICE: other - own}, {"": other, CHOICE: own - other})  # of alternatives 0 and 1
    # the target is the reward where the alternative was chosen, else 0 (where it fades to)
    targets = ({REWARD: 1.0, (REWARD, CHOICE): -1.0}, {(REWARD, CHOICE): 1.0})
    own = [
        Latent(gate, target, (CHOICE, REWARD), to_choice=sign * beta)
        for gate, target, sign in zip(gates, targets, (-1, 1), strict=True)
    ]
    return own[0], own[1]


def last_choice(beta: float = 1.0, rate: float | None = None) -> Latent:
    """The last choice, or with a rate a trace of choices."""
    gate = FAR if rate is None else logit(rate)
    return Latent({"": gate}, {"": -1.0, CHOICE: 2.0}, (CHOICE,), to_choice=beta)


def one_rate(rate: float = 0.3, beta: float = 3.0) -> cl.DisRNN:
    """The difference of two values that learn and fade by one rate."""
    return made(
        Latent({"": logit(rate)}, {REWARD: -1.0, (REWARD, CHOICE): 2.0}, (CHOICE, REWARD), to_choice=beta)
    )


def win_stay(beta: float = 2.0, rate: float | None = None) -> cl.DisRNN:
    """1 after a win with 1 or a loss with 0, else -1; with a rate it only moves there by so much."""
    target = {"": 1.0, CHOICE: -2.0, REWARD: -2.0, (CHOICE, REWARD): 4.0}
    gate = FAR if rate is None else logit(rate)
    return made(Latent({"": gate}, target, (CHOICE, REWARD), to_choice=beta))


def policy_gradient(rate: float = 0.8) -> cl.DisRNN:
    """z' = z + rate r (c - p(z)), with straight lines for p; the gate is one half: the target is 2 z' - z."""
    z = 2
    p = {(z, REWARD, 3.0): 0.2 / 2, (z, REWARD, 1.5): 0.6 / 3 - 0.2 / 2}
    p |= {(z, REWARD, -1.5): -(0.6 / 3 - 0.2 / 2), (z, REWARD, -3.0): -0.2 / 2}
    target = {z: 1.0, (REWARD, CHOICE): 2 * rate} | {key: -2 * rate * slope for key, slope in p.items()}
    return made(Latent({"": 0.0}, target, (CHOICE, REWARD, z), to_choice=1.0))


def actor_critic(critic: float = 0.2, actor: float = 0.6, forgets: float = 0.1) -> cl.DisRNN:
    """A critic, and a preference that moves by the reward less what was expected, to what was chosen."""
    v, z = 2, 3
    # z' = (1 - f) z + a (r - v)(2 c - 1); the gate is one half, so that the target is 2 z' - z
    target = {
        z: 2 * (1 - forgets) - 1, REWARD: -2 * actor, (REWARD, CHOICE): 4 * actor, v: 2 * actor,
        (v, CHOICE): -4 * actor,
    }  # fmt: skip
    return made(
        Latent({"": logit(critic)}, {REWARD: 1.0}, (REWARD,)),
        Latent({"": 0.0}, target, (CHOICE, REWARD, v, z), to_choice=1.0),
    )


def sum_and_difference(rate: float = 0.3, forgets: float = 0.1, beta: float = 3.0) -> cl.DisRNN:
    """Values of two alternatives, kept as their difference and their sum; the choice reads the difference."""
    difference, total = 2, 3
    kept, mixed = 1 - (rate + forgets), forgets - rate  # the gates are one half: the target is 2 z' - z
    reads = (CHOICE, REWARD, difference, total)
    return made(
        Latent(
            {"": 0.0},
            {difference: kept, total: -mixed, (total, CHOICE): 2 * mixed, REWARD: -2 * rate,
             (REWARD, CHOICE): 4 * rate},
            reads, to_choice=beta,
        ),
        Latent(
            {"": 0.0},
            {total: kept, difference: -mixed, (difference, CHOICE): 2 * mixed, REWARD: 2 * rate},
            reads,
        ),
    )  # fmt: skip


def difference_with_last_choice(rate: float = 0.3, beta: float = 3.0, weight: float = 0.5) -> cl.DisRNN:
    """A difference of values by one rate to which a part of the last choice is added, and the last choice."""
    mix, last = 2, 3
    target = {
        mix: 1 - 2 * rate, last: -2 * (1 - rate) * weight, REWARD: -2 * rate, (REWARD, CHOICE): 4 * rate,
        "": -2 * weight, CHOICE: 4 * weight,
    }  # fmt: skip
    return made(Latent({"": 0.0}, target, (CHOICE, REWARD, mix, last), to_choice=beta), last_choice(beta=0.0))
