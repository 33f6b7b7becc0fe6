"""A known agent is recovered from its choices."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


@pytest.mark.slow
def test_q_learning_is_recovered():
    """The two action values are found, and predict nearly as well as the agent itself.

    At a latent penalty of 3e-3. At 1e-2 a single latent has the lower penalized loss (0.575 against 0.587
    nats), and which of the two solutions is found depends on the seed.
    """
    agent, environment = cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1)
    train, held_out = (
        cl.simulate(agent, environment, n_sessions=300, n_trials=200, seed=seed) for seed in (1, 2)
    )
    penalties = cl.DEFAULT_PENALTIES.replace(latent=3e-3)
    model = cl.DisRNN(2, 2, 5, key=jax.random.key(0))
    run = cl.fit(model, train, held_out, phases=cl.warm_up_then_penalized(500, 1500, penalties))
    likelihood = cl.evaluate(run.model, held_out).normalized_likelihood
    assert held_out.generating_likelihood - likelihood < 0.003
    openness = np.sort(cl.bottlenecks(run.model).groups["latent"].openness[:, 0])
    assert openness[-2:].min() > 0.5
    assert openness[:-2].max() < 0.2
