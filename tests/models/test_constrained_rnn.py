"""Constraints hold whatever trains a network, and arguments that contradict them are refused."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import cogrnn_lab as cl

N_IN, N_OUT, N = 3, 2, 10
EXCITATORY = 7
INPUT_MASK = np.arange(N * N_IN).reshape(N, N_IN) % 4 != 0
RECURRENT_MASK = np.arange(N * N).reshape(N, N) % 3 != 1
OUTPUT_MASK = np.arange(N_OUT * N).reshape(N_OUT, N) % 5 != 2
FIXED = {
    "w_rec": np.arange(N * N).reshape(N, N) % 7 == 0,
    "w_in": np.arange(N * N_IN).reshape(N, N_IN) % 5 == 1,
    "w_out": True,
    "b_rec": np.arange(N) < 3,
    "start": True,
}


def network(**changes) -> cl.ConstrainedRNN:
    arguments = {
        "dale_ratio": 0.7,
        "autapses": False,
        "input_mask": INPUT_MASK,
        "recurrent_mask": RECURRENT_MASK,
        "output_mask": OUTPUT_MASK,
        "fixed": FIXED,
    }
    return cl.ConstrainedRNN(N_IN, N_OUT, N, **(arguments | changes), key=jax.random.key(0))


def effective(model) -> dict[str, jax.Array]:
    return {name: getattr(model, name) for name in ("w_in", "w_rec", "w_out", "b_rec", "b_out")} | {
        "start": model.initial_state()
    }


def broken(model, start) -> jax.Array:
    """How many entries break a sign, a mask, an autapse, or were fixed and differ from the start."""
    now, then = effective(model), effective(start)
    excitatory = jnp.arange(N) < EXCITATORY
    recurrent = jnp.asarray(RECURRENT_MASK) & ~jnp.eye(N, dtype=bool)
    return (
        (now["w_rec"][:, :EXCITATORY] < 0).sum()
        + (now["w_rec"][:, EXCITATORY:] > 0).sum()
        + (now["w_in"] < 0).sum()
        + (now["w_out"] < 0).sum()
        + ((now["w_rec"] != 0) & ~recurrent).sum()
        + ((now["w_in"] != 0) & ~jnp.asarray(INPUT_MASK)).sum()
        + ((now["w_out"] != 0) & ~(jnp.asarray(OUTPUT_MASK) & excitatory[None])).sum()
        + sum(((now[name] != then[name]) & jnp.asarray(mask)).sum() for name, mask in FIXED.items())
    )


OPTIMIZERS = {
    "sgd": optax.sgd(0.3, momentum=0.9),
    "adam": optax.adam(0.1),
    "adamw": optax.adamw(0.1, weight_decay=0.3),
    "rmsprop": optax.rmsprop(0.05),
    "lion": optax.lion(0.05, weight_decay=0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_thousand_random_updates_break_nothing(name):
    start, optimizer = network(), OPTIMIZERS[name]
    free, rest = eqx.partition(start, eqx.is_inexact_array)

    @jax.jit
    def train(free, key):
        def update(carry, key):
            free, state, n_broken = carry
            leaves, tree = jax.tree.flatten(free)
            keys = jax.random.split(key, len(leaves))
            gradients = jax.tree.unflatten(
                tree, [jax.random.normal(k, leaf.shape) for k, leaf in zip(keys, leaves, strict=True)]
            )
            updates, state = optimizer.update(gradients, state, free)
            free = optax.apply_updates(free, updates)
            return (free, state, n_broken + broken(eqx.combine(free, rest), start)), None

        carry = free, optimizer.init(free), jnp.zeros((), jnp.int32)
        return jax.lax.scan(update, carry, jax.random.split(key, 1000))[0]

    free, _, n_broken = train(free, jax.random.key(1))
    assert int(n_broken) == 0
    end = eqx.combine(free, rest)
    trained = np.asarray(start.recurrent_matrix.is_trained)
    assert (np.asarray(end.w_rec) != np.asarray(start.w_rec))[trained].all()
    assert (np.asarray(end.b_rec) != np.asarray(start.b_rec))[3:].all()
    assert np.isfinite(end.w_rec).all()


def test_fixed_entries_have_no_gradient_and_count_for_nothing():
    model = network()
    free, rest = eqx.partition(model, eqx.is_inexact_array)
    inputs = jax.random.normal(jax.random.key(1), (2, 5, N_IN))
    gradient = jax.jit(jax.grad(lambda free: (eqx.combine(free, rest).rollout(inputs).outputs ** 2).sum()))(
        free
    )
    for name, matrix in (("input", gradient.input_matrix), ("recurrent", gradient.recurrent_matrix)):
        trained = np.asarray(getattr(model, f"{name}_matrix").is_trained)
        assert (np.asarray(matrix.weights.free)[~trained] == 0).all()
        assert np.asarray(matrix.weights.free)[trained].any()
    assert not np.asarray(gradient.start_state.free).any()
    recurrent = RECURRENT_MASK & ~np.eye(N, dtype=bool) & ~FIXED["w_rec"]
    n_free = recurrent.sum() + (INPUT_MASK & ~FIXED["w_in"]).sum() + (N - 3) + N_OUT
    assert cl.n_parameters(model) == n_free


def test_a_weight_of_zero_can_grow():
    model = network(w_rec=np.zeros((N, N)), fixed=None)
    free, rest = eqx.partition(model, eqx.is_inexact_array)
    total = jax.grad(lambda free: eqx.combine(free, rest).w_rec.sum())(free)
    slopes = np.asarray(total.recurrent_matrix.weights.free)
    connected = np.asarray(model.recurrent_matrix.connected)
    sign = np.where(np.arange(N) < EXCITATORY, 1.0, -1.0)
    np.testing.assert_array_equal(slopes, np.where(connected, sign[None], 0.0))


def test_training_and_files_keep_constraints(tmp_path):
    start = network(recurrent_noise=0.1, tau=np.linspace(50, 150, N))
    rng = np.random.default_rng(0)
    data = cl.Dataset(rng.normal(size=(6, 8, N_IN)), rng.normal(size=(6, 8, N_OUT)), kind="continuous")
    trainer = cl.Trainer(start, data, optimizer=optax.adamw(0.05, weight_decay=0.5))
    trainer.penalties = cl.Penalties(l1_recurrent=0.1, rates=0.1)
    report = trainer.advance(20)
    model = trainer.model
    assert int(broken(model, start)) == 0
    assert np.isfinite(report.loss)
    assert report.loss > report.task_loss
    assert not np.allclose(model.w_rec, start.w_rec)
    back = cl.load(cl.Run(model, (), {}).save(tmp_path / "run")).model
    assert back.populations == (("excitatory", 7), ("inhibitory", 3))
    assert jax.tree.structure(back) == jax.tree.structure(model)
    for a, b in zip(jax.tree.leaves(back), jax.tree.leaves(model), strict=True):
        np.testing.assert_array_equal(a, b)


def test_noise_has_the_spread_of_the_formula():
    dt, tau, spread, input_spread = 10.0, 40.0, 0.7, 0.4
    model = cl.ConstrainedRNN(
        1, 1, 2, dt=dt, tau=tau, recurrent_noise=spread, input_noise=input_spread, activation="linear",
        w_in=np.array([[1.0], [2.0]]), w_rec=np.zeros((2, 2)), key=jax.random.key(0),
    )  # fmt: skip
    draws = model.draw_noise(jax.random.key(1), (1,), (20_000,))
    states = np.asarray(model.rollout_with_draws(jnp.zeros((20_000, 1, 1)), draws).states[:, 0])
    alpha = dt / tau
    kept = (1 - alpha) * np.asarray(model.initial_state())
    expected = 2 * alpha * (spread**2 * np.eye(2) + input_spread**2 * np.array([[1, 2], [2, 4]]))
    np.testing.assert_allclose(np.cov((states - kept).T), expected, rtol=0.05, atol=0.01)
    silent = cl.rollout(model, jnp.zeros((1, 1, 1)), key=jax.random.key(1), noise=0.0)
    np.testing.assert_allclose(silent.states[0, 0], kept, rtol=1e-6)


def test_time_constants_of_each_unit():
    tau = np.array([20.0, 50.0, 200.0])
    model = cl.ConstrainedRNN(
        1,
        1,
        3,
        dt=10.0,
        tau=tau,
        w_rec=np.zeros((3, 3)),
        start=1.0,
        w_in=np.zeros((3, 1)),
        key=jax.random.key(0),
    )
    states = np.asarray(cl.rollout(model, jnp.zeros((1, 4, 1))).states[0])
    np.testing.assert_allclose(states, (1 - 10.0 / tau[None]) ** np.arange(1, 5)[:, None], rtol=1e-6)


def test_penalty_terms_are_means_of_effective_weights():
    model = network(fixed=None)
    terms = {name: float(value) for name, value in model.penalty_terms().items()}
    for layer, weights in {"input": model.w_in, "recurrent": model.w_rec, "output": model.w_out}.items():
        assert terms[f"l1_{layer}"] == pytest.approx(np.abs(np.asarray(weights)).mean(), rel=1e-6)
        assert terms[f"l2_{layer}"] == pytest.approx((np.asarray(weights) ** 2).mean(), rel=1e-6)
    assert terms["l2"] == pytest.approx((np.asarray(model.w_rec) ** 2).sum(), rel=1e-6)
    assert set(terms) - {"l2"} <= set(cl.Penalties().as_dict())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"w_in": -np.ones((N, N_IN))}, r"w_in\[0, 0\] is -1 from input 0, and inputs are excitatory"),
        ({"w_rec": -0.1 * np.eye(N)}, r"w_rec\[0, 0\] is -0.1 from an excitatory unit: Dale's law"),
        ({"w_rec": np.eye(N)}, r"w_rec\[7, 7\] is 1 from an inhibitory unit"),
        ({"w_rec": np.ones((N, 2))}, r"w_rec has shape \(10, 2\), expected \(10, 10\)"),
        ({"w_out": np.ones((N, N_OUT))}, r"w_out has shape .*; it is \(to, from\): transpose it"),
        ({"w_rec": np.diag([1.0] * 7 + [0.0] * 3)}, r"w_rec\[0, 0\] is 1, but autapses=False says .*no conn"),
        ({"w_out": np.ones((N_OUT, N))}, r"w_out\[0, 2\] is 1, but output_mask, and Dale's law, say"),
        ({"recurrent_mask": np.ones((N, N_IN))}, r"recurrent_mask has shape \(10, 3\), expected \(10, 10\)"),
        ({"input_mask": INPUT_MASK.T}, "input_mask has shape .* transpose it"),
        ({"input_mask": 0.5 * INPUT_MASK}, "input_mask has other values than 0 and 1"),
        ({"tau": 10.0}, "tau is 10 and dt 10 .*, expected tau above dt"),
        ({"tau": [100.0, 50.0]}, r"tau has shape \(2,\), expected one number, or one for each of 10 units"),
        ({"dt": 0.0}, "dt is 0.0, expected a positive number"),
        ({"dale_ratio": 0.05}, "dale_ratio is 0.05, which of 10 units leaves none excitatory"),
        ({"dale_ratio": 1.5}, "dale_ratio is 1.5"),
        ({"signs": np.ones(N)}, "got both dale_ratio and signs"),
        ({"dale_ratio": None, "signs": np.full(N, 2)}, "for each unit 1 .excitatory., -1"),
        ({"fixed": {"w_recc": True}}, "fixed names w_recc; known are w_in, w_rec"),
        ({"fixed": {"w_rec": np.ones((2, 2), bool)}}, r"fixed\['w_rec'\] is of type bool and shape \(2, 2\)"),
        ({"populations": {"a": 4, "b": 4}}, "the populations have 8 units .*, expected 10"),
        ({"w_rec": cl.initializers.ScaledIdentity(1.0)}, "connects units to themselves, but autapses=False"),
        ({"recurrent_noise": -1.0}, "recurrent_noise is -1.0, expected a number of at least 0"),
        ({"b_rec": np.zeros(3)}, r"b_rec has shape \(3,\), expected \(10,\) or one number"),
        ({"output_mask": np.zeros((N_OUT, N))}, "no unit is connected to an output"),
        ({"activation": "rleu"}, "'rleu' is not known"),
    ],
)
def test_contradictions_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        network(**wrong)
