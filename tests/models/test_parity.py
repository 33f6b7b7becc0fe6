"""The DisRNN computes what the reference package computes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from haiku_fixture import HaikuFixture, read_haiku_fixture

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss
from cogrnn_lab.training.losses import default_loss

FIXTURES = ["disrnn_11", "disrnn_12", "multisubject_13", "neuro_14"]


@pytest.fixture(scope="module", params=FIXTURES)
def fixture(request, parity) -> HaikuFixture:
    return read_haiku_fixture(parity / f"{request.param}.npz")


def noiseless_loss(model, fixture):
    """The penalized loss as the reference counts it.

    Its l2 is paid on every step, counted or not, and leaves out the network of neural activity without noise.
    """
    ys = fixture.arrays["ys"]
    counted = ((ys != -1) & ~np.isnan(ys)).any(-1)
    per_target = counted.size / counted.sum()
    penalties = fixture.penalties.replace(l2=fixture.penalties.l2 * per_target)
    settings = StepSettings(penalties.as_arrays(), jnp.asarray(1.0), jnp.asarray(1.0))
    loss = default_loss(fixture.dataset.kind)
    ours = penalized_loss(model, cl.TrialArrays.of(fixture.dataset), settings, loss, None)[0]
    return ours if model.neural is None else ours - penalties.l2 * model.neural.network.l2()


def relative_error(ours, theirs) -> float:
    if not ours.size:
        return 0.0
    return float(jnp.abs(ours - theirs).max() / jnp.maximum(jnp.abs(theirs).max(), 1e-12))


def test_outputs_and_states(fixture):
    data = cl.TrialArrays.of(fixture.dataset)
    rolled = cl.rollout(fixture.model, data.inputs, subject=data.subject)
    outputs, states = (np.swapaxes(np.asarray(a), 0, 1) for a in (rolled.outputs, rolled.states))
    np.testing.assert_allclose(outputs, fixture.arrays["noiseless_outputs"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(states, fixture.arrays["noiseless_states"], rtol=1e-5, atol=1e-5)
    assert all(float(jnp.abs(nats).max()) == 0.0 for nats in rolled.information.values())


def test_loss_and_likelihood(fixture):
    loss = float(noiseless_loss(fixture.model, fixture))
    assert loss == pytest.approx(float(fixture.arrays["noiseless_penalized_loss"]), rel=1e-5)
    if "normalized_likelihood" not in fixture.arrays:
        return
    likelihood = cl.evaluate(fixture.model, fixture.dataset).normalized_likelihood
    assert likelihood == pytest.approx(float(fixture.arrays["normalized_likelihood"]), rel=1e-5)


def test_gradients(fixture):
    gradients = jax.jit(jax.grad(lambda model: noiseless_loss(model, fixture)))(fixture.model)
    ours = jax.tree_util.tree_leaves_with_path(gradients)
    theirs = jax.tree.leaves(fixture.gradients)
    errors = {
        jax.tree_util.keystr(where): relative_error(a, b) for (where, a), b in zip(ours, theirs, strict=True)
    }
    assert max(errors.values()) < 1e-4, errors


def test_noisy_penalty(fixture):
    penalties, data = fixture.penalties, cl.TrialArrays.of(fixture.dataset)
    n_steps = data.valid.size

    @jax.jit
    @jax.vmap
    def total(key):
        information = fixture.model.rollout(data.inputs, subject=data.subject, key=key).information
        weighted = sum(getattr(penalties, group) * nats.sum() for group, nats in information.items())
        return weighted + n_steps * penalties.l2 * fixture.model.l2()

    totals = np.asarray(total(jax.random.split(jax.random.key(7), 4000)))
    ours, our_error = totals.mean(), totals.std() / np.sqrt(len(totals))
    theirs, their_error = (float(fixture.arrays[f"noisy_total_penalty_{s}"]) for s in ("mean", "sem"))
    assert abs(ours - theirs) < 4 * np.hypot(our_error, their_error)


def test_import_says_what_is_missing(parity, fixture):
    with pytest.raises(ValueError, match="no Haiku module 'hk_disentangled_rnn'"):
        cl.interop.from_haiku({}, fixture.config)
    root = next(name for name in fixture.arrays if name.startswith("param:"))[6:].split("|")[0]
    with pytest.raises(ValueError, match="lacks obs_size"):
        cl.interop.from_haiku({root: {}}, {k: v for k, v in fixture.config.items() if k != "obs_size"})


def test_import_refuses_other_sizes(parity):
    with np.load(parity / "disrnn_11.npz") as file:
        params: dict[str, dict[str, np.ndarray]] = {}
        for name in file.files:
            if name.startswith("param:"):
                module, parameter = name[6:].split("|")
                params.setdefault(module, {})[parameter] = file[name]
    config = read_haiku_fixture(parity / "disrnn_11.npz").config | {"obs_size": 3}
    with pytest.raises(ValueError, match=r"update_input.* has shape \(2, 4\), but the config says \(3, 4\)"):
        cl.interop.from_haiku(params, config)
