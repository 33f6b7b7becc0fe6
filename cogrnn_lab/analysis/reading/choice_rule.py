"""How the latents drive choice: logits of the alternatives against one latent, or over two."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.reading.update_rules import checked_background, value_limit
from cogrnn_lab.models import Network


@dataclass(frozen=True)
class ChoiceRule:
    """Logits of the second and later alternatives minus that of the first, without noise.

    Fields:
        values: (point,) of a latent.
        logits: (latent, alternative - 1, point) with each latent varied alone, the others at the background.
        pair: Two latents, from 0; None where the network has only one.
        pair_logits: (alternative - 1, point, point) with both varied, the first of the pair on the first
            point axis; None without a pair.
        choice_names: Names of the alternatives that the network was trained on; None where it knows none.
    """

    values: np.ndarray
    logits: np.ndarray
    pair: tuple[int, int] | None
    pair_logits: np.ndarray | None
    choice_names: tuple[str, ...] | None = None


def choice_rule(
    model: Network,
    pair: tuple[int, int] | None = None,
    *,
    subject: Any = None,
    n_points: int = 50,
    background: np.ndarray | None = None,
    limit: float | None = None,
) -> ChoiceRule:
    """Compute the choice rule of a network for any number of alternatives, in one compiled call.

    Arguments:
        model: Any network.
        pair: Two latents, from 0, for the map; by default the two that are most open to the choice network.
        subject: Index of the subject whose rule it is, or an embedding (embedding,), for a network that knows
            subjects; by default the mean embedding.
        n_points: Points along each latent.
        background: (latent,) values of the latents that are not varied; by default 0.
        limit: Largest distance from 0 of the values; by default a little further than the latents can go.

    Returns:
        A `ChoiceRule`.

    Raises:
        ValueError: `pair` is not two different latents, or `background` has another shape.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> network = cl.DisRNN(2, 3, 4, key=jax.random.key(0))
        >>> cl.choice_rule(network, n_points=20).logits.shape
        (4, 2, 20)
    """
    limit = value_limit(model) if limit is None else limit
    values = np.linspace(-limit, limit, n_points).astype(np.float32)
    held = checked_background(background, model).astype(np.float32)
    chosen = _default_pair(model) if pair is None else _checked_pair(pair, model)
    logits, pair_logits = jax.device_get(
        _choice_grids(
            model,
            np.asarray(chosen or (0, 0)),
            values,
            held,
            subject=None if subject is None else np.asarray(subject),
        )
    )
    names = getattr(model, "class_names", None)
    return ChoiceRule(values, logits, chosen, None if chosen is None else pair_logits, names)


@eqx.filter_jit
def _choice_grids(model: Network, pair, values, background, *, subject):
    """Relative logits with each latent alone, and over the pair."""
    n_points, n_latents = values.shape[0], model.n_latents
    values, held = jnp.asarray(values), jnp.asarray(background)

    def relative(states):
        logits = model.readouts(states.reshape(-1, n_latents), subject=subject)
        logits = logits.reshape(*states.shape[:-1], -1)
        return jnp.moveaxis(logits[..., 1:] - logits[..., :1], -1, -2)

    def alone(latent):
        return jax.vmap(lambda value: held.at[latent].set(value))(values)

    def both(a, b):
        return held.at[pair[0]].set(a).at[pair[1]].set(b)

    first, second = jnp.repeat(values, n_points), jnp.tile(values, n_points)
    over_pair = relative(jax.vmap(both)(first, second)).reshape(-1, n_points, n_points)
    return relative(jax.vmap(alone)(jnp.arange(n_latents))), over_pair


def _default_pair(model: Any) -> tuple[int, int] | None:
    if model.n_latents < 2:
        return None
    if "choice_latent" not in model.groups:
        return (0, 1)
    order = np.argsort(np.asarray(model.bottlenecks["choice_latent"].sigma), kind="stable")
    return int(order[0]), int(order[1])


def _checked_pair(pair: tuple[int, int], model: Network) -> tuple[int, int]:
    a, b = pair
    if a == b or not (0 <= a < model.n_latents and 0 <= b < model.n_latents):
        raise ValueError(f"pair is {pair}, expected two different latents of 0..{model.n_latents - 1}")
    return int(a), int(b)
