"""Making, changing and saving networks: seeds, activations, layers, weights, files."""

import functools
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.activation import ACTIVATIONS, activation_function, is_same_function
from cogrnn_lab.models.description import started_anew
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.random_numbers import as_key


def same(one, other) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(bool((a == b).all()) for a, b in pairs)


@pytest.mark.parametrize(
    "make",
    [
        lambda key: cl.GRU(2, 2, 3, key=key),
        lambda key: cl.LSTM(2, 2, 3, n_layers=2, key=key),
        lambda key: cl.DisRNN(2, 2, 2, key=key),
        lambda key: cl.ConstrainedRNN(2, 2, 8, key=key),
        lambda key: cl.SwitchingLinearRNN(2, 2, 2, key=key),
    ],
)
def test_a_seed_is_the_key_that_is_made_of_it(make):
    assert same(make(3), make(jax.random.key(3)))
    assert same(make(np.int64(3)), make(3))
    assert not same(make(3), make(4))
    with pytest.raises(TypeError, match="needs key=, from which its random numbers come"):
        make(None)


def test_noise_takes_a_seed_and_minus_one_is_none():
    net = cl.DisRNN(2, 2, 2, key=0)
    inputs = jnp.ones((3, 4, 2))
    by_seed, by_key = (cl.rollout(net, inputs, key=key).outputs for key in (5, jax.random.key(5)))
    np.testing.assert_array_equal(by_seed, by_key)
    with pytest.raises(TypeError, match="key is -1, expected a seed"):
        as_key(-1)


@pytest.mark.parametrize(
    "name", ["elu", "swish", "celu", "selu", "mish", "relu6", "hard_tanh", "soft_sign", "squareplus"]
)
def test_activations_of_jax_go_by_name_and_as_functions(name):
    function = getattr(jax.nn, name)
    x = jnp.linspace(-2, 2, 5)
    np.testing.assert_array_equal(activation_function(name)(x), function(x))
    by_name, by_function = (cl.VanillaRNN(1, 1, 2, activation=a, key=0) for a in (name, function))
    assert activation_function(by_function.activation) is function
    inputs = jnp.ones((1, 3, 1))
    np.testing.assert_array_equal(
        cl.rollout(by_name, inputs).outputs, cl.rollout(by_function, inputs).outputs
    )


def test_a_cell_with_an_activation_can_be_run_again():
    def define(scale):
        return lambda x: scale * jnp.tanh(x)

    cl.register_activation("cell activation", define(2.0))
    first = ACTIVATIONS["cell activation"]
    cl.register_activation("cell activation", define(2.0))
    assert ACTIVATIONS["cell activation"] is first
    for other in (define(3.0), lambda x: 2.0 * jnp.sin(x)):
        with pytest.raises(ValueError, match="exists already; choose another name: this is"):
            cl.register_activation("cell activation", other)
    cl.register_activation("a power", cl.power_law(0.1))
    cl.register_activation("a power", cl.power_law(0.1))
    with pytest.raises(ValueError, match="another function"):
        cl.register_activation("a power", cl.power_law(0.2))


# --- layers ----------------------------------------------------------------------------------------


def stacked(n_layers: int):
    return [
        cl.GRU(2, 2, 3, n_layers=n_layers, key=0),
        cl.LSTM(2, 2, 3, n_layers=n_layers, key=0),
        cl.VanillaRNN(2, 2, 3, n_layers=n_layers, activation="softplus", key=0),
    ]


@pytest.mark.parametrize("model", stacked(3), ids=lambda model: type(model).__name__)
def test_layers_run_fast_as_they_are_defined_in_values_and_gradients(model):
    inputs = jax.random.normal(jax.random.key(1), (4, 6, 2))

    @jax.jit
    def outputs_by_definition(model):
        def session(inputs):
            return jax.lax.scan(lambda s, x: model.step(s, x)[:2], model.initial_state(), inputs)[1]

        return jax.vmap(session)(inputs)

    fast = cl.rollout(model, inputs)
    np.testing.assert_allclose(fast.outputs, outputs_by_definition(model), atol=2e-6)
    fast_gradient = jax.jit(jax.grad(lambda model: jnp.sum(model.rollout(inputs).outputs ** 2)))(model)
    plain_gradient = jax.jit(jax.grad(lambda model: jnp.sum(outputs_by_definition(model) ** 2)))(model)
    for one, other in zip(*map(jax.tree.leaves, (fast_gradient, plain_gradient)), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)
        assert bool(jnp.abs(one).sum() > 0)
    assert fast.states.shape == (4, 6, model.n_latents) == (4, 6, 3 * 3 * model.n_parts)
    moved = model.transition(fast.states[:, 2], inputs[:, 3])
    np.testing.assert_allclose(moved, fast.states[:, 3], atol=2e-6)


