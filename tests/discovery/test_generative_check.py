"""What was discovered is found again from its own choices."""

import jax
import numpy as np
import pandas as pd
import pytest
from made_discovery import made_equations

import cogrnn_lab as cl
from cogrnn_lab import plots
from cogrnn_lab.discovery.found_again import _numbers, _text

SHORT = {
    "levels": (0.1, 0.5),
    "seeds": 1,
    "warm_up": cl.WarmUp(most=300, check_every=100, patience=3),
    "settling": cl.Settling(most=100, check_every=50, cooling=10, learning_rate=1e-2),
    "batch_size": 16,
}


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.5, 5.0), cl.BlockBandit(), n_sessions=40, n_trials=60, seed=3)


@pytest.mark.slow
def test_a_learner_is_found_again(data):
    network = cl.DisRNN(2, 2, 1, update_width=4, update_depth=1, choice_depth=0, key=jax.random.key(0))
    found = cl.discover(data, model=network, equations=False, classical={}, gru_units=None, **SHORT)
    check = cl.generative_check(found, data, seed=1)
    assert check.simulated.n_sessions == 40
    assert check.simulated.n_trials == 60
    assert [level.price for level in check.again.path.levels] == [level.price for level in found.path.levels]
    assert check.agreement.n_runs == 2
    assert check.agreement.similarity[0, 1].max() > 0.8
    assert check.found_again == ("the same mechanism" in check.text)
    figure = plots.plot_generative_check(check)
    assert figure.axes[0].get_title() == f"the mechanism is {'' if check.found_again else 'not '}found again"
    with pytest.raises(ValueError, match="no equations can play"):
        cl.generative_check(found, data, plays="equations")


def test_numbers_are_laid_side_by_side_by_name():
    first, again = made_equations(), made_equations()
    again.numbers.loc[0, "value"] = 0.4
    again.numbers.loc[1, "name"] = "bias"
    table = _numbers(first, again).set_index("name")
    assert (table.loc["learning rate", "value"], table.loc["learning rate", "again"]) == (0.3, 0.4)
    assert np.isnan(table.loc["inverse temperature", "again"])
    assert np.isnan(table.loc["bias", "value"])
    assert list(table.index) == ["learning rate", "inverse temperature", "bias"]
    assert len(_numbers(first, None)) == 0


def test_the_sentence_tells_what_is_found_again(data):
    def alike(similar: float) -> cl.Agreement:
        return cl.Agreement(
            order=np.zeros((2, 1), int), similarity=np.array([[[1.0], [similar]], [[similar], [1.0]]]),
            update_similarity=np.array([[1.0], [similar]]), choice_similarity=np.ones((2, 1)),
            span=np.ones((2, 2)),
            n_latents=np.array([1, 1]), wiring=np.zeros((2, 1, 1), bool), wiring_names=("x",), reference=0,
        )  # fmt: skip

    numbers = pd.DataFrame({"name": ["learning rate"], "value": [0.5], "again": [0.48]})
    same = _text("network", data, alike(0.95), numbers, ("Q-learning", "Q-learning"), "It played.")
    assert "2400 choices in 40 sessions" in same
    assert "the same mechanism, with one latent" in same
    assert "Both equations are Q-learning. Numbers, first and again: learning rate 0.5 and 0.48." in same
    other = _text("network", data, alike(0.3), numbers, ("Q-learning", "win-stay lose-shift"), "")
    assert "another mechanism" in other
    assert "and are win-stay lose-shift now" in other


def test_what_is_no_discovery_is_refused(data):
    with pytest.raises(TypeError, match="expected a Discovery"):
        cl.generative_check(cl.QLearning(), data)
