"""Networks of one's own that are made of Equinox's layers, which hold functions among their arrays."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import train_chunk


class Learned(cl.Network):
    """A state that is moved by a small network of Equinox; `scale` is a number that nobody trains."""

    rule: eqx.nn.MLP
    out: eqx.nn.Linear
    scale: float
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_hidden: int = eqx.field(static=True)

    def __init__(self, n_inputs, n_outputs, n_hidden, *, key):
        rule_key, out_key = jax.random.split(key)
        self.rule = eqx.nn.MLP(n_inputs + n_hidden, n_hidden, 6, 1, key=rule_key)
        self.out = eqx.nn.Linear(n_hidden, n_outputs, key=out_key)
        self.scale = 0.5
        self.n_inputs, self.n_outputs, self.n_hidden = n_inputs, n_outputs, n_hidden

    def initial_state(self, subject=None):
        return jnp.zeros(self.n_hidden)

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return jnp.tanh(self.scale * self.rule(jnp.concatenate([state, inputs])))

    def readout(self, state, *, subject=None):
        return self.out(state)


@pytest.fixture(scope="module")
def sessions():
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(0.1), n_sessions=12, n_trials=20, seed=0)


def test_it_trains_and_keeps_what_is_no_weight(sessions):
    network = Learned(2, 2, 3, key=jax.random.key(0))
    run = cl.fit(network, sessions, sessions, phases=cl.Phase(20, learning_rate=1e-2), batch_size=6)
    assert run.model.rule.activation is network.rule.activation
    assert float(run.model.scale) == 0.5
    assert run.history["valid_loss"].iloc[-1] < cl.evaluate(network, sessions).nll
    weights = [one.rule.layers[0].weight for one in (run.model, network)]
    assert not np.allclose(*weights)


def test_a_part_of_it_is_frozen_and_replicates_differ(sessions):
    network = Learned(2, 2, 3, key=jax.random.key(0))
    run = cl.fit(network, sessions, phases=cl.Phase(3), batch_size=6, freeze="rule", replicates=2)
    first, second = run.replicates
    np.testing.assert_array_equal(first.model.rule.layers[0].weight, network.rule.layers[0].weight)
    assert not np.allclose(first.model.out.weight, network.out.weight)
    assert not np.allclose(first.model.out.weight, second.model.out.weight)
    assert run.model.rule.activation is network.rule.activation


class Sparse(Learned):
    """`Learned` with a penalty term of its own, on the weights of its readout."""

    def penalty_terms(self):
        return super().penalty_terms() | {"sparsity": jnp.abs(self.out.weight).sum()}


def sparse() -> Sparse:
    return Sparse(2, 2, 3, key=jax.random.key(0))


def test_a_penalty_term_of_its_own_gets_a_weight_and_is_0_by_default(sessions):
    start = sparse()
    term = float(start.penalty_terms()["sparsity"])
    trainer = cl.Trainer(start, sessions, batch_size=6)
    without = trainer.advance(1)
    assert without.loss == without.task_loss
    trainer.model = start
    trainer.penalties = cl.Penalties(sparsity=0.5)
    weighted = trainer.advance(1)
    assert weighted.loss == pytest.approx(weighted.task_loss + 0.5 * term, rel=1e-5)
    assert weighted.as_row()["penalty_sparsity"] == 0.5


def test_the_weight_of_an_own_penalty_never_recompiles_and_is_saved(sessions, tmp_path):
    trainer = cl.Trainer(sparse(), sessions, batch_size=6)
    trainer.advance(1)
    compiled = train_chunk._cache_size()  # pyright: ignore[reportFunctionMemberAccess]
    trainer.begin(cl.Phase(1, cl.Penalties(sparsity=0.25)))
    trainer.advance(1)
    assert train_chunk._cache_size() == compiled  # pyright: ignore[reportFunctionMemberAccess]
    again = cl.Trainer.load(trainer.save(tmp_path / "own"), sessions, kind=Sparse)
    assert again.penalties == cl.Penalties(sparsity=0.25)
    assert again.history[-1].penalties.sparsity == 0.25
    assert again.advance(2).loss == trainer.advance(2).loss


def test_a_penalty_that_neither_package_nor_network_knows_is_refused(sessions):
    with pytest.raises(ValueError, match=r"no penalty 'sparsty'; it has only l2, sparsity .*mean sparsity"):
        cl.fit(sparse(), sessions, phases=cl.Phase(1, cl.Penalties(sparsty=0.1)))
    gru = cl.GRU(2, 2, 2, key=jax.random.key(0))
    with pytest.raises(ValueError, match="no penalty 'latnt'; it has only l2"):
        cl.Trainer(gru, sessions).penalties = cl.Penalties(latnt=0.0)
