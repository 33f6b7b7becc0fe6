"""How many numbers equations carry from trial to trial, as a network would have to."""

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, Form
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded

# Trials that are looked at, about; what varies shows in fewer.
TRIALS = 50_000
# Share of the largest variation below which a direction is a rounding error.
LEAST_VARIATION = 1e-3


def n_carried(fitted: Fitted, data: Recorded) -> int:
    """Count the numbers that equations have to know of the past.

    Choices depend on differences between alternatives alone. Where a latent moves by one rate whichever
    alternative was chosen, the differences are led on without the latents themselves, and for two
    alternatives one number does. What never varies, or goes with others, is not counted.

    Arguments:
        fitted: Equations.
        data: Trials along which they are led.

    Returns:
        The dimension of what varies from trial to trial.
    """
    form = fitted.structure.form
    every = max(1, data.trials.target.size // TRIALS)
    vector = jnp.asarray(fitted.vector, jnp.float32)
    latents = np.asarray(trajectories(form, vector, data.every(every).trials)[1], float)
    by_difference = _moves_by_difference(form, fitted.vector)
    columns = []
    for mechanism, own in enumerate(np.moveaxis(latents, 1, 0)):
        if by_difference[mechanism]:
            own = own - own.mean(1, keepdims=True)
        columns.append(np.moveaxis(own, 1, -1).reshape(-1, form.n_alternatives))
    varies = np.concatenate(columns, 1)
    varies = varies - varies.mean(0)
    sizes = np.linalg.svd(varies.T @ varies, compute_uv=False)  # squares of how much each direction varies
    return int((sizes > LEAST_VARIATION**2 * max(sizes.max(initial=0.0), 1e-9)).sum())


def _moves_by_difference(form: Form, vector: np.ndarray) -> np.ndarray:
    """(mechanism,) whether every alternative moves by one rate, and by nothing but its rate and target."""
    numbers = form.split(vector)
    rates = numbers[RATE].reshape(form.n_mechanisms, form.n_alternatives, 2, -1)
    one_rate = (rates == rates[:, :1, :1]).all((1, 2, 3))
    further = [np.any(numbers[term.name] != 0, axis=(1, 2)) for term in form.terms]
    return one_rate & ~np.any(further, axis=0) if further else one_rate
