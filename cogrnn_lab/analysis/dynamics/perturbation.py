"""Causal experiments on a network: channels closed, latents held or patched, lesions, weights, currents.

Song, Yang & Wang, PLoS Comput Biol 2016; Ehrlich et al., eNeuro 2021.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.analysis.dynamics.intervention import Perturbation
from cogrnn_lab.analysis.dynamics.perturbation_effect import PerturbationEffect, effect_of
from cogrnn_lab.analysis.dynamics.perturbed_trials import perturbed_rollout, planned
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network, Rollout
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.own_step import check_readout
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


def perturb(
    model: Network | HoldsNetwork,
    inputs: Float[Array | np.ndarray, "session time input"] | Dataset,
    perturbation: Perturbation,
    *,
    subject: Int[Array | np.ndarray, " session"] | None = None,
    key: KeyOrSeed | None = None,
    noise: float = 1.0,
    closed_loop: bool = False,
    environment: Any = None,
    seed: int = 0,
    **settings: Any,
) -> Rollout | PerturbationEffect:
    """Run `model` along many sessions under a perturbation, in one compiled call.

    Of a data set its outputs and its behavior are given before and after, without noise: along the trials of
    the data (open loop), or as the network plays by itself with and without the perturbation, with the same
    chance (closed loop).

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        inputs: (session, time, input); or a data set.
        perturbation: The intervention.
        subject: (session,) indices, for a network that knows subjects; a data set tells them.
        key: Random key of the noise, or a seed; None: no noise.
        noise: Scale of the network's noise.
        closed_loop: Whether the network plays; of a data set.
        environment: What it plays, as in `behavior`.
        seed: Of what is played, and of the resamples.
        settings: Further arguments of `behavior`, such as n_outcomes=2.

    Returns:
        A `Rollout` of outputs (session, time, output) and states (session, time, unit); the information of
        bottlenecks is not counted. Of a data set a `PerturbationEffect`.

    Raises:
        ValueError: A part of the perturbation does not fit the network or the inputs, or states are changed
            in a network whose own `step` computes outputs that `readout` does not know.

    Example:
        >>> import jax, numpy as np
        >>> import cogrnn_lab as cl
        >>> network = cl.ConstrainedRNN(1, 2, 10, key=jax.random.key(0))
        >>> inputs = np.ones((3, 20, 1), np.float32)
        >>> cl.perturb(network, inputs, cl.Perturbation(lesion=[0, 1])).outputs.shape
        (3, 20, 2)
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=20)
        >>> network = cl.DisRNN(2, 2, 2, key=jax.random.key(0))
        >>> closed = cl.Perturbation(channels={"latent 1 -> choice": 0.0, "latent 2 -> choice": 0.0})
        >>> float(np.ptp(cl.perturb(network, data, closed).states_after[..., 0])) > 0
        True

    Source:
        Song, Yang & Wang, PLoS Comput Biol 2016; Ehrlich et al., eNeuro 2021.
    """
    model = network_of(model)
    if isinstance(inputs, Dataset):
        if key is not None or subject is not None:
            raise ValueError(
                "key and subject go with inputs (session, time, input); along a data set the network runs "
                "without noise, and the data tell the subjects."
            )
        return effect_of(model, inputs, perturbation, closed_loop, environment, seed, settings)
    if closed_loop or environment is not None or settings:
        odd = ", ".join(
            ["closed_loop"] * closed_loop + ["environment"] * (environment is not None) + [*settings]
        )
        raise ValueError(f"{odd} goes with a data set in place of inputs: cl.perturb(model, dataset, ...)")
    inputs = np.asarray(inputs, np.float32)
    if inputs.ndim != 3 or inputs.shape[-1] != model.n_inputs:
        raise ValueError(
            f"inputs have shape {inputs.shape}, expected (session, time, {model.n_inputs}): this model was "
            f"made with n_inputs={model.n_inputs}"
        )
    n_sessions, n_trials, _ = inputs.shape
    subject = None if subject is None else jnp.asarray(subject)
    before = None
    if perturbation.patch:
        before = np.asarray(model.rollout(jnp.asarray(inputs), subject=subject, key=None, noise=0.0).states)
    plan = planned(model, perturbation, n_sessions, n_trials, before)
    reads = plan.change.moves_states(model, plan.moments)
    if reads:
        check_readout(model)
    keys = None if key is None else jax.random.split(as_key(key), n_sessions)
    scale = jnp.asarray(noise, jnp.float32)
    return perturbed_rollout(
        model, jnp.asarray(inputs), plan.change, plan.moments, subject, keys, scale, reads
    )
