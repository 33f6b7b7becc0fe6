"""A network that lives in physical time and data with other steps: refused with both numbers."""

import numpy as np
import pytest

import cogrnn_lab as cl

TASK = cl.PerceptualDiscrimination(duration=200.0, dt=20.0)
SLOWER = cl.PerceptualDiscrimination(duration=200.0, dt=50.0)
BOTH = r"step of the network is 20 ms .* is 50 ms: all its time constants would be 2\.5 times .* dt=50"


@pytest.fixture(scope="module")
def network() -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(2, 2, 4, dt=20.0, key=0)


@pytest.mark.parametrize(
    "use",
    [
        lambda network: cl.evaluate(network, SLOWER, n_trials=3),
        lambda network: cl.evaluate(network, SLOWER.dataset(3, seed=0)),
        lambda network: cl.Trainer(network, SLOWER, batch_size=2),
        lambda network: cl.fit(network, SLOWER.dataset(3, seed=0), phases=cl.Phase(1), batch_size=2),
        lambda network: cl.Trainer(network, cl.Curriculum([TASK, SLOWER], n_trials=3), batch_size=2),
        lambda network: cl.latents(network, SLOWER.dataset(3, seed=0)),
    ],
)
def test_another_time_step_is_refused_with_both(network, use):
    """It ran: time constants were 2.5 times as long as they were said to be, without a word."""
    with pytest.raises(ValueError, match=BOTH):
        use(network)


def test_the_same_time_step_and_none_go(network):
    same = TASK.dataset(3, seed=0)
    np.testing.assert_allclose(same.time_step, 0.02)
    for data in (same, same._replace(time_step=None)):
        np.testing.assert_allclose(cl.evaluate(network, data).signals.mse, errors(network, same), rtol=1e-5)
    gru, slower = cl.GRU(2, 2, 3, key=0), SLOWER.dataset(3, seed=0)
    scored = cl.evaluate(gru, SLOWER, n_trials=3, seed=0).signals
    np.testing.assert_allclose(scored.mse, errors(gru, slower), rtol=1e-5)


def errors(network, data: cl.Dataset) -> np.ndarray:
    """Mean squared error of each target, from the outputs."""
    squared = (np.asarray(cl.rollout(network, data.inputs).outputs) - data.targets) ** 2
    return squared.sum((0, 1), where=data.mask) / data.mask.sum((0, 1))
