"""How the latents drive choice: logits of the alternatives against one latent, or over two."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models import DisRNN

LARGEST_VALUE = 2.1


@dataclass(frozen=True)
class ChoiceRule:
    """Logits of the second and later alternatives minus that of the first, noiseless.

    `values` (point,) of a latent; `logits` (latent, alternative - 1, point) with each latent varied alone and
    the others at the background; `pair` two latents (or None where the network has only one) and
    `pair_logits` (alternative - 1, point, point) with both varied, the first of the pair on the first point
    axis.
    """

    values: np.ndarray
    logits: np.ndarray
    pair: tuple[int, int] | None
    pair_logits: np.ndarray | None


def choice_rule(
    model: DisRNN,
    pair: tuple[int, int] | None = None,
    *,
    n_points: int = 50,
    background: np.ndarray | None = None,
) -> ChoiceRule:
    """The choice rule of a network, for any number of alternatives, in one compiled call.

    Arguments: `pair` of latents (from 0) for the map, by default the two that are most open to the choice
    network; `background` (latent,) values of the latents that are not varied, by default 0.
    """
    values = np.linspace(-LARGEST_VALUE, LARGEST_VALUE, n_points).astype(np.float32)
    background = (
        np.zeros(model.n_latents, np.float32) if background is None else np.asarray(background, np.float32)
    )
    if background.shape != (model.n_latents,):
        raise ValueError(
            f"background has shape {background.shape}, expected ({model.n_latents},): one value a latent"
        )
    if pair is None:
        order = np.argsort(np.asarray(model.choice_latent.sigma), kind="stable")
        chosen = (int(order[0]), int(order[1])) if model.n_latents > 1 else None
    else:
        chosen = _checked_pair(pair, model)
    logits, pair_logits = _choice_grids(
        model, jnp.asarray(chosen or (0, 0)), jnp.asarray(values), jnp.asarray(background)
    )
    return ChoiceRule(
        values=values,
        logits=np.asarray(logits),
        pair=chosen,
        pair_logits=None if chosen is None else np.asarray(pair_logits),
    )


@eqx.filter_jit
def _choice_grids(model: DisRNN, pair, values, background):
    """Relative logits with each latent alone, and over the pair."""
    n_points, n_latents = values.shape[0], model.n_latents

    def relative(states):
        logits = model.readouts(states.reshape(-1, n_latents)).reshape(*states.shape[:-1], -1)
        return jnp.moveaxis(logits[..., 1:] - logits[..., :1], -1, -2)

    def alone(latent):
        return jax.vmap(lambda value: background.at[latent].set(value))(values)

    def both(a, b):
        return background.at[pair[0]].set(a).at[pair[1]].set(b)

    first, second = jnp.repeat(values, n_points), jnp.tile(values, n_points)
    over_pair = relative(jax.vmap(both)(first, second)).reshape(-1, n_points, n_points)
    return relative(jax.vmap(alone)(jnp.arange(n_latents))), over_pair


def _checked_pair(pair: tuple[int, int], model: DisRNN) -> tuple[int, int]:
    a, b = pair
    if a == b or not (0 <= a < model.n_latents and 0 <= b < model.n_latents):
        raise ValueError(f"pair is {pair}, expected two different latents of 0..{model.n_latents - 1}")
    return int(a), int(b)
