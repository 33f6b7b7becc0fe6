"""Was the first of two vibrations faster? The parametric working memory task."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import between, chance, level, pick
from cogrnn_lab.tasks.trials.library.coding import coded_choice
from cogrnn_lab.tasks.trials.library.stimulus_noise import psychrnn_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import (
    Levels,
    Range,
    check_levels,
    check_time_range,
    levels,
    share,
    time_range,
)
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial

LOWEST_INPUT, HIGHEST_INPUT = 0.4, 1.2


class DelayedDiscrimination(Task):
    """Two frequencies with a delay between them (Romo et al. 1999) as PsychRNN has it.

    The first input grows with the frequency, from 0.4 at the lowest to 1.2 at the highest; the second falls
    in the same way. After the second stimulus the first output has to be high if the first frequency was the
    higher one, otherwise the second output.

    - `lower`, `higher`: the pairs of frequencies (Hz), presented in either order.
    - `stim_noise`: noise of the inputs at every time, scaled by `psychrnn_noise_scale`.
    - `onset`, `first_stimulus`, `delay`, `second_stimulus`, `decision`: ranges of the lengths of the five
        periods (ms). None: 0 to 1/8, 1/4, 1/4, 1/4, 1/8 of the duration. A decision period between two steps
        counts nowhere.
    - `high`, `low`: targets of the correct and the other output.

    Parameters of a trial: stimulus_1, delay, stimulus_2, decision, end (starts of the periods, ms), f1, f2
    (Hz), choice (0 where f1 > f2, else 1), stim_noise.
    """

    lower: Levels = levels(10.0, 14.0, 18.0, 22.0, 26.0)
    higher: Levels = levels(18.0, 22.0, 26.0, 30.0, 34.0)
    stim_noise: Parameter = parameter(0.1)
    onset: Range | None = time_range()
    first_stimulus: Range | None = time_range()
    delay: Range | None = time_range()
    second_stimulus: Range | None = time_range()
    decision: Range | None = time_range()
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.2)

    input_names = ("frequency", "frequency reversed")
    target_names = ("first higher", "second higher")

    def __check_init__(self):
        check_levels(self.lower, "lower", 0.0, math.inf)
        check_levels(self.higher, "higher", 0.0, math.inf)
        if len(self.lower) != len(self.higher):
            raise ValueError(
                f"lower has {len(self.lower)} frequencies and higher {len(self.higher)}; expected pairs."
            )
        check_range(self.stim_noise, "stim_noise", 0.0, math.inf)
        for name in ("onset", "first_stimulus", "delay", "second_stimulus", "decision"):
            check_time_range(getattr(self, name), name, 0.0, self.duration)

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 7, (self.n_steps, 2))
        pair, choice = pick(uniform[0], len(self.lower)), pick(uniform[1], 2)
        below, above = level(self.lower, pair), level(self.higher, pair)
        f1, f2 = jnp.where(choice == 0, above, below), jnp.where(choice == 0, below, above)
        lengths = [between(u, *bounds) for u, bounds in zip(uniform[2:], self._periods(), strict=True)]
        starts = jnp.cumsum(jnp.stack(lengths))

        times = self.times
        first, second, response = (during(times, starts[i], starts[i + 1]) for i in (0, 2, 3))
        scale = psychrnn_noise_scale(self.stim_noise, self.dt)
        shown = jnp.where(first[:, None], self._inputs(f1)[None], 0.0)
        shown = jnp.where(second[:, None], self._inputs(f2)[None], shown)
        names = ("stimulus_1", "delay", "stimulus_2", "decision", "end")
        parameters = {
            **{name: starts[i] for i, name in enumerate(names)},
            "f1": f1,
            "f2": f2,
            "choice": choice,
            "stim_noise": jnp.asarray(self.stim_noise),
        }
        targets = coded_choice(choice, 2, response, self.high, self.low)
        return Trial(shown + scale * noise, targets, response, parameters)

    def _periods(self) -> list[Range]:
        given = (self.onset, self.first_stimulus, self.delay, self.second_stimulus, self.decision)
        longest = (1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8)
        return [r or share(self.duration, 0.0, part) for r, part in zip(given, longest, strict=True)]

    def _inputs(self, frequency: Float[Array, ""]) -> Float[Array, "2"]:
        known = jnp.stack([jnp.asarray(f, jnp.float32) for f in (*self.lower, *self.higher)])
        part = (frequency - known.min()) / (known.max() - known.min())
        rise = HIGHEST_INPUT - LOWEST_INPUT
        return jnp.stack([LOWEST_INPUT + rise * part, HIGHEST_INPUT - rise * part])

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 where the correct output is higher on average, 0 where not; NaN without a decision period."""
        return decision_accuracy(outputs, batch)
