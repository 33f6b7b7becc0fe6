"""Networks along many sessions at once, with everything that is given checked."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.models.fast_path import is_own, way_of
from cogrnn_lab.models.network import Network, check_inputs
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


def rollout(
    model: Network | HoldsNetwork,
    inputs: Float[Array | np.ndarray, "session time input"],
    *,
    subject: Int[Array | np.ndarray, "session *time"] | None = None,
    key: KeyOrSeed | None = None,
    noise: float | Array = 1.0,
    begins: Bool[Array | np.ndarray, "session time"] | None = None,
) -> Rollout:
    """Run a network along many sessions at once.

    The result equals that of the model called for each session, but is computed in the layout that is fast
    (noise is drawn for all sessions together, so that it differs from that of single calls).

    Arguments:
        model: Any `cl.Network`, or the `Run` that trained one.
        inputs: Inputs (session, time, input).
        subject: Indices (session,) or (session, time), for networks that know subjects.
        key: Random key or seed of the bottlenecks' noise; None for no noise.
        noise: Scale of the noise.
        begins: True (session, time) where another session begins inside a row, at the initial state.

    Returns:
        A `Rollout`, whose arrays have the session axis first.

    Raises:
        ValueError: The inputs are not (session, time, `n_inputs`), or a subject is missing or unknown.
        TypeError: The inputs are no array, or the model is no network.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> rolled = cl.rollout(cl.GRU(2, 2, 3, key=jax.random.key(0)), jnp.zeros((4, 5, 2)))
        >>> rolled.states.shape
        (4, 5, 3)
    """
    model = network_of(model)
    check_inputs(model, inputs)
    subject = None if subject is None else jnp.asarray(subject)
    begins = None if begins is None else jnp.asarray(begins)
    given = {"subject": subject, "key": key, "noise": noise, "begins": begins}
    if not _is_ours(model):
        return model.rollout(jnp.asarray(inputs), **given)
    model.check_subject(subject)  # here, where its numbers are known
    given |= {"key": None if key is None else as_key(key), "noise": jnp.asarray(noise)}
    return _compiled(model, jnp.asarray(inputs), given)


def _is_ours(model: Any) -> bool:
    """Whether only code of this package runs it: what others wrote may need numbers that are known."""
    return (
        isinstance(model, Network) and way_of(model) == "fast" and not is_own(type(model), "rollout", Network)
    )


@eqx.filter_jit
def _compiled(model: Network, inputs: Array, given: dict[str, Any]) -> Rollout:
    """Run it as one program: operation by operation, the first call compiles fifty."""
    return model.rollout(inputs, **given)
