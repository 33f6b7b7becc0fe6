"""Training step of the constrained network, making its batch included."""

from ..bench import Bench
from ..command import run_row
from ..lines import Line, compared
from ..peer_environments import PSYCHRNN


def measure(bench: Bench) -> list[Line]:
    """Also making the batch alone; the step comes last."""
    batch = bench.compare("task_batch", PSYCHRNN, batch=128)
    step = bench.compare("constrained_step", PSYCHRNN, batch=128, steps=5)
    size = "batch 128 of perceptual discrimination, 200 time steps"
    return [
        compared(f"making a {size}", batch, remark=PSYCHRNN.name),
        compared(
            "constrained RNN training step, 50 units, Dale, making the batch included",
            step,
            target="10× / 20×",
            remark=PSYCHRNN.name,
        ),
    ]


if __name__ == "__main__":
    run_row(measure)
