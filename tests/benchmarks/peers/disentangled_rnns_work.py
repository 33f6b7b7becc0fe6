"""The work of the benchmarks, done by the disentangled_rnns package (run in its own environment).

Training is its own `rnn_utils.train_network`, halted between steps, with its defaults except
for what it reports.
"""

import copy
import itertools
import time

import haiku as hk
import jax
import numpy as np
from disentangled_rnns.library import (
    disrnn,
    multisubject_disrnn,
    neuro_disrnn,
    plotting,
    rnn_utils,
    two_armed_bandits,
)
from one_step_at_a_time import OneStepAtATime
from worker import serve

SILENT = {"report_progress_by": "none"}


def random_choices(n_sessions: int, n_trials: int, n_subjects: int = 0, n_signals: int = 0):
    """Inputs and targets (trial, session, feature) that are right in shape and range."""
    rng = np.random.default_rng(0)
    xs = rng.integers(0, 2, (n_trials, n_sessions, 2)).astype(np.float32)
    if n_subjects:
        subject = np.broadcast_to(np.arange(n_sessions) % n_subjects, (n_trials, n_sessions))
        xs = np.concatenate([subject[..., None].astype(np.float32), xs], axis=2)
    ys = rng.integers(0, 2, (n_trials, n_sessions, 1))
    if n_signals:
        ys = np.concatenate([ys, rng.normal(size=(n_trials, n_sessions, n_signals))], axis=2)
    return xs, ys


def dataset_of(xs, ys, batch: int):
    """Its data set of choices; where there are signals, choices and numbers."""
    if ys.shape[2] == 1:
        return rnn_utils.DatasetRNNCategorical(xs=xs, ys=ys, n_classes=2, batch_size=batch)
    return rnn_utils.DatasetRNNMixed(xs=xs, ys=ys, n_classes=2, batch_size=batch)


def training_steps(make_network, dataset, loss: str, steps: int):
    """`steps` of its training a time, each on sessions that it samples."""

    def train(batches):
        batches.batch_mode = dataset.batch_mode
        # It waits for the loss on every step that it logs; between those, nothing is waited for.
        rnn_utils.train_network(
            make_network, batches, None, n_steps=10**9, loss=loss, log_losses_every=steps, **SILENT
        )

    # It draws a batch for its shape, and one that it doesn't use.
    training = OneStepAtATime(train, iter(dataset), ahead=2)
    training.take()
    return lambda: training.take(steps)


def sizes_of(n_latents: int, width: int, depth: int, latent_penalty: float = 1e-2) -> dict:
    return {
        "obs_size": 2,
        "output_size": 2,
        "latent_size": n_latents,
        "update_net_n_units_per_layer": width,
        "update_net_n_layers": depth,
        "choice_net_n_units_per_layer": 4,
        "choice_net_n_layers": 2,
        "latent_penalty": latent_penalty,
        "choice_net_latent_penalty": 1e-3,
        "update_net_obs_penalty": 1e-3,
        "update_net_latent_penalty": 1e-3,
        "l2_scale": 1e-5,
    }


def disrnn_maker(latents: int = 5, width: int = 8, depth: int = 4, latent_penalty: float = 1e-2):
    config = disrnn.DisRnnConfig(**sizes_of(latents, width, depth, latent_penalty))
    return lambda: disrnn.HkDisentangledRNN(config)


def disrnn_step(batch: int, sessions: int, steps: int, trials: int = 200, **network):
    dataset = dataset_of(*random_choices(sessions, trials), batch)
    return training_steps(disrnn_maker(**network), dataset, "penalized_categorical", steps)


def multisubject_step(
    batch: int, sessions: int, steps: int, trials: int = 200, subjects: int = 10, embedding: int = 3
):
    config = multisubject_disrnn.MultisubjectDisRnnConfig(
        **sizes_of(5, 8, 4),
        max_n_subjects=subjects,
        subject_embedding_size=embedding,
        subj_penalty=1e-3,
        update_net_subj_penalty=1e-3,
        choice_net_subj_penalty=1e-3,
    )
    dataset = dataset_of(*random_choices(sessions, trials, n_subjects=subjects), batch)
    return training_steps(
        lambda: multisubject_disrnn.MultisubjectDisRnn(config), dataset, "penalized_categorical", steps
    )


