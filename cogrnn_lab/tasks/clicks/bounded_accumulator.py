"""The accumulator that weighs clicks: sensory adaptation, noise, leak, a sticky bound, bias and lapses."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.argument_shapes import is_traced
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter


class BoundedAccumulator(eqx.Module):
    """Accumulator of the difference of right and left clicks.

    da = -leak · a dt + sqrt(diffusion_variance) dW + Σ ± η C at each click, η normal with mean 1 and
    `click_variance`; a sticks where |a| reaches `bound`. C is the magnitude of a click after adaptation to
    all clicks before, on both sides: each multiplies it by `adaptation`, and it returns to 1 with the time
    constant `adaptation_time`. At the end of the stimulus the choice is right if a > `bias`, except on a
    fraction `lapse` of trials, where either side has 1/2. The start is normal around 0.

    Time goes in bins, as the networks see it: the accumulator relaxes over a bin, and then the clicks in the
    bin arrive together, each with the mean magnitude of as many in a row. Narrower bins come as close to
    continuous time as needed.

    Arguments:
        leak: -λ in the paper, per second: above 0 the accumulator forgets, below 0 it is unstable.
        diffusion_variance: σ_a², squared clicks per second.
        click_variance: σ_s², squared clicks per click of magnitude 1.
        initial_variance: σ_i², squared clicks.
        bound: B, in clicks; may be infinite.
        adaptation: φ: below 1 depression, 1 none, above 1 facilitation.
        adaptation_time: τ_φ, seconds.
        bias: In clicks, positive towards the left.
        lapse: Fraction of trials, 0 to 1.

    Source:
        Brunton, Botvinick and Brody, Science 2013.

    Example:
        >>> import cogrnn_lab as cl
        >>> clicks = cl.PoissonClicks(duration=0.1)
        >>> data = cl.simulate_clicks(cl.BoundedAccumulator(leak=0.5), clicks, n_trials=8)
        >>> data.n_sessions, data.class_names
        (8, ('left', 'right'))
    """

    leak: Parameter = parameter(0.0)
    diffusion_variance: Parameter = parameter(1.0)
    click_variance: Parameter = parameter(1.0)
    initial_variance: Parameter = parameter(0.0)
    bound: Parameter = parameter(10.0)
    adaptation: Parameter = parameter(0.2)
    adaptation_time: Parameter = parameter(0.15)
    bias: Parameter = parameter(0.0)
    lapse: Parameter = parameter(0.05)

    def __check_init__(self):
        check_range(self.leak, "leak", -math.inf, math.inf)
        for name in ("diffusion_variance", "click_variance", "initial_variance"):
            check_range(getattr(self, name), name, 0.0, math.inf, "It is a variance")
        if np.ndim(self.bound) > 0 or is_traced(self.bound) or self.bound != math.inf:
            check_range(self.bound, "bound", 1e-6, math.inf, "It is a distance from 0")
        check_range(self.adaptation, "adaptation", 0.0, math.inf, "It is a factor; 1 is no adaptation")
        check_range(self.adaptation_time, "adaptation_time", 1e-6, math.inf, "It is in seconds")
        check_range(self.bias, "bias", -math.inf, math.inf)
        check_range(self.lapse, "lapse", 0.0, 1.0, "It is a fraction of trials")
        for name, value in vars(self).items():
            if jnp.ndim(value) > 0:
                raise ValueError(
                    f"{name} has shape {jnp.shape(value)}; expected one number. Simulate several "
                    "subjects one by one and put them together with join_subjects."
                )


class Evidence(NamedTuple):
    """Effect of each bin on the accumulator of each trial: a ← keep · a + mean + normal · sqrt(variance).

    `mean` and `variance` (bin, trial); `moving` False where nothing can change, as after the stimulus; `keep`
    the same for all.
    """

    mean: Float[Array, "bin trial"]
    variance: Float[Array, "bin trial"]
    moving: Bool[Array, "bin trial"]
    keep: Float[Array, ""]


def evidence_of_clicks(
    accumulator: BoundedAccumulator,
    left: Float[Array | np.ndarray, "bin trial"],
    right: Float[Array | np.ndarray, "bin trial"],
    n_bins: Int[Array | np.ndarray, " trial"],
    bin_width: float,
) -> Evidence:
    """The evidence in each bin of stimuli of `n_bins` bins, given the clicks in each."""
    log_factor = jnp.log(jnp.maximum(accumulator.adaptation, 1e-6))
    recovery = jnp.exp(-bin_width / accumulator.adaptation_time)

    def adapted(magnitude: Array, n: Array) -> tuple[Array, Array]:
        return 1 - (1 - magnitude * jnp.exp(n * log_factor)) * recovery, magnitude

    left, right, n_bins = jnp.asarray(left), jnp.asarray(right), jnp.asarray(n_bins)
    clicks = left + right
    _, magnitude = jax.lax.scan(adapted, jnp.ones(left.shape[1]), clicks)
    summed = magnitude * _geometric_sum(clicks, log_factor)
    mean = jnp.where(clicks > 0, (right - left) / jnp.maximum(clicks, 1.0) * summed, 0.0)
    variance = accumulator.click_variance * magnitude**2 * _geometric_sum(clicks, 2 * log_factor)

    decay = accumulator.leak * bin_width
    # the variance of an Ornstein-Uhlenbeck process after one bin
    diffused = accumulator.diffusion_variance * bin_width * _relative_growth(-2 * decay)
    during = jnp.arange(left.shape[0])[:, None] < n_bins[None]
    return Evidence(
        mean=jnp.where(during, mean, 0.0),
        variance=jnp.where(during, variance + diffused, 0.0),
        moving=during & ((clicks > 0) | (accumulator.diffusion_variance > 0) | (accumulator.leak != 0)),
        keep=jnp.exp(-jnp.asarray(decay)),
    )


def accumulated(
    accumulator: BoundedAccumulator,
    evidence: Evidence,
    start: Float[Array, " trial"],
    noise: Float[Array, "bin trial"],
) -> Float[Array, "bin trial"]:
    """The accumulator after each bin, given standard normal numbers for its start and its noise."""

    def one_bin(a: Array, of_bin: tuple[Array, ...]) -> tuple[Array, Array]:
        mean, variance, moving, normal = of_bin
        moved = evidence.keep * a + mean + jnp.sqrt(variance) * normal
        free = moving & (jnp.abs(a) < accumulator.bound)
        a = jnp.where(free, jnp.clip(moved, -accumulator.bound, accumulator.bound), a)
        return a, a

    start = jnp.clip(jnp.sqrt(accumulator.initial_variance) * start, -accumulator.bound, accumulator.bound)
    return jax.lax.scan(one_bin, start, (evidence.mean, evidence.variance, evidence.moving, noise))[1]


def _geometric_sum(n: Float[Array, "bin trial"], log_factor: Any) -> Float[Array, "bin trial"]:
    """1 + f + f² + ... of n terms."""
    flat = jnp.abs(log_factor) < 1e-5
    safe = jnp.where(flat, 1.0, log_factor)
    return jnp.where(flat, n, jnp.expm1(n * safe) / jnp.expm1(safe))


def _relative_growth(x: Any) -> Float[Array, ""]:
    """(exp(x) - 1) / x, 1 at 0."""
    flat = jnp.abs(jnp.asarray(x)) < 1e-5
    safe = jnp.where(flat, 1.0, x)
    return jnp.where(flat, 1.0, jnp.expm1(safe) / safe)