@pytest.mark.parametrize("deep", stacked(2), ids=lambda model: type(model).__name__)
def test_the_first_layer_is_the_network_of_one_layer(deep):
    alone = next(model for model in stacked(1) if type(model) is type(deep))
    assert same(deep.core, alone.core)
    assert float(deep.l2()) == pytest.approx(
        float(alone.l2() + jnp.sum(deep.deeper[0].recurrent_weight ** 2))
    )
    inputs = jnp.ones((1, 4, 2))
    first = cl.rollout(deep, inputs).states[..., : alone.n_latents]
    np.testing.assert_allclose(first, cl.rollout(alone, inputs).states, atol=1e-6)


def test_layers_train_and_are_saved(tmp_path):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
    for model in stacked(2):
        run = cl.fit(model, data, phases=cl.Phase(3))
        assert not same(run.model.deeper, model.deeper)
        assert same(cl.load(run.save(tmp_path / "run")).model, run.model)
    with pytest.raises(ValueError, match="n_layers"):
        cl.GRU(2, 2, 3, n_layers=0, key=0)


# --- weights ---------------------------------------------------------------------------------------


def test_weights_of_a_network_come_back_as_they_were_given():
    signs = [-1, 1, 1, -1, 0]
    net = cl.ConstrainedRNN(2, 1, 5, signs=signs, b_rec=np.arange(5) / 10, key=0)
    read = cl.weights(net)
    assert read.order.tolist() != list(range(5))
    np.testing.assert_allclose(read.b_rec, np.asarray(net.b_rec)[read.order])
    given = read.in_network_order()
    assert set(given) == {"w_in", "w_rec", "w_out", "b_rec", "b_out", "start"}
    for name in ("w_in", "w_rec", "w_out", "b_rec", "b_out"):
        np.testing.assert_array_equal(given[name], getattr(net, name))
    np.testing.assert_array_equal(given["start"], net.initial_state())
    other = cl.ConstrainedRNN(2, 1, 5, signs=signs, key=1)
    inputs = jnp.ones((2, 4, 2))
    np.testing.assert_array_equal(
        cl.rollout(cl.with_weights(other, **given), inputs).outputs, cl.rollout(net, inputs).outputs
    )


def test_changed_weights_obey_the_constraints_of_the_network():
    mask = np.ones((5, 5), bool)
    mask[0, 1] = False
    net = cl.ConstrainedRNN(
        2, 1, 5, dale_ratio=0.6, recurrent_mask=mask, fixed={"w_rec": np.eye(5, dtype=bool)}, key=0
    )
    new = np.abs(np.asarray(net.w_rec)) * np.array([1, 1, 1, -1, -1]) * 2
    changed = cl.with_weights(net, w_rec=new)
    np.testing.assert_allclose(changed.w_rec, new, rtol=1e-6)
    assert np.asarray(changed.recurrent_matrix.weights.is_fixed).sum() == 5
    with pytest.raises(ValueError, match="Dale's law gives all outgoing weights of a unit one sign"):
        cl.with_weights(net, w_rec=-new)
    with pytest.raises(ValueError, match=r"w_rec\[0, 1\] is 1, but recurrent_mask says"):
        cl.with_weights(net, w_rec=np.where(mask, new, 1.0))
    with pytest.raises(ValueError, match="transpose it"):
        cl.with_weights(net, w_in=np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"b_rec has shape \(4,\), expected \(5,\)"):
        cl.with_weights(net, b_rec=np.ones(4))


def test_gated_networks_take_weights_too_and_others_say_why_not():
    plain = cl.VanillaRNN(2, 2, 3, key=0)
    given = cl.weights(plain).in_network_order()
    silent = cl.with_weights(plain, **(given | {"w_rec": np.zeros((3, 3))}))
    assert not np.asarray(silent.core.recurrent_weight).any()
    np.testing.assert_array_equal(silent.core.input_weight, plain.core.input_weight)
    with pytest.raises(ValueError, match=r"w_rec has shape \(3, 3\), expected \(3, 3, 3\)"):
        cl.with_weights(cl.GRU(2, 2, 3, key=0), w_rec=np.zeros((3, 3)))
    with pytest.raises(TypeError, match=r"a DisRNN has no weights of these names"):
        cl.with_weights(cl.DisRNN(2, 2, 2, key=0), w_rec=0.0)


@pytest.mark.parametrize("model", stacked(2))
def test_layers_have_names_for_weights_and_freezing(model):
    """There were none: of several layers nothing could be exchanged or frozen by its name."""
    below, above = model.core.recurrent_weight, model.deeper[0].recurrent_weight
    new = cl.with_weights(model, w_rec_2=0.0 * above, start_2=np.ones_like(model.deeper[0].start))
    assert not np.asarray(new.deeper[0].recurrent_weight).any()
    assert np.asarray(new.deeper[0].start).all()
    np.testing.assert_array_equal(new.core.recurrent_weight, below)
    with pytest.raises(TypeError, match=r"has no w_rec_3; it has w_in_1, .*w_rec_2"):
        cl.with_weights(model, w_rec_3=above)
    with pytest.raises(TypeError, match="has no w_rec; "):  # of which layer?
        cl.with_weights(model, w_rec=below)
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=8)
    run = cl.fit(model, data, phases=cl.Phase(2), batch_size=2, freeze=["w_rec_2", "b_rec_1"], progress=False)
    np.testing.assert_array_equal(run.model.deeper[0].recurrent_weight, above)
    np.testing.assert_array_equal(run.model.core.bias, model.core.bias)
    assert (np.asarray(run.model.core.recurrent_weight) != np.asarray(below)).any()
    assert (np.asarray(run.model.deeper[0].bias) != np.asarray(model.deeper[0].bias)).any()


