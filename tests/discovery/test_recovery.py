"""The level that the data choose is the agent that made them."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


@pytest.mark.slow
def test_the_data_choose_the_two_values_of_q_learning():
    """No penalty is given: two latents are found, all others are closed, nothing is lost by it."""
    agent, environment = cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1)
    train, choose, report = (
        cl.simulate(agent, environment, n_sessions=n, n_trials=200, seed=seed)
        for seed, n in ((11, 300), (12, 60), (13, 300))
    )
    network = cl.DisRNN(2, 2, 5, key=jax.random.key(0))
    path = cl.penalty_path(network, train, choose, report, seeds=2)
    chosen = path.choose()
    level = path.levels[chosen]
    likelihood = path.table.query(f"level == {int(chosen)}")["likelihood_report"]
    assert (report.generating_likelihood - likelihood < 0.001).all()
    assert level.n_latents.tolist() == [2, 2]
    openness = np.sort(level.openness, axis=1)
    assert openness[:, -2:].min() > 0.8
    assert openness[:, :-2].max() < 0.05
    assert path.n_latents[-1].tolist() == [0, 0]
    agreement = cl.agreement(level.models, report)
    assert agreement.shared == 1.0 or agreement.same_span.all()
