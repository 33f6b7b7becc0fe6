"""Perturbed runs do what the experiment says, and match PsychRNN's ablation."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

N_SESSIONS, N_TRIALS, N = 3, 6, 8


@pytest.fixture(scope="module")
def network() -> cl.ConstrainedRNN:
    return cl.ConstrainedRNN(
        2, 2, N, dt=20.0, tau=[60.0, 80.0] * 4, dale_ratio=0.75, autapses=False, activation="softplus",
        recurrent_noise=0.2, key=jax.random.key(0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(N_SESSIONS, N_TRIALS, 2)).astype(np.float32)


@pytest.mark.parametrize("name", ["constrained", "plain"])
def test_ablation_of_psychrnn(name, parity):
    with np.load(parity / f"psychrnn_{name}_21.npz") as file:
        arrays = {key: file[key] for key in file.files}
    config = json.loads(str(arrays["config"]))
    model = cl.interop.from_psychrnn(
        arrays, dt=float(config["dt"]), tau=float(config["tau"]), activation=config["transfer_function"]
    )
    ablated = cl.perturb(model, arrays["inputs"], cl.Perturbation(weight_scale={"w_rec": arrays["ablation"]}))
    np.testing.assert_allclose(ablated.outputs, arrays["ablated_outputs"], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(ablated.states, arrays["ablated_states"], rtol=1e-5, atol=2e-6)
    assert np.abs(ablated.outputs - arrays["outputs"]).max() > 0.01


def test_no_perturbation_is_a_plain_run(network, inputs):
    same = cl.perturb(network, inputs, cl.Perturbation())
    plain = cl.rollout(network, inputs)
    np.testing.assert_allclose(same.outputs, plain.outputs, atol=1e-6)
    np.testing.assert_allclose(same.states, plain.states, atol=1e-6)
    noisy, again = (cl.perturb(network, inputs, cl.Perturbation(), key=jax.random.key(1)) for _ in range(2))
    np.testing.assert_array_equal(noisy.states, again.states)
    assert np.abs(noisy.states - plain.states).max() > 0.01


def test_a_lesioned_unit_sends_nothing(network, inputs):
    lesioned = cl.perturb(network, inputs, cl.Perturbation(lesion=[1, 4]))
    others = np.setdiff1d(np.arange(N), [1, 4])
    smaller = cl.ConstrainedRNN(
        2, 2, N - 2, dt=20.0, tau=np.array([60.0, 80.0] * 4)[others], activation="softplus",
        w_in=network.w_in[others], w_rec=network.w_rec[np.ix_(others, others)],
        w_out=network.w_out[:, others], b_rec=network.b_rec[others], b_out=network.b_out,
        start=network.initial_state()[others], key=jax.random.key(0),
    )  # fmt: skip
    without = cl.rollout(smaller, inputs)
    np.testing.assert_allclose(lesioned.outputs, without.outputs, atol=1e-6)
    np.testing.assert_allclose(lesioned.states[..., others], without.states, atol=1e-6)
    mask = np.isin(np.arange(N), [1, 4])
    np.testing.assert_array_equal(
        cl.perturb(network, inputs, cl.Perturbation(lesion=mask)).outputs, lesioned.outputs
    )


def test_currents_held_units_and_other_inputs(network, inputs):
    rng = np.random.default_rng(1)
    current = rng.normal(size=(N_SESSIONS, N_TRIALS, N)).astype(np.float32)
    clamp = np.full((N_TRIALS, N), np.nan, np.float32)
    clamp[2:4, 3] = 1.5
    shown = np.array([np.nan, 0.7], np.float32)
    perturbation = cl.Perturbation(current=current, clamp=clamp, inputs=shown, during=(1, 5))
    got = cl.perturb(network, inputs, perturbation)

    w_in, w_rec, w_out, b_rec = map(np.asarray, (network.w_in, network.w_rec, network.w_out, network.b_rec))
    alpha = 20.0 / np.array([60.0, 80.0] * 4)
    state = np.broadcast_to(np.asarray(network.initial_state()), (N_SESSIONS, N))
    for t in range(N_TRIALS):
        x = inputs[:, t].copy()
        drive = np.zeros((N_SESSIONS, N))
        if 1 <= t < 5:
            x[:, 1], drive = 0.7, current[:, t]
        total = np.log1p(np.exp(state)) @ w_rec.T + x @ w_in.T + b_rec + drive
        state = (1 - alpha) * state + alpha * total
        if t in (2, 3):
            state[:, 3] = 1.5
        np.testing.assert_allclose(got.states[:, t], state, rtol=1e-5, atol=1e-5)
        outputs = np.log1p(np.exp(state)) @ w_out.T + np.asarray(network.b_out)
        np.testing.assert_allclose(got.outputs[:, t], outputs, rtol=1e-5, atol=1e-5)


def test_weights_scaled_during_a_window(network, inputs):
    scaled = cl.perturb(
        network, inputs, cl.Perturbation(weight_scale={"w_out": 2.0, "b_rec": 0.0}, during=(2, 4))
    )
    plain = cl.rollout(network, inputs)
    np.testing.assert_allclose(scaled.outputs[:, :2], plain.outputs[:, :2], atol=1e-6)
    rates = network.rates(scaled.states)
    factor = np.where((np.arange(N_TRIALS) >= 2) & (np.arange(N_TRIALS) < 4), 2.0, 1.0)
    expected = np.einsum("ou,stu,t->sto", np.asarray(network.w_out), np.asarray(rates), factor)
    np.testing.assert_allclose(scaled.outputs, expected + np.asarray(network.b_out), atol=1e-5)


def test_any_network_can_be_perturbed(inputs):
    model = cl.GRU(2, 2, 4, key=jax.random.key(0))
    scaled = cl.perturb(model, inputs, cl.Perturbation(weight_scale={"core.recurrent_weight": 0.5}))
    halved = eqx.tree_at(lambda m: m.core.recurrent_weight, model, 0.5 * model.core.recurrent_weight)
    np.testing.assert_allclose(scaled.outputs, cl.rollout(halved, inputs).outputs, atol=1e-6)
    lesioned = cl.perturb(model, inputs, cl.Perturbation(lesion=[2], current=np.ones(4)))
    np.testing.assert_array_equal(lesioned.states[..., 2], 0.0)
    first = model.transition(jnp.zeros((3, 4)), jnp.asarray(inputs[:, 0])) + 1.0
    np.testing.assert_allclose(lesioned.states[:, 0, [0, 1, 3]], first[:, jnp.array([0, 1, 3])], atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lesion": [8]}, r"lesion is \[8\], expected indices of units from 0 to 7"),
        ({"lesion": np.zeros(3, bool)}, r"lesion has shape \(3,\), expected \(8,\)"),
        ({"weight_scale": {"w_recc": 0.0}}, "weight_scale names 'w_recc'; known are w_in, w_rec"),
        (
            {"weight_scale": {"w_rec": np.ones((2, 8))}},
            r"has shape \(2, 8\), expected .*\(8, 8\), or .*\(6, 8, 8\)",
        ),
        ({"current": np.ones(3)}, r"current has shape \(3,\), expected \(unit,\) \(8,\), \(time, unit\)"),
        ({"during": (2, 7)}, r"during is \(2, 7\), expected \(first, end\) trials within 0 to 6"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, message, network, inputs):
    with pytest.raises(ValueError, match=message):
        cl.perturb(network, inputs, cl.Perturbation(**wrong))


def test_unknown_weights_of_other_networks_are_refused(inputs):
    model = cl.GRU(2, 2, 4, key=jax.random.key(0))
    with pytest.raises(ValueError, match="names 'w_rec', which is no array of the GRU; give a path"):
        cl.perturb(model, inputs, cl.Perturbation(weight_scale={"w_rec": 0.0}))
    with pytest.raises(ValueError, match=r"inputs have shape \(3, 6, 1\), expected \(session, time, 2\)"):
        cl.perturb(model, inputs[..., :1], cl.Perturbation())
