"""The work of the benchmarks, done by this package through its public API (a process of its own)."""

import itertools
import time
from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from worker import serve

import cogrnn_lab as cl

COMPILED = "/jax/core/compile/backend_compile_duration"
TRACED = "/jax/core/compile/jaxpr_trace_duration"


class CompilationCount:
    """How often JAX traced and compiled, and for how many seconds, since it was made."""

    def __init__(self):
        self.times, self.seconds = Counter(), Counter()
        jax.monitoring.register_event_duration_secs_listener(self._note)

    def _note(self, event: str, duration: float, **_: Any) -> None:
        self.times[event] += 1
        self.seconds[event] += duration


def random_choices(n_sessions: int, n_trials: int, n_subjects: int = 0, n_signals: int = 0) -> cl.Dataset:
    """Sessions that are right in shape and range."""
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, 2, (n_sessions, n_trials, 2)).astype(np.float32)
    targets = rng.integers(0, 2, (n_sessions, n_trials, 1)).astype(np.float32)
    if n_signals:
        targets = np.concatenate([targets, rng.normal(size=(n_sessions, n_trials, n_signals))], axis=2)
    return cl.Dataset(
        inputs,
        targets,
        subject=np.arange(n_sessions) % n_subjects if n_subjects else None,
        kind="mixed" if n_signals else "categorical",
        n_classes=2,
    )


def training_steps(
    model: Any, data: cl.Dataset | cl.Task, batch: int, steps: int, groups: tuple[str, ...] = ()
):
    """`steps` of training a time, each on sessions that it samples, or trials that it makes."""
    trainer = cl.Trainer(model, data, batch_size=batch, learning_rate=1e-3)
    trainer.penalties = cl.Penalties.uniform(groups, 1e-3, l2=1e-5)
    return lambda: trainer.advance(steps, evaluate=False).loss


def disrnn(latents: int = 5, width: int = 8, depth: int = 4) -> cl.DisRNN:
    return cl.DisRNN(2, 2, latents, update_width=width, update_depth=depth, key=jax.random.key(0))


def disrnn_step(batch: int, sessions: int, steps: int, trials: int = 200, **network: int):
    model = disrnn(**network)
    return training_steps(model, random_choices(sessions, trials), batch, steps, model.groups)


def multisubject_step(
    batch: int, sessions: int, steps: int, trials: int = 200, subjects: int = 10, embedding: int = 3
):
    model = cl.MultisubjectDisRNN(2, 2, n_subjects=subjects, embedding_size=embedding, key=jax.random.key(0))
    data = random_choices(sessions, trials, n_subjects=subjects)
    return training_steps(model, data, batch, steps, model.groups)


def neuro_step(batch: int, sessions: int, steps: int, trials: int = 200):
    model = cl.NeuroDisRNN(2, 2, key=jax.random.key(0))
    data = random_choices(sessions, trials, n_signals=1)
    return training_steps(model, data, batch, steps, model.groups)


def gru_step(batch: int, sessions: int, steps: int, trials: int = 200, hidden: int = 16):
    model = cl.GRU(2, 2, hidden, key=jax.random.key(0))
    return training_steps(model, random_choices(sessions, trials), batch, steps)


def ragged_step(batch: int, shortest: int, longest: int, sessions: int, steps: int):
    """Sessions of very different length, each as many times longer than the one before."""
    rng = np.random.default_rng(1)
    lengths = np.round(np.geomspace(shortest, longest, sessions)).astype(int)
    rng.shuffle(lengths)
    choices = random_choices(sessions, longest)
    valid = np.arange(longest)[None] < lengths[:, None]
    model = disrnn()
    data = cl.Dataset(choices.inputs, choices.targets, valid=valid, kind="categorical", n_classes=2)
    return training_steps(model, data, batch, steps, model.groups)


def replicates_step(replicates: int, batch: int, sessions: int, steps: int, trials: int = 200):
    """Steps of several runs with seeds of their own, taken together."""
    models = [cl.DisRNN(2, 2, key=jax.random.key(seed)) for seed in range(replicates)]
    together = cl.Replicates(models, random_choices(sessions, trials), batch_size=batch, learning_rate=1e-3)
    together.begin([cl.Phase(steps, cl.Penalties.uniform(models[0].groups, 1e-3, l2=1e-5))] * replicates)
    return lambda: together.advance(steps, evaluate=False)[0].loss


def constrained_step(
    batch: int,
    steps: int,
    units: int = 50,
    duration: float = 2000.0,
    dale_ratio: float = 0.8,
    noise: float = 0.01,
):
    """Training steps of a network with Dale's law, each on a new batch of its task."""
    task = cl.PerceptualDiscrimination(dt=10.0, tau=100.0, duration=duration)
    model = cl.ConstrainedRNN(
        2, 2, units, dale_ratio=dale_ratio, recurrent_noise=noise, key=jax.random.key(0)
    )
    return training_steps(model, task, batch, steps)


