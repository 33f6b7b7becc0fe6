"""The work of the benchmarks, done by PsychRNN (run in its own environment).

Training is its own `train`, halted between steps.
"""

import tensorflow as tf
from one_step_at_a_time import OneStepAtATime
from psychrnn.backend.models.basic import Basic
from psychrnn.tasks.perceptual_discrimination import PerceptualDiscrimination
from worker import serve


def constrained_step(
    batch: int,
    steps: int,
    units: int = 50,
    duration: float = 2000.0,
    dale_ratio: float = 0.8,
    noise: float = 0.01,
):
    """Training steps of a network with Dale's law, each on a new batch of its task."""
    task = PerceptualDiscrimination(dt=10, tau=100, T=duration, N_batch=batch)
    sizes = task.get_task_params() | {
        "name": "network",
        "N_rec": units,
        "rec_noise": noise,
        "dale_ratio": dale_ratio,
        "transfer_function": tf.nn.relu,
    }

    def train(batches):
        network = Basic(sizes)  # here: TensorFlow keeps a graph for each thread
        settings = {"training_iters": 10**12, "loss_epoch": 10**12, "verbosity": False}
        network.train((made for made in batches), settings)

    # It draws a batch for its size.
    training = OneStepAtATime(train, task.batch_generator(), ahead=1)
    training.take()
    return lambda: training.take(steps)


def task_batch(batch: int, duration: float = 2000.0):
    """A batch of trials of perceptual discrimination."""
    batches = PerceptualDiscrimination(dt=10, tau=100, T=duration, N_batch=batch).batch_generator()
    return lambda: len(next(batches)[0])


if __name__ == "__main__":
    serve({"constrained_step": constrained_step, "task_batch": task_batch})
