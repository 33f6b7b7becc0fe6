"""The work of the benchmarks, done by the disentangled_rnns package (run in its own environment)."""

import copy

import jax
import numpy as np
import optax
from disentangled_rnns.library import disrnn, multisubject_disrnn, neuro_disrnn, rnn_utils
from worker import serve


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


def training_step(make_network, xs, ys, loss: str):
    """One compiled training step as `rnn_utils.train_network` makes it, on a fixed batch."""
    import haiku as hk

    def unroll(xs):
        core = make_network()
        return hk.dynamic_unroll(core, xs, core.initial_state(xs.shape[1]))[0]

    model = hk.transform(unroll)
    optimizer = optax.adam(1e-3)
    params = model.init(jax.random.PRNGKey(0), xs)
    state = {"params": params, "optimizer": optimizer.init(params), "key": jax.random.PRNGKey(1)}
    batch_xs, batch_ys = jax.numpy.asarray(xs), jax.numpy.asarray(ys)

    def penalized(params, key):
        outputs = model.apply(params, key, batch_xs)
        penalty = rnn_utils.compute_penalty(outputs) if loss.startswith("penalized") else 0.0
        if loss == "penalized_hybrid":
            fit = rnn_utils.avg_nll_and_log_mse(batch_ys, outputs, likelihood_weight=0.5)
        else:
            logits = outputs[..., :-1] if loss.startswith("penalized") else outputs
            nll, n = rnn_utils.categorical_neg_log_likelihood(batch_ys, logits)
            fit = nll / n
        return fit + penalty / rnn_utils.count_unmasked_samples(batch_ys)

    @jax.jit
    def step(params, optimizer_state, key):
        value, gradient = jax.value_and_grad(penalized)(params, key)
        updates, optimizer_state = optimizer.update(gradient, optimizer_state)
        clipped = jax.example_libraries.optimizers.clip_grads(updates, 1.0)
        return value, optax.apply_updates(params, clipped), optimizer_state

    def once():
        state["key"], key = jax.random.split(state["key"])
        value, state["params"], state["optimizer"] = step(state["params"], state["optimizer"], key)
        return float(value)

    return once


def sizes_of(n_latents: int, width: int, depth: int) -> dict:
    return {
        "obs_size": 2,
        "output_size": 2,
        "latent_size": n_latents,
        "update_net_n_units_per_layer": width,
        "update_net_n_layers": depth,
        "choice_net_n_units_per_layer": 4,
        "choice_net_n_layers": 2,
        "latent_penalty": 1e-2,
        "choice_net_latent_penalty": 1e-3,
        "update_net_obs_penalty": 1e-3,
        "update_net_latent_penalty": 1e-3,
        "l2_scale": 1e-5,
    }


def disrnn_step(batch: int, trials: int = 200, latents: int = 5, width: int = 8, depth: int = 4):
    config = disrnn.DisRnnConfig(**sizes_of(latents, width, depth))
    xs, ys = random_choices(batch, trials)
    return training_step(lambda: disrnn.HkDisentangledRNN(config), xs, ys, "penalized_categorical")


def multisubject_step(batch: int, trials: int = 200, subjects: int = 10, embedding: int = 3):
    config = multisubject_disrnn.MultisubjectDisRnnConfig(
        **sizes_of(5, 8, 4), max_n_subjects=subjects, subject_embedding_size=embedding, subj_penalty=1e-3,
        update_net_subj_penalty=1e-3, choice_net_subj_penalty=1e-3,
    )  # fmt: skip
    xs, ys = random_choices(batch, trials, n_subjects=subjects)
    return training_step(
        lambda: multisubject_disrnn.MultisubjectDisRnn(config), xs, ys, "penalized_categorical"
    )


def neuro_step(batch: int, trials: int = 200):
    config = neuro_disrnn.DisRnnWNeuralActivityConfig(
        **sizes_of(5, 8, 4), neural_activity_net_n_units_per_layer=8, neural_activity_net_n_layers=2,
        neural_activity_net_latent_penalty=1e-3,
    )  # fmt: skip
    xs, ys = random_choices(batch, trials, n_signals=1)
    return training_step(lambda: neuro_disrnn.HkNeuroDisentangledRNN(config), xs, ys, "penalized_hybrid")


def gru_step(batch: int, trials: int = 200, hidden: int = 16):
    import haiku as hk

    def make_network():
        return hk.DeepRNN([hk.GRU(hidden), hk.Linear(2)])

    xs, ys = random_choices(batch, trials)
    return training_step(make_network, xs, ys, "categorical")


def simulate(sessions: int, trials: int = 200):
    from disentangled_rnns.library import two_armed_bandits

    def once():
        np.random.seed(0)  # noqa: NPY002
        agent = two_armed_bandits.AgentQ(alpha=0.3, beta=3.0)
        environment = two_armed_bandits.EnvironmentBanditsDrift(sigma=0.1)
        two_armed_bandits.create_dataset(agent, environment, trials, sessions)

    return once


def rules(latents: int = 5):
    """Update rules and choice rule of a network of this size with all channels open."""
    import haiku as hk
    from disentangled_rnns.library import plotting

    config = disrnn.DisRnnConfig(**sizes_of(latents, 8, 4))

    def unroll(xs):
        core = disrnn.HkDisentangledRNN(config)
        return hk.dynamic_unroll(core, xs, core.initial_state(xs.shape[1]))[0]

    params = hk.transform(unroll).init(jax.random.PRNGKey(0), random_choices(2, 3)[0])
    params = rnn_utils.to_np(params)

    def once():
        plotting.compute_update_rules(params, copy.deepcopy(config))
        plotting.compute_choice_rule(params, copy.deepcopy(config))

    return once


if __name__ == "__main__":
    serve(
        {
            "disrnn_step": disrnn_step,
            "multisubject_step": multisubject_step,
            "neuro_step": neuro_step,
            "gru_step": gru_step,
            "simulate": simulate,
            "rules": rules,
        }
    )
