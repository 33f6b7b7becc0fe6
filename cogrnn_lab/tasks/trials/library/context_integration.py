"""Follow the motion or the color of the dots, as the context says."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import chance, one_of, pick
from cogrnn_lab.tasks.trials.library.coding import one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Levels, check_fits, check_levels, levels
from cogrnn_lab.tasks.trials.task import Task, time_field
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class ContextIntegration(Task):
    """Context-dependent integration of evidence (Mante, Sussillo, Shenoy and Newsome 2013).

    Two inputs carry signed noisy evidence, motion and color; two others say throughout the trial which of
    them is relevant. In the decision period the output has to be 1 or -1, the sign of the relevant evidence.

    - `motion_coherences`, `color_coherences`: strengths of evidence; a trial has one of each, of either sign.
    - `onset`, `stimulus`, `delay`, `decision`: start of the evidence, its length, and the lengths of the
        delay and the decision period that follow (ms).
    - `input_noise`: white noise of the evidence, also without a stimulus, scaled by `white_noise_scale`.

    Parameters of a trial: motion_coherence and color_coherence with their signs, context (0: motion, 1:
    color), choice (1 where the relevant evidence is positive, else 0).
    """

    duration: float = time_field(1600.0)
    motion_coherences: Levels = levels(0.05, 0.15, 0.5)
    color_coherences: Levels = levels(0.05, 0.15, 0.5)
    onset: Parameter = parameter(250.0)
    stimulus: Parameter = parameter(750.0)
    delay: Parameter = parameter(300.0)
    decision: Parameter = parameter(300.0)
    input_noise: Parameter = parameter(0.05)

    input_names = ("motion", "color", "motion context", "color context")
    target_names = ("choice",)

    def __check_init__(self):
        check_levels(self.motion_coherences, "motion_coherences", 0.0, math.inf)
        check_levels(self.color_coherences, "color_coherences", 0.0, math.inf)
        for name in ("onset", "stimulus", "delay", "decision", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        total = self.onset + self.stimulus + self.delay + self.decision
        check_fits(total, self.duration, "onset, stimulus, delay and decision")

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 5, (self.n_steps, 2))
        signs = jnp.where(uniform[:2] < 0.5, -1.0, 1.0)
        strengths = jnp.stack(
            [one_of(uniform[2], self.motion_coherences), one_of(uniform[3], self.color_coherences)]
        )
        evidence, context = signs * strengths, pick(uniform[4], 2)
        sign = signs[context]

        end = self.onset + self.stimulus
        shown = during(self.times, self.onset, end)
        response = during(self.times, end + self.delay, end + self.delay + self.decision)
        noise = white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        cues = jnp.broadcast_to(one_hot(context, 2)[None], (self.n_steps, 2)).astype(jnp.float32)
        inputs = jnp.concatenate([shown[:, None] * evidence[None] + noise, cues], axis=1)
        parameters = {
            "motion_coherence": evidence[0],
            "color_coherence": evidence[1],
            "context": context,
            "choice": (sign > 0).astype(jnp.int32),
        }
        return Trial(inputs, jnp.where(response, sign, 0.0)[:, None], response, parameters)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 where the mean output has the sign of its target, 0 where not."""
        return decision_accuracy(outputs, batch)
