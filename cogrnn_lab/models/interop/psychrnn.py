"""Import of weights that PsychRNN trained (Ehrlich et al., eNeuro 2021)."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models.activation import activation_name
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.models.constrained.rnn import ConstrainedRNN
from cogrnn_lab.models.gated.lstm import LSTM
from cogrnn_lab.schemas import FileError, taking_apart
from cogrnn_lab.stored_arrays import array_of

# Its gates in the order of ours: input, forget, output, candidate.
GATES = ("i", "f", "o", "c")


def from_psychrnn(
    weights: Mapping[str, Any] | str | Path,
    *,
    dt: float | None = None,
    tau: float | Sequence[float] | np.ndarray | None = None,
    activation: str | Callable[[jax.Array], jax.Array] | None = None,
    recurrent_noise: float = 0.0,
    trial: int | None = None,
) -> ConstrainedRNN | LSTM:
    """Convert a network that PsychRNN trained.

    Nothing is unpickled: of a file only arrays of numbers are read. For a network that is not an LSTM, pass
    what PsychRNN's files do not say: `dt`, `tau`, `activation` and `recurrent_noise`.

    Arguments:
        weights: What `get_weights()` of PsychRNN returned, or the .npz file that its `save` wrote.
        dt: Duration of a step (ms).
        tau: Time constant (ms), one for all units or one for each.
        activation: Its transfer_function: a name, such as "relu" (PsychRNN's default), or a function of JAX,
            which is then registered under its own name.
        recurrent_noise: Its rec_noise.
        trial: Which start state of its LSTM to take, which trains one for each trial of a batch; None for
            their mean.

    Returns:
        A network that computes the same.

    Raises:
        ValueError: An array or an argument is missing, or the arrays' shapes contradict each other.

    Source:
        Ehrlich, Stone, Brandfonbrener, Atanasov & Murray, eNeuro 2021.
    """
    arrays = _read(weights) if isinstance(weights, str | Path) else dict(weights)
    if "W_f" in arrays:
        return _lstm(arrays, trial)
    if trial is not None:
        raise ValueError("trial= is for PsychRNN's LSTM: this network has one start state for all trials")
    if dt is None or tau is None:
        raise ValueError(
            "PsychRNN's files do not say dt and tau; pass those of the network, dt= and tau= (ms)"
        )
    return _constrained(arrays, dt, tau, activation, recurrent_noise)


# Arrays that it computes with, by how their names begin or end; all others may be what they like.
WEIGHTS = ("W_", "b_", "init_", "Dale_"), ("_connectivity",)

# Bytes that an array of its file may have, 8000 units all connected, and all of it; and of an array's head.
LARGEST, LARGEST_FILE, HEAD = 2**28, 2**30, 128


def _read(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of its file; what it pickles (a ratio of None, the transfer function) is left out unread."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise FileError(f"{str(path)!r} is not an .npz file, which PsychRNN's save writes")
    arrays = {}
    with taking_apart(path), zipfile.ZipFile(path) as file:
        if sum(member.file_size for member in file.infolist()) > LARGEST_FILE:
            raise FileError(
                f"it holds more than {LARGEST_FILE >> 20} MiB, which no network of PsychRNN needs"
            )
        for member in file.infolist():
            name = member.filename.removesuffix(".npy")
            is_small = member.file_size - HEAD <= LARGEST
            array = _numbers(file.read(member)) if is_small else None
            if array is not None:
                arrays[name] = array
            elif name.startswith(WEIGHTS[0]) or name.endswith(WEIGHTS[1]):
                raise FileError(
                    f"it holds {name!r} as a pickled object, expected an array of up to {LARGEST >> 20} MiB "
                    "of numbers: it is not a file that PsychRNN's save wrote, or it is damaged"
                )
    return arrays


def _numbers(content: bytes) -> np.ndarray | None:
    """An array of numbers from an .npy file; None for anything else, which is not looked at."""
    try:
        array = array_of(content)
    except FileError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _activation(activation: Any, arrays: Mapping[str, Any]) -> str:
    """Name of the activation; a file that does not say it is not taken for one of rectified units."""
    if activation is not None:
        return activation_name(activation)
    said = getattr(arrays.get("transfer_function"), "__name__", "")
    raise ValueError(
        "the transfer function of this network is not in its arrays, and a pickled one is not opened; pass "
        "that of the network, activation='relu' (PsychRNN's default), 'softplus', 'tanh', ... or a function "
        "of JAX" + (f"; these weights came with one called {said!r}" if said else "")
    )


def _array(arrays: Mapping[str, Any], name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    if name not in arrays:
        raise ValueError(f"the weights of PsychRNN lack {name!r}; got {', '.join(sorted(arrays))}")
    array = np.asarray(arrays[name], np.float32)
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, but the other weights say {shape}")
    return array


def _constrained(arrays, dt, tau, activation: Any, recurrent_noise: float) -> ConstrainedRNN:
    w_rec = _array(arrays, "W_rec")
    n_units = w_rec.shape[0]
    w_in, w_out = _array(arrays, "W_in"), _array(arrays, "W_out")
    n_inputs, n_outputs = w_in.shape[-1], w_out.shape[0]
    shapes = {"input": (n_units, n_inputs), "rec": (n_units, n_units), "output": (n_outputs, n_units)}
    masks = {name: _array(arrays, f"{name}_connectivity", shape) for name, shape in shapes.items()}
    obeys_dale = _obeys_dale(arrays, n_units)
    signs = np.diag(_array(arrays, "Dale_rec", (n_units, n_units))).astype(int)
    read = np.diag(_array(arrays, "Dale_out", (n_units, n_units))).astype(np.int8)
    n_excitatory = int((signs > 0).sum())
    is_sorted = bool(np.array_equal(signs, np.where(np.arange(n_units) < n_excitatory, 1, -1)))
    constraint: dict[str, Any] = {}
    if obeys_dale:
        constraint = {"dale_ratio": n_excitatory / n_units} if is_sorted else {"signs": signs}
    b_rec, b_out = _array(arrays, "b_rec", (n_units,)), _array(arrays, "b_out", (n_outputs,))
    start = _array(arrays, "init_state").reshape(-1)
    model = ConstrainedRNN(
        n_inputs,
        n_outputs,
        n_units,
        dt=dt,
        tau=tau,
        activation=_activation(activation, arrays),
        recurrent_noise=recurrent_noise,
        input_mask=masks["input"],
        recurrent_mask=masks["rec"],
        w_in=w_in,
        w_rec=w_rec,
        b_rec=b_rec,
        b_out=b_out,
        start=start,
        key=jax.random.key(0),
        **constraint,
    )
    # Its outputs may read inhibitory units, with their sign: that is its default.
    sign = read if obeys_dale else np.zeros(n_units, np.int8)
    connected = masks["output"].astype(bool) & (read != 0)[None]
    matrix = (PartlyFixed.of(jnp.asarray(w_out)), jnp.asarray(connected), jnp.asarray(sign))
    where = lambda m: [getattr(m.output_matrix, name) for name in ("weights", "connected", "sign")]  # noqa: E731
    return eqx.tree_at(where, model, matrix)


def _obeys_dale(arrays: Mapping[str, Any], n_units: int) -> bool:
    """Tell whether it applied Dale's law: where its ratio is given and not 0, which it takes for none."""
    ratio = arrays.get("dale_ratio", "absent")
    if isinstance(ratio, str):  # left out of a file, or of what was passed on
        return bool((np.diag(_array(arrays, "Dale_rec", (n_units, n_units))) < 0).any())
    ratio = np.asarray(ratio).item()
    return ratio is not None and ratio > 0


def _lstm(arrays: Mapping[str, Any], trial: int | None) -> LSTM:
    w_out = _array(arrays, "W_out")
    n_outputs, n_hidden = w_out.shape
    masked = np.any(np.asarray(arrays.get("output_connectivity", 1.0)) == 0)
    if masked or ("Dale_rec" in arrays and _obeys_dale(arrays, n_hidden)):
        raise ValueError(
            "this LSTM of PsychRNN was made with dale_ratio or output_connectivity, which it applies to the "
            "W_out that it saves but not to the one it computes with: what it computed can't be told"
        )
    n_inputs = _array(arrays, "W_f").shape[0] - n_hidden
    # Its weights are (from, to), with the hidden units before the inputs.
    gates = np.stack([_array(arrays, f"W_{gate}", (n_hidden + n_inputs, n_hidden)).T for gate in GATES])
    start = np.concatenate([_start(arrays, f"init_{part}", n_hidden, trial) for part in ("hidden", "cell")])
    values = {
        "recurrent_weight": gates[..., :n_hidden],
        "input_weight": gates[..., n_hidden:],
        "bias": np.stack([_array(arrays, f"b_{gate}", (n_hidden,)) for gate in GATES]),
        "out_weight": w_out,
        "out_bias": _array(arrays, "b_out", (n_outputs,)),
        "start": start,
    }
    model = LSTM(n_inputs, n_outputs, n_hidden, squash="sigmoid", key=jax.random.key(0))
    return eqx.tree_at(
        lambda m: [getattr(m.core, name) for name in values], model, [jnp.asarray(v) for v in values.values()]
    )


def _start(arrays: Mapping[str, Any], name: str, n_hidden: int, trial: int | None) -> np.ndarray:
    states = _array(arrays, name)
    if states.ndim != 2 or states.shape[1] != n_hidden:
        raise ValueError(f"{name} has shape {states.shape}, but the other weights say (trial, {n_hidden})")
    if trial is None:
        return states.mean(0)
    if not 0 <= trial < len(states):
        raise ValueError(f"trial is {trial}, expected 0 to {len(states) - 1}: its batch had {len(states)}")
    return states[trial]
