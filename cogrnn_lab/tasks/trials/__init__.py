"""Tasks that are made of trials, and how training gets trials from them.

Every task has `n_inputs`, `n_outputs`, `n_steps`, `input_names`, `target_names`, `kind` ("continuous" or
"categorical", with `n_classes`), `dt`, `tau`, `duration` (ms), `check()`, `batch(key, n_trials)`,
`dataset(n_trials, seed)`, `accuracy(outputs, batch)` (of each trial; NaN where no time counts, so its mean is
`nanmean`) and `choices(outputs, batch)`. A trainer calls `check()` once, which refuses a task that cannot be
trained on. Then it gets trials in one of two ways:

- From a compiled `Task` inside its compiled step: `task.batch(key, n_trials).trial_arrays()`, with the key of
  the step. `task.traced()` is the same task with its parameters as arrays: given as an argument (the array
  leaves traced, the rest static, as `eqx.partition(task.traced(), eqx.is_array)` or `eqx.filter_jit` do), it
  lets parameters change between steps without compilation.
- From a `NumpyTask` on the host: `source = task.source(seed)`, then
  `source.batches(n_batches, batch_size, start_step)` gives `TrialArrays` of NumPy arrays (batch, trial, ...)
  for the steps start_step, start_step + 1, ..., and makes the following ones meanwhile.
  `source.prefetch(n_batches, batch_size, start_step)` begins without waiting; `source.close()` ends it.

In both the batch of a step depends on the seed and the step alone, so that a run is the same however it is
cut into chunks, paused, saved and resumed.
"""

from cogrnn_lab.tasks.trials.decoding import decision_accuracy, decisions
from cogrnn_lab.tasks.trials.library.context_integration import ContextIntegration
from cogrnn_lab.tasks.trials.library.delayed_discrimination import DelayedDiscrimination
from cogrnn_lab.tasks.trials.library.delayed_match_to_sample import DelayedMatchToSample
from cogrnn_lab.tasks.trials.library.flip_flop import FlipFlop
from cogrnn_lab.tasks.trials.library.go_no_go import GoNoGo
from cogrnn_lab.tasks.trials.library.interval_reproduction import IntervalReproduction
from cogrnn_lab.tasks.trials.library.match_to_category import MatchToCategory
from cogrnn_lab.tasks.trials.library.multisensory_integration import MultisensoryIntegration
from cogrnn_lab.tasks.trials.library.perceptual_discrimination import PerceptualDiscrimination
from cogrnn_lab.tasks.trials.library.reward_biased_discrimination import RewardBiasedDiscrimination
from cogrnn_lab.tasks.trials.neurogym_adapter import neurogym_task
from cogrnn_lab.tasks.trials.numpy_task import NumpyTask
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.trial_batch import TaskBatch, Trial
from cogrnn_lab.tasks.trials.trial_source import TrialSource

__all__ = [
    "ContextIntegration",
    "DelayedDiscrimination",
    "DelayedMatchToSample",
    "FlipFlop",
    "GoNoGo",
    "IntervalReproduction",
    "MatchToCategory",
    "MultisensoryIntegration",
    "NumpyTask",
    "PerceptualDiscrimination",
    "RewardBiasedDiscrimination",
    "Task",
    "TaskBatch",
    "Trial",
    "TrialSource",
    "decision_accuracy",
    "decisions",
    "neurogym_task",
]
