"""Ready, set, go: produce the interval that was shown."""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.library.chance import between, chance, pick
from cogrnn_lab.tasks.trials.library.coding import one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Range, check_fits, check_time_range, time_range
from cogrnn_lab.tasks.trials.task import Task, time_field
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


def _as_priors(priors: Numbers) -> tuple[tuple[float, float], ...]:
    pairs = np.asarray(priors, float)
    if pairs.size and (pairs.ndim != 2 or pairs.shape[1] != 2):
        raise ValueError(f"priors have the shape {pairs.shape}; expected pairs (shortest, longest) in ms.")
    return tuple((shortest, longest) for shortest, longest in pairs.reshape(-1, 2).tolist())


class IntervalReproduction(Task):
    """Ready-set-go: reproduce an interval.

    Two pulses, ready and set, show an interval; the response must come as long after set. The target is a
    straight ramp, 0 at set and 1 when the interval is over; the response is made when the output reaches 1.
    The target counts from set until a little after that. Where there are several priors, an input of its own
    tells each.

    Parameters of a trial: prior (from 0), interval, ready_time, set_time (ms).

    Arguments:
        priors: Shortest and longest interval of each prior (ms); by default the three of the paper.
        n_intervals: Number of intervals in a prior, evenly spaced.
        ready: Range of the time of the first pulse (ms).
        pulse: Length of a pulse (ms).
        overshoot: Time for which the ramp goes on above 1 and counts (ms).
        tolerance: Largest error of a correct response, as a fraction of the interval.
        input_noise: Standard deviation of the white noise of the inputs, scaled by `white_noise_scale`.
        dt, tau, duration: Time step, time constant of the network, and length of a trial (ms).

    Source:
        Jazayeri and Shadlen 2010; the ramp after Sohn et al. 2019.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.IntervalReproduction(dt=20.0).batch(jax.random.key(0), 4).inputs.shape
        (4, 150, 5)
    """

    duration: float = time_field(3000.0)
    priors: tuple[tuple[float, float], ...] = eqx.field(
        static=True, converter=_as_priors, default=((494.0, 847.0), (671.0, 1023.0), (847.0, 1200.0))
    )
    n_intervals: int = eqx.field(static=True, default=11)
    ready: Range = time_range(200.0, 400.0)
    pulse: Parameter = parameter(50.0)
    overshoot: Parameter = parameter(100.0)
    tolerance: Parameter = parameter(0.2)
    input_noise: Parameter = parameter(0.01)

    target_names = ("ramp",)

    def __check_init__(self):
        if not self.priors:
            raise ValueError("priors has 0 priors; expected 1 or more pairs (shortest, longest) in ms.")
        checked_count(self.n_intervals, "n_intervals")
        for prior in self.priors:
            check_time_range(prior, "priors", 2 * self.dt, self.duration)
        check_time_range(self.ready, "ready", 0.0, self.duration)
        for name in ("pulse", "overshoot", "tolerance", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        total = self.ready[1] + 2 * max(longest for _, longest in self.priors) + self.overshoot
        check_fits(total, self.duration, "the latest ready, twice the longest interval and overshoot")

    @property
    def input_names(self) -> tuple[str, ...]:
        """The pulses, and the priors where there are several."""
        n_cues = len(self.priors) if len(self.priors) > 1 else 0
        return ("ready", "set", *(f"prior {i + 1}" for i in range(n_cues)))

    @property
    def intervals(self) -> Float[np.ndarray, "prior interval"]:
        """The intervals of each prior (ms)."""
        return np.stack([np.linspace(*prior, self.n_intervals) for prior in self.priors])

    def trial(self, key: Key[Array, ""]) -> Trial:
        """Make one trial."""
        uniform, noise = chance(key, 3, (self.n_steps, self.n_inputs))
        prior, index = pick(uniform[0], len(self.priors)), pick(uniform[1], self.n_intervals)
        interval = jnp.asarray(self.intervals, jnp.float32)[prior, index]
        ready = between(uniform[2], *self.ready)
        set_time = ready + interval

        pulses = jnp.stack([during(self.times, t, t + self.pulse) for t in (ready, set_time)], axis=1)
        cues = jnp.broadcast_to(one_hot(prior, len(self.priors))[None], (self.n_steps, len(self.priors)))
        shown = jnp.concatenate([pulses, cues[:, : self.n_inputs - 2]], axis=1)
        inputs = shown + white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        counts = during(self.times, set_time, set_time + interval + self.overshoot)
        ramp = jnp.where(counts, (self.times - set_time) / interval, 0.0)
        parameters = {"prior": prior, "interval": interval, "ready_time": ready, "set_time": set_time}
        return Trial(inputs, ramp[:, None], counts, parameters)

    def produced_interval(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Measure the time from set until the output reaches 1, interpolated between steps.

        Arguments:
            outputs: Outputs of a network, (trial, time, 1).
            batch: The trials that the network was given.

        Returns:
            Intervals (ms), (trial,); NaN where 1 is never reached.
        """
        set_time = jnp.asarray(batch.parameters["set_time"])
        after = jnp.asarray(self.times)[None] >= set_time[:, None]
        output = jnp.asarray(outputs)[..., 0]
        reached = after & (output >= 1.0)
        step = jnp.argmax(reached, axis=1)
        at = jnp.take_along_axis(output, step[:, None], axis=1)[:, 0]
        before = jnp.take_along_axis(output, jnp.maximum(step - 1, 0)[:, None], axis=1)[:, 0]
        back = jnp.clip((at - 1.0) / jnp.maximum(at - before, 1e-6), 0.0, 1.0)
        produced = (step - back) * self.dt - set_time
        return jnp.where(reached.any(1), produced, jnp.nan)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Score 1 where the produced interval is within the tolerance, 0 where it is not or there is none."""
        interval = jnp.asarray(batch.parameters["interval"])
        error = jnp.abs(self.produced_interval(outputs, batch) - interval)
        return (error <= self.tolerance * interval).astype(jnp.float32)
