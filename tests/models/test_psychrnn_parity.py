"""Networks of PsychRNN compute here what they compute there, and its files are read without unpickling."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss
from cogrnn_lab.training.losses import mean_squared_error

ITS_PENALTIES = {
    "L1_in": "l1_input",
    "L1_rec": "l1_recurrent",
    "L1_out": "l1_output",
    "L2_in": "l2_input",
    "L2_rec": "l2_recurrent",
    "L2_out": "l2_output",
    "L2_firing_rate": "rates",
}


def arrays_of(path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module", params=["constrained", "plain"])
def fixture(request, parity):
    arrays = arrays_of(parity / f"psychrnn_{request.param}_21.npz")
    config = json.loads(str(arrays["config"]))
    model = cl.interop.from_psychrnn(
        arrays, dt=float(config["dt"]), tau=float(config["tau"]), activation=config["transfer_function"]
    )
    return arrays, config, model


def test_weights_outputs_and_states(fixture):
    arrays, config, model = fixture
    for name in ("W_in", "W_rec", "W_out"):
        np.testing.assert_array_equal(getattr(model, name.lower()), arrays[name])
    assert model.dale_ratio == config["dale_ratio"]
    rolled = cl.rollout(model, arrays["inputs"].astype(np.float32))
    np.testing.assert_allclose(rolled.outputs, arrays["outputs"], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(rolled.states, arrays["states"], rtol=1e-5, atol=2e-6)


def test_effective_weights_from_its_raw_ones(fixture):
    """Our constraints make of its raw weights what its constraints make of them."""
    arrays, _, model = fixture
    for name in ("input", "recurrent", "output"):
        matrix = getattr(model, f"{name}_matrix")
        raw = arrays[{"input": "W_in", "recurrent": "W_rec", "output": "W_out"}[name] + "_raw"]
        from_raw = type(matrix)(type(matrix.weights).of(jnp.asarray(raw)), matrix.connected, matrix.sign)
        np.testing.assert_array_equal(from_raw.effective, matrix.effective)


def test_loss_regularization_and_accuracy(fixture):
    arrays, config, model = fixture
    mask = arrays["output_mask"] > 0
    data = cl.TrialArrays.of(cl.Dataset(arrays["inputs"], arrays["targets"], mask=mask, kind="continuous"))
    penalties = cl.Penalties(**{ours: config[theirs] for theirs, ours in ITS_PENALTIES.items()})
    settings = StepSettings(penalties.as_arrays(), jnp.asarray(0.0), jnp.asarray(1.0))
    loss, (task_loss, _) = penalized_loss(model, data, settings, mean_squared_error, None)
    # It divides by every number, counted or not.
    assert float(task_loss) * mask.mean() == pytest.approx(float(arrays["mean_squared_error"]), rel=1e-5)
    assert float(loss - task_loss) == pytest.approx(float(arrays["regularization"]), rel=1e-5)
    outputs = np.asarray(cl.rollout(model, data.inputs).outputs)
    chosen, right = ((values * mask).mean(1).argmax(-1) for values in (outputs, arrays["targets"]))
    assert (chosen == right).mean() == pytest.approx(float(arrays["accuracy"]))


def test_lstm(parity):
    arrays = arrays_of(parity / "psychrnn_lstm_21.npz")
    inputs = arrays["inputs"].astype(np.float32)
    models = [cl.interop.from_psychrnn(arrays, trial=trial) for trial in range(len(inputs))]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *models)
    rolled = jax.jit(jax.vmap(lambda model, x: model(x)))(stacked, inputs)
    np.testing.assert_allclose(rolled.outputs, arrays["outputs"], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(rolled.states[..., :12], arrays["states"], rtol=1e-5, atol=2e-6)
    mean = cl.interop.from_psychrnn(arrays).initial_state()
    np.testing.assert_allclose(mean[:12], arrays["init_hidden"].mean(0), rtol=1e-5)
    with pytest.raises(ValueError, match="trial is 6, expected 0 to 5"):
        cl.interop.from_psychrnn(arrays, trial=6)
    with pytest.raises(ValueError, match="made with dale_ratio or output_connectivity"):
        cl.interop.from_psychrnn(arrays | {"dale_ratio": np.array(0.8)})


@pytest.mark.parametrize("name", ["plain", "dale", "lstm"])
def test_files_that_it_saved(name, parity):
    """Files that PsychRNN 1.0.0 wrote; with Dale's law its default is that outputs read inhibition too."""
    run = arrays_of(parity / f"psychrnn_saved_{name}_run.npz")
    given = {"trial": 1} if name == "lstm" else {"dt": 10.0, "tau": 100.0, "activation": "relu"}
    model = cl.interop.from_psychrnn(parity / f"psychrnn_saved_{name}.npz", **given)
    outputs = cl.rollout(model, run["inputs"][1:]).outputs[0]
    np.testing.assert_allclose(outputs, run["outputs"][1], rtol=1e-5, atol=2e-6)
    if name == "dale":
        assert (np.asarray(model.w_out)[:, 8:] < 0).any()


