"""Files of a network alone, without the run that trained it."""

from pathlib import Path
from typing import Any

from cogrnn_lab.models import Network
from cogrnn_lab.models.description import describe_model, model_skeleton
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training.archive import read_archive, tree_arrays, tree_from_arrays, write_archive

KINDS_OF_FILES = ("network", "run", "trainer")


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
    header, arrays = read_archive(path, *KINDS_OF_FILES)
    return tree_from_arrays("model", model_skeleton(header["model"], kind), arrays)
