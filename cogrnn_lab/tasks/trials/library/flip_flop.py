"""Remember the sign of the last pulse on each input."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.library.chance import normal_noise, uniform_noise
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class FlipFlop(Task):
    """Memory of several bits; three by default.

    Each input is 0 except for pulses of 1 or -1 at random times. Each output must be the sign of the last
    pulse on its input. It counts from the first pulse on, except just after the start of a pulse.

    Parameters of a trial: n_pulses, over all inputs.

    Arguments:
        n_bits: Number of inputs and outputs.
        pulse_rate: Pulses per second on each input (a Poisson process).
        pulse_duration: Length of a pulse (ms); a later pulse ends it.
        settling: Time after the start of a pulse that does not count (ms).
        input_noise: Standard deviation of the white noise of the inputs, scaled by `white_noise_scale`.
        dt, tau, duration: Time step, time constant of the network, and length of a trial (ms).

    Source:
        Sussillo and Barak, Neural Computation 2013.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.FlipFlop(2, duration=500.0).batch(jax.random.key(0), 4).inputs.shape
        (4, 50, 2)
    """

    n_bits: int = eqx.field(static=True, default=3)
    pulse_rate: Parameter = parameter(2.0)
    pulse_duration: Parameter = parameter(50.0)
    settling: Parameter = parameter(50.0)
    input_noise: Parameter = parameter(0.0)

    def __check_init__(self):
        checked_count(self.n_bits, "n_bits")
        check_range(self.pulse_rate, "pulse_rate", 0.0, 1000.0 / self.dt, "It is pulses per second")
        check_range(self.pulse_duration, "pulse_duration", self.dt, self.duration, "It is in ms")
        check_range(self.settling, "settling", 0.0, self.duration, "It is in ms")
        check_range(self.input_noise, "input_noise", 0.0, math.inf)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The pulses of each bit."""
        return tuple(f"pulses {i + 1}" for i in range(self.n_bits))

    @property
    def target_names(self) -> tuple[str, ...]:
        """The bits."""
        return tuple(f"bit {i + 1}" for i in range(self.n_bits))

    def trial(self, key: Key[Array, ""]) -> Trial:
        """Make one trial."""
        start_key, sign_key, noise_key = jax.random.split(key, 3)
        shape = (self.n_steps, self.n_bits)
        starts = uniform_noise(start_key, *shape) < self.pulse_rate * self.dt / 1000.0
        signs = jnp.where(uniform_noise(sign_key, *shape) < 0.5, -1.0, 1.0)

        step = jnp.arange(self.n_steps)[:, None]
        last = jax.lax.cummax(jnp.where(starts, step, -1), axis=0)
        begun = last >= 0
        bits = jnp.where(begun, jnp.take_along_axis(signs, jnp.maximum(last, 0), axis=0), 0.0)
        since = (step - last) * self.dt
        noise = white_noise_scale(self.input_noise, self.dt, self.tau) * normal_noise(noise_key, *shape)
        pulses = jnp.where(since < self.pulse_duration, bits, 0.0)
        return Trial(pulses + noise, bits, begun & (since >= self.settling), {"n_pulses": starts.sum()})

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Score the fraction of counted times and bits at which the output has its target's sign."""
        mask = jnp.asarray(batch.mask)
        right = (jnp.sign(jnp.asarray(outputs)) == jnp.asarray(batch.targets)) & mask
        return right.sum((1, 2)) / jnp.where(mask.any((1, 2)), mask.sum((1, 2)), jnp.nan)
