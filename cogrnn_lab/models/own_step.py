"""Networks with a `step` of their own, of which `next_state` and `readout` need not tell anything.

`Network.step` is `next_state` and then `readout`. A subclass that overrides `step` is trained and scored by
it; whoever moves a network by hand, trial by trial or from state to state, has to ask it, too.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from cogrnn_lab.models.network import Network

N_TRIED = 8  # trials along which the outputs of `step` are compared with `readout`


def has_own_step(model: Network) -> bool:
    """Tell whether `step` is written by a user, rather than by this package as `next_state` and `readout`."""
    definer = next((cls for cls in type(model).__mro__ if "step" in vars(cls)), None)
    return definer is not None and definer.__module__.partition(".")[0] != __name__.partition(".")[0]


def check_readout(model: Network) -> None:
    """Refuse a network whose own step gives other outputs than `readout` does of the state that it makes.

    Outputs in a state in which no trial has ended can then not be known.

    Arguments:
        model: Any network; those without a step of their own are right by definition.

    Raises:
        ValueError: The outputs of `step` are not those of `readout`.
    """
    if not has_own_step(model):
        return
    stepped, read = jax.device_get(_along_both(model))
    if not np.allclose(stepped[:, : read.shape[1]], read, rtol=1e-4, atol=1e-5):
        raise ValueError(
            f"step of {type(model).__name__} gives other outputs than its readout of the same state, so that "
            "the outputs in a state of one's choice are not known; override readout where outputs are "
            "computed otherwise, or next_state and readout in place of step"
        )


@eqx.filter_jit
def _along_both(model: Network) -> tuple[Array, Array]:
    """Noiseless outputs (trial, output) of `step` along inputs of 0 and 1, and those of `readout`."""
    inputs = jax.random.bernoulli(jax.random.key(0), 0.5, (N_TRIED, model.n_inputs)).astype(jnp.float32)

    def trial(state, x):
        new, outputs, _ = model.step(state, x, key=None, noise=0.0)
        return new, (outputs, model.readout(new))

    return jax.lax.scan(trial, model.initial_state(), inputs)[1]
