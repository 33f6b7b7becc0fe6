"""Files of a network alone, without the run that trained it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.models import Network
from cogrnn_lab.models.description import DESCRIPTION, check_description, describe_model, model_skeleton
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.schemas import Record, taking_apart
from cogrnn_lab.training.archive import read_archive, tree_arrays, tree_from_arrays, write_archive

KINDS_OF_FILES = ("network", "run", "trainer")
NETWORK = Record({"model": DESCRIPTION})
SMALL = 1000  # a size that no array of the network need have, as the width of layers of which there are none


def save_network(model: Network | HoldsNetwork, path: str | Path) -> Path:
    """Write a network into one file (a JSON header and arrays), atomically; `cl.load_network` reads it.

    Arguments:
        model: Any network, trained or not, or a `Run` or a `Discovery` that has one.
        path: Path of the file; ".npz" is appended to one without an ending.

    Returns:
        The path written.

    Raises:
        TypeError: It is no network, or keeps no field for one of its constructor arguments.

    Example:
        >>> import tempfile
        >>> import cogrnn_lab as cl
        >>> path = cl.save_network(cl.GRU(2, 2, 3, key=0), tempfile.mkdtemp() + "/gru")
        >>> cl.load_network(path).n_hidden
        3
    """
    network = network_of(model)
    header = {"content": "network", "model": describe_model(network)}
    return write_archive(path, header, tree_arrays("model", network))


def load_network(path: str | Path, *, kind: type | None = None) -> Any:
    """Read a network from a file of its own, of a run, or of a trainer.

    Arguments:
        path: File that `save_network`, `Run.save` or `Trainer.save` wrote.
        kind: Class of the network, needed for one of your own.

    Returns:
        The network.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, holds something else, or was saved by a newer version.

    Example:
        >>> import tempfile
        >>> import cogrnn_lab as cl
        >>> path = cl.save_network(cl.LSTM(2, 2, 3, key=0), tempfile.mkdtemp() + "/lstm.npz")
        >>> type(cl.load_network(path)).__name__
        'LSTM'
    """
    header, arrays = read_archive(path, *KINDS_OF_FILES, schema=NETWORK)
    with taking_apart(header):
        return tree_from_arrays("model", described_network(header["model"], arrays, kind), arrays)


def described_network(description: Any, arrays: Mapping[str, np.ndarray], kind: type | None) -> Any:
    """Make the network of a description in a file, with shapes in place of arrays.

    Arguments:
        description: The description.
        arrays: Arrays of the file: no size of the network is larger than theirs.
        kind: Class of a network of your own, or None.

    Returns:
        The network, whose arrays are `jax.ShapeDtypeStruct`.

    Raises:
        FileError: The description is none, or of a network that these arrays are not of.
    """
    sizes = [size for name, array in arrays.items() if name.startswith("model") for size in array.shape]
    check_description(description, max([*sizes, len(arrays), SMALL]))
    return model_skeleton(description, kind)