def test_weights_of_a_layer_go_back_where_they_were():
    model = cl.VanillaRNN(2, 2, 3, n_layers=2, key=0)
    with pytest.raises(TypeError, match=r"has 2 layers; weights\(model, layer=1\) reads the first"):
        cl.weights(model)
    with pytest.raises(ValueError, match="layer = 3; expected 1 to 2"):
        cl.weights(model, layer=3)
    first, second = (cl.weights(model, layer=number) for number in (1, 2))
    np.testing.assert_array_equal(first.w_out, second.w_in)
    assert (first.w_in.shape, first.b_out) == ((3, 2), None)
    both = first.in_network_order() | second.in_network_order()
    assert set(both) == set(model.part_names)
    doubled = cl.with_weights(model, **{name: 2 * values for name, values in both.items()})
    for two, one in zip(jax.tree.leaves(doubled), jax.tree.leaves(model), strict=True):
        np.testing.assert_array_equal(two, 2 * one)


# --- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*stacked(2), cl.ConstrainedRNN(2, 2, 8, dale_ratio=0.75, key=0)])
def test_a_network_alone_goes_into_a_file_and_back(model, tmp_path):
    path = cl.save_network(model, tmp_path / "network")
    assert path.name == "network.npz"
    back = cl.load_network(path)
    assert same(back, model)
    inputs = jnp.ones((1, 4, 2))
    np.testing.assert_array_equal(cl.rollout(back, inputs).outputs, cl.rollout(model, inputs).outputs)
    with pytest.raises(ValueError, match="holds a network, expected a run; cl"):
        cl.load(path)


def test_networks_are_read_from_files_of_runs_and_trainers(tmp_path):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
    trainer = cl.Trainer(cl.GRU(2, 2, 3, key=0), data)
    trainer.advance(2)
    for saved in (cl.Run.of(trainer).save(tmp_path / "run"), trainer.save(tmp_path / "trainer")):
        assert same(cl.load_network(saved), trainer.model)
    assert same(cl.load_network(cl.save_network(cl.Run.of(trainer), tmp_path / "alone")), trainer.model)


def test_the_calls_of_a_newcomer_need_no_more_than_a_seed(repository):
    code = (
        "import cogrnn_lab as cl\n"
        "train, held_out = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, "
        "n_trials=9).split()\n"
        "run = cl.fit(cl.GRU(2, 2, 3, key=0), train, held_out, phases=cl.Phase(2))\n"
        "print(cl.evaluate(run, held_out).nll > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_what_runs_as_a_network_is_not_taken_apart():
    class Doubled:
        model = cl.GRU(2, 2, 3, key=0)
        n_inputs, n_outputs = 2, 2

        def rollout(self, inputs, **settings):
            return self.model.rollout(inputs, **settings)

    one = Doubled()
    assert network_of(one) is one


def test_replicates_of_exchanged_weights_are_refused():
    """They would have been started from the weights before."""
    model = cl.ConstrainedRNN(2, 1, 3, key=0)
    other = cl.with_weights(model, w_in=np.ones((3, 2)))
    with pytest.raises(TypeError, match="nor does one whose weights were exchanged"):
        started_anew(other, jax.random.key(1))
    assert started_anew(cl.with_weights(model), jax.random.key(1)).n_units == 3


def test_a_function_around_another_is_one_of_its_own():
    @functools.wraps(jax.nn.elu)
    def leaky(x):
        return jax.nn.elu(x) + 0.1 * x

    assert not is_same_function(leaky, jax.nn.elu)
    assert is_same_function(jax.nn.elu, jax.nn.elu)
    doubled = jax.jit(functools.wraps(jax.nn.elu)(lambda x: 2 * jax.nn.elu(x)))
    assert not is_same_function(doubled, jax.nn.elu)  # it was unwrapped down to what it wraps
    assert is_same_function(jax.jit(jax.nn.elu), jax.nn.elu)

    class Power:
        def __init__(self, n):
            self.n = n

        def f(self, x):
            return x**self.n

    cube, square = Power(3), Power(2)
    assert is_same_function(cube.f, cube.f)
    assert not is_same_function(cube.f, square.f)


def test_seeds_of_numpy_go_into_files(tmp_path):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=6)
    trainer = cl.Trainer(cl.GRU(2, 2, 2, key=0), data, seed=np.int64(3))
    assert cl.Trainer.load(trainer.save(tmp_path / "trainer"), data).seed == 3