def task_batch(batch: int, duration: float = 2000.0):
    """A batch of trials of perceptual discrimination."""
    task = cl.PerceptualDiscrimination(dt=10.0, tau=100.0, duration=duration)
    numbers = itertools.count()

    def once():
        made = task.batch(jax.random.key(next(numbers)), batch)
        return len(jax.block_until_ready(made).inputs)

    return once


def simulate(sessions: int, trials: int = 200):
    seeds = itertools.count()

    def once():
        environment = cl.DriftingBandit(drift=0.1)
        data = cl.simulate(
            cl.QLearning(0.3, 3.0), environment, n_sessions=sessions, n_trials=trials, seed=next(seeds)
        )
        return data.n_sessions

    return once


def rules(latents: int = 5):
    """Update rules and choice rule of a network of this size with all channels open."""
    model = disrnn(latents)

    def once():
        cl.update_rules(model)
        cl.choice_rule(model)

    return once


def evaluation(sessions: int, trials: int):
    """The normalized likelihood of choices under a network."""
    model, data = disrnn(), random_choices(sessions, trials)
    return lambda: float(cl.evaluate(model, data).normalized_likelihood)


def classical_fit(subjects: int, sessions: int, trials: int):
    """Q-learning fitted to each of many subjects by maximum likelihood, with the default number of starts."""
    rates = np.linspace(0.1, 0.6, subjects)
    players = cl.QLearning(learning_rate=rates, inverse_temperature=np.linspace(2.0, 5.0, subjects))
    data = cl.simulate(players, cl.DriftingBandit(), n_sessions=sessions, n_trials=trials, seed=0)
    seeds = itertools.count()
    return lambda: len(cl.fit_agent(cl.QLearning, data, seed=next(seeds)).groups)


def first_loss():
    """The lab with its own settings: from making it, and pressing Train at once, to the first loss."""
    began_importing = time.perf_counter()
    from cogrnn_lab.lab import Lab

    importing = time.perf_counter() - began_importing

    def once():
        began = time.perf_counter()
        lab = Lab()
        pressed = time.perf_counter()
        lab.train()
        _wait(lambda: lab.trainer is not None and lab.trainer.history)
        seen = time.perf_counter()
        lab.pause()
        lab.wait()
        lab.close()
        return {"first loss": seen - began, "click": seen - pressed, "import": importing}

    return once


def compilation(batch: int, sessions: int, trials: int):
    """What the first training step of a process takes and compiles."""
    model, data = disrnn(), random_choices(sessions, trials)

    def once():
        count, began = CompilationCount(), time.perf_counter()
        cl.Trainer(model, data, batch_size=batch).advance(1, evaluate=False)
        return {
            "first loss": time.perf_counter() - began,
            "compilations": count.times[COMPILED],
            "compiling": count.seconds[COMPILED],
            "tracing": count.seconds[TRACED],
        }

    return once


def slider():
    """From moving a penalty of the lab while it trains to the end of the first chunk with it.

    Tells how often anything was traced or compiled since the first move.
    """
    from cogrnn_lab.lab import Lab

    lab = Lab()
    lab.state.training.warmup_steps, lab.state.training.steps = 0, 10_000_000
    lab.reset()
    lab.train()
    _wait(lambda: lab.trainer is not None and lab.trainer.step_count > 200)
    time.sleep(5.0)  # until every figure was drawn once
    count = CompilationCount()
    weights = (1e-3 * (1 + n) for n in itertools.count(1))

    def once():
        weight = next(weights)
        lab.state.penalties.latent = weight
        _wait(lambda: lab.trainer.history[-1].penalties.latent == weight)
        return {"traced": count.times[TRACED], "compiled": count.times[COMPILED]}

    return once


def _wait(condition) -> None:
    end = time.monotonic() + 300.0
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the lab did not get there in five minutes")
        time.sleep(0.001)


def matrix_product(size: int):
    """One product of two square matrices of single precision: 2 · size³ operations."""
    matrix = jnp.asarray(np.random.default_rng(0).normal(size=(size, size)).astype(np.float32))
    multiply = jax.jit(jnp.matmul)
    return lambda: jax.block_until_ready(multiply(matrix, matrix)) is None


def normal_draws(count: int):
    """So many standard normal draws of the kind that the bottlenecks' noise is, summed up on the way."""
    from cogrnn_lab.random_numbers import FEW_ROUNDS, standard_normals

    draw = jax.jit(lambda key: standard_normals(key, {"draws": (count,)}, FEW_ROUNDS)["draws"])
    keys = (jax.random.key(seed) for seed in itertools.count())
    return lambda: jax.block_until_ready(draw(next(keys))) is None


if __name__ == "__main__":
    cl.use_cpu_devices()  # as the lab and `cogrnn-lab fit` do
    works = (
        *(disrnn_step, multisubject_step, neuro_step, gru_step, ragged_step, constrained_step, task_batch),
        replicates_step,
        *(simulate, rules, evaluation, classical_fit, first_loss, compilation, slider),
        *(matrix_product, normal_draws),
    )
    serve({work.__name__: work for work in works})
