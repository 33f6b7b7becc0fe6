"""All rows of the table, or some: `python -m tests.benchmarks --rows gru_step rules --repeats 5`."""

from .command import run_rows
from .rows import (
    classical_fit,
    compilation,
    constrained_step,
    disrnn_step,
    disrnn_step_1024,
    evaluation,
    first_loss,
    growth,
    gru_step,
    limit,
    memory,
    multisubject_step,
    neuro_step,
    ragged_step,
    replicates,
    rules,
    simulate,
    slider,
)

# In the order of the table.
MODULES = (
    *(disrnn_step, disrnn_step_1024, multisubject_step, neuro_step, gru_step, constrained_step, ragged_step),
    *(first_loss, compilation, slider, memory),
    *(simulate, rules, evaluation, classical_fit),
    *(limit, growth, replicates),
)

if __name__ == "__main__":
    run_rows({module.__name__.rpartition(".")[2]: module.measure for module in MODULES})