def neuro_step(batch: int, sessions: int, steps: int, trials: int = 200):
    config = neuro_disrnn.DisRnnWNeuralActivityConfig(
        **sizes_of(5, 8, 4),
        neural_activity_net_n_units_per_layer=8,
        neural_activity_net_n_layers=2,
        neural_activity_net_latent_penalty=1e-3,
    )
    dataset = dataset_of(*random_choices(sessions, trials, n_signals=1), batch)
    return training_steps(
        lambda: neuro_disrnn.HkNeuroDisentangledRNN(config), dataset, "penalized_hybrid", steps
    )


def gru_step(batch: int, sessions: int, steps: int, trials: int = 200, hidden: int = 16):
    def make_network():
        return hk.DeepRNN([hk.GRU(hidden), hk.Linear(2)])

    dataset = dataset_of(*random_choices(sessions, trials), batch)
    return training_steps(make_network, dataset, "categorical", steps)


def first_loss(batch: int, sessions: int, trials: int):
    """Its first step in this process, on data that are there already: trace, compile, step."""
    dataset = dataset_of(*random_choices(sessions, trials), batch)

    def once():
        began = time.perf_counter()
        rnn_utils.train_network(
            disrnn_maker(), dataset, None, n_steps=1, loss="penalized_categorical", **SILENT
        )
        return {"first loss": time.perf_counter() - began}

    return once


def slider(batch: int, sessions: int, trials: int):
    """Another penalty and one more step with it: it belongs to the network, which is then compiled again."""
    dataset = dataset_of(*random_choices(sessions, trials), batch)
    penalties = itertools.count(1)
    trained = {}

    def once():
        params, optimizer, _ = rnn_utils.train_network(
            disrnn_maker(latent_penalty=1e-4 * next(penalties)),
            dataset,
            None,
            params=trained.get("params"),
            opt_state=trained.get("optimizer"),
            n_steps=1,
            loss="penalized_categorical",
            **SILENT,
        )
        trained.update(params=params, optimizer=optimizer)

    return once


def simulate(sessions: int, trials: int = 200):
    def once():
        np.random.seed(0)  # noqa: NPY002
        agent = two_armed_bandits.AgentQ(alpha=0.3, beta=3.0)
        environment = two_armed_bandits.EnvironmentBanditsDrift(sigma=0.1)
        two_armed_bandits.create_dataset(agent, environment, trials, sessions)

    return once


def untrained(make_network, latents: int = 5):
    """Parameters of a network before training: all channels are open."""

    def unroll(xs):
        core = make_network()
        return hk.dynamic_unroll(core, xs, core.initial_state(xs.shape[1]))[0]

    return rnn_utils.to_np(hk.transform(unroll).init(jax.random.PRNGKey(0), random_choices(2, 3)[0]))


def rules(latents: int = 5):
    """Update rules and choice rule of a network of this size with all channels open."""
    config = disrnn.DisRnnConfig(**sizes_of(latents, 8, 4))
    params = untrained(lambda: disrnn.HkDisentangledRNN(config))

    def once():
        plotting.compute_update_rules(params, copy.deepcopy(config))
        plotting.compute_choice_rule(params, copy.deepcopy(config))

    return once


def evaluation(sessions: int, trials: int):
    """Outputs and states of a noiseless network, and the normalized likelihood of the choices."""
    config = disrnn.DisRnnConfig(**sizes_of(5, 8, 4))
    params = untrained(lambda: disrnn.HkDisentangledRNN(config))
    noiseless = copy.deepcopy(config)
    noiseless.noiseless_mode = True
    xs, ys = random_choices(sessions, trials)

    def once():
        outputs, _ = rnn_utils.eval_network(lambda: disrnn.HkDisentangledRNN(noiseless), params, xs)
        return float(rnn_utils.normalized_likelihood(ys, outputs[..., :2]))

    return once


if __name__ == "__main__":
    works = (
        *(disrnn_step, multisubject_step, neuro_step, gru_step),
        *(first_loss, slider, simulate, rules, evaluation),
    )
    serve({work.__name__: work for work in works})
