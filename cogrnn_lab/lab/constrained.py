"""The constrained network as the lab offers it: few numbers, each with a control."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from cogrnn_lab.models import ConstrainedRNN
from cogrnn_lab.models.initializers import SpectralRadius


def constrained_rnn(
    n_inputs: int,
    n_outputs: int,
    dt: float,
    tau: float,
    n_units: int = 50,
    excitatory: float = 0.8,
    connected: float = 1.0,
    spectral_radius: float = 1.1,
    recurrent_noise: float = 0.1,
    input_noise: float = 0.0,
    autapses: bool = False,
    *,
    key: PRNGKeyArray,
) -> ConstrainedRNN:
    """A `ConstrainedRNN` with a fraction of excitatory units (1: no law of Dale) and of connections.

    `connected` is the probability of each recurrent connection; all inputs and outputs are connected.
    """
    if not 0 < excitatory <= 1:
        raise ValueError(
            f"excitatory is {excitatory:g}, expected a fraction of units above 0, 1 for no Dale's law"
        )
    if not 0 < connected <= 1:
        raise ValueError(f"connected is {connected:g}, expected a probability above 0, such as 0.2")
    rng = np.random.default_rng(int(jax.random.key_data(key)[-1]))
    return ConstrainedRNN(
        n_inputs,
        n_outputs,
        n_units,
        dt=dt,
        tau=tau,
        dale_ratio=None if excitatory == 1 else excitatory,
        autapses=autapses,
        recurrent_mask=rng.random((n_units, n_units)) < connected,
        w_rec=SpectralRadius(spectral_radius),
        recurrent_noise=recurrent_noise,
        input_noise=input_noise,
        key=key,
    )
