"""A setting that would have no effect is refused or warned of, and what the lab and the recipe do is not."""

import warnings

import jax
import numpy as np
import optax
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=8)


def small() -> cl.GRU:
    return cl.GRU(2, 2, 3, key=jax.random.key(0))


NONE_OF_ITS_OWN = cl.warm_up_then_penalized(1, 1, warm_up_rate=None, rate=None)


def test_a_learning_rate_beside_those_of_the_phases_is_refused(data):
    sentence = r'learning_rate = 0.1 would have no effect: .* 0.01 \("warm-up"\), 0.003 \("penalized"\)'
    with pytest.raises(ValueError, match=sentence):
        cl.fit(small(), data, phases=cl.warm_up_then_penalized(1, 1), learning_rate=0.1)
    trainer = cl.Trainer(small(), data, learning_rate=0.1)
    with pytest.raises(ValueError, match=r"learning_rate = 0.1 would have no effect: .* 0.01"):
        trainer.begin(cl.Phase(1, learning_rate=1e-2))
    together = cl.Replicates([small(), small()], data, learning_rate=0.1)
    with pytest.raises(ValueError, match=r"learning_rate = 0.1 would have no effect"):
        together.begin([cl.Phase(1, learning_rate=1e-2)] * 2)


def test_a_learning_rate_that_acts_is_taken(data):
    run = cl.fit(small(), data, phases=[cl.Phase(1), cl.Phase(1, learning_rate=1e-3)], learning_rate=0.1)
    assert [report.learning_rate for report in run.reports] == [0.1, 1e-3]
    assert cl.fit(small(), data, phases=NONE_OF_ITS_OWN, learning_rate=0.1).reports[-1].learning_rate == 0.1


def test_rates_of_phases_beside_an_optimizer_are_refused_before_any_step(data):
    phases = [cl.Phase(1), cl.Phase(1, learning_rate=0.25, name="late")]
    seen = []
    with pytest.raises(ValueError, match=r'rates of the phases, 0.25 \("late"\), would have no effect'):
        cl.fit(small(), data, phases=phases, optimizer=optax.sgd(0.1), callbacks=[seen.append])
    assert not seen
    trainer = cl.Trainer(small(), data, optimizer=optax.sgd(0.1))
    with pytest.raises(ValueError, match="would have no effect"):
        trainer.begin(phases[1])
    with pytest.raises(ValueError, match=r"learning_rate = 0.5 would have no effect"):
        trainer.learning_rate = 0.5


def test_an_own_optimizer_trains_and_is_resumed(data, tmp_path):
    trainer = cl.Trainer(small(), data, optimizer=optax.sgd(0.1))
    trainer.begin(NONE_OF_ITS_OWN[0])
    path = trainer.save(tmp_path / "trainer")
    assert cl.Trainer.load(path, data, optimizer=optax.sgd(0.1)).advance(1).step == 1


def test_a_price_for_what_the_network_lacks_is_warned_of(data):
    trainer = cl.Trainer(small(), data)
    with pytest.warns(UserWarning, match=r"penalties latent=0.1, neural=0.2 have no effect: .* only l2"):
        trainer.begin(cl.Phase(1, cl.Penalties(latent=0.1, neural=0.2, l2=1e-4)))
    with pytest.warns(UserWarning, match=r"penalties rates=0.5 have no effect"):
        trainer.penalties = cl.Penalties(rates=0.5)


def test_the_default_recipe_is_for_every_network(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer = cl.Trainer(small(), data)
        for phase in cl.warm_up_then_penalized(1, 1):
            trainer.begin(phase)
        trainer.penalties = cl.Penalties(l2=0.3)
    assert trainer.penalties.l2 == 0.3


def test_a_training_that_diverged_gives_the_last_report(data):
    trainer = cl.Trainer(small(), data, learning_rate=1e-3)
    last = trainer.advance(1)
    trainer.state = trainer.state._replace(free=trainer.state.free * np.nan)
    with pytest.raises(cl.TrainingDiverged) as caught:
        trainer.advance(1)
    assert caught.value.report is last
