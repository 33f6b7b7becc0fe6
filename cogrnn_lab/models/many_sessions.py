"""Networks along many sessions at once, with everything that is given checked."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.models.network import Network, check_inputs
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.random_numbers import KeyOrSeed


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
    return model.rollout(jnp.asarray(inputs), subject=subject, key=key, noise=noise, begins=begins)