def test_import_says_what_is_missing(fixture, tmp_path):
    arrays, _, _ = fixture
    with pytest.raises(ValueError, match="do not say dt and tau"):
        cl.interop.from_psychrnn(arrays)
    with pytest.raises(ValueError, match="lack 'b_rec'"):
        cl.interop.from_psychrnn({k: v for k, v in arrays.items() if k != "b_rec"}, dt=10.0, tau=100.0)
    with pytest.raises(ValueError, match=r"rec_connectivity has shape \(2, 2\), .* say \(20, 20\)"):
        cl.interop.from_psychrnn(arrays | {"rec_connectivity": np.ones((2, 2))}, dt=10.0, tau=100.0)
    np.savez(tmp_path / "evil.npz", W_rec=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="holds 'W_rec' as a pickled object, expected an array"):
        cl.interop.from_psychrnn(tmp_path / "evil.npz", dt=10.0, tau=100.0)


class LeavesAMark:
    """An object that makes a file when it is unpickled, as a file of PsychRNN holds its transfer function."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def with_pickles(arrays, path, mark):
    """The file as PsychRNN's save writes it since July 2022: some of its members are pickled objects."""
    objects = {"transfer_function": np.array(LeavesAMark(mark), dtype=object), "dale_ratio": np.array(None)}
    np.savez(path, **(objects | arrays | {"autapses": np.array(True), "name": np.array("mine")}))
    return path


@pytest.mark.parametrize("kind", ["plain", "dale", "lstm"])
def test_files_with_pickled_members_are_read_and_those_left_alone(kind, parity, tmp_path):
    saved, given = parity / f"psychrnn_saved_{kind}.npz", {"dt": 10.0, "tau": 100.0, "activation": "relu"}
    given = {"trial": 1} if kind == "lstm" else given
    with np.load(saved) as file:
        arrays = {name: file[name] for name in file.files if name != "dale_ratio" or kind == "dale"}
    mark = tmp_path / "mark"
    path = with_pickles(arrays, tmp_path / "new.npz", mark)
    assert not mark.exists()
    got = cl.interop.from_psychrnn(path, **given)
    assert not mark.exists()
    expected = cl.interop.from_psychrnn(saved, **given)
    assert jax.tree.structure(got) == jax.tree.structure(expected)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)
    with np.load(path, allow_pickle=True) as file:  # the mark is one that unpickling does leave
        file["transfer_function"].item().close()
    assert mark.exists()


def doubled_for_a_test(x):
    return 2.0 * x


def test_the_transfer_function_is_not_guessed(fixture, parity, tmp_path):
    arrays, config, _ = fixture
    sizes = {"dt": float(config["dt"]), "tau": float(config["tau"])}
    weights = {name: arrays[name] for name in arrays if name != "config"}
    with pytest.raises(ValueError, match=r"pass that of the network, activation='relu' .*'tanh'"):
        cl.interop.from_psychrnn(weights, **sizes)
    with pytest.raises(ValueError, match="activation='relu'"):
        cl.interop.from_psychrnn(parity / "psychrnn_saved_plain.npz", **sizes)
    with pytest.raises(ValueError, match="came with one called 'tanh'"):
        cl.interop.from_psychrnn(weights | {"transfer_function": jnp.tanh}, **sizes)
    with pytest.raises(ValueError, match="'rleu' is not known"):
        cl.interop.from_psychrnn(weights, **sizes, activation="rleu")
    with pytest.raises(ValueError, match="no name of its own"):
        cl.interop.from_psychrnn(weights, **sizes, activation=lambda x: x)
    by_function = cl.interop.from_psychrnn(weights, **sizes, activation=jnp.tanh)
    assert by_function.activation == "tanh"
    assert cl.interop.from_psychrnn(weights, **sizes, activation=jax.nn.relu).activation == "relu"

    own = cl.interop.from_psychrnn(weights, **sizes, activation=doubled_for_a_test)
    np.testing.assert_allclose(own.rates(jnp.ones((2, own.n_units))), 2.0)


def test_other_files_are_refused(parity, tmp_path, monkeypatch):
    given = {"dt": 10.0, "tau": 100.0, "activation": "relu"}
    (tmp_path / "text.npz").write_text("W_rec")
    with pytest.raises(ValueError, match=r"is not an \.npz file"):
        cl.interop.from_psychrnn(tmp_path / "text.npz", **given)
    monkeypatch.setattr("cogrnn_lab.models.interop.psychrnn.LARGEST", 399)  # W_rec has 400 bytes
    with pytest.raises(
        ValueError, match=r"holds '(W_rec|Dale_rec)' as a pickled object, expected an array of"
    ):
        cl.interop.from_psychrnn(parity / "psychrnn_saved_plain.npz", **given)
