"""The one door to work that is done elsewhere: calls as tasks of any `dask.distributed` client."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from cogrnn_lab.extras import imported_extra

Later = Callable[[], Any]


class WorkersDied(RuntimeError):
    """Error of work at which workers died again and again, as they do without memory."""


class Here:
    """This process: each call is made when it is asked what it came to."""

    is_here = True

    def keep(self, value: Any) -> Any:
        """Give what stands for a value in the arguments of several calls: the value itself."""
        return value

    def begin(self, name: str, call: Callable[..., Any], *arguments: Any) -> Later:
        """Give the function that makes a call when it is asked what it came to."""
        return partial(call, *arguments)

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *error: object) -> None:
        pass


class Workers:
    """Workers of a `dask.distributed` client, for as long as a block lasts; what is left then is cancelled.

    A call at which a worker dies is made again at another one, as often as Dask's `allowed-failures` says.

    Arguments:
        client: The client.
        what: What needs it, for the sentence where Dask is missing.

    Raises:
        ModuleNotFoundError: Dask is not installed.
        TypeError: It is no client.
    """

    is_here = False

    def __init__(self, client: Any, what: str):
        self._distributed = imported_extra("distributed", "cluster", what)
        if not isinstance(client, self._distributed.Client):
            raise TypeError(
                f"client is {client!r}, expected a dask.distributed Client, such as "
                "Client(LocalCluster()) or Client('tcp://scheduler:8786')"
            )
        self._client, self._begun = client, []
        self._id = uuid.uuid4().hex[:8]

    def keep(self, value: Any) -> Any:
        """Give what stands for a value in the arguments of calls; workers pass it on among themselves.

        It is a task and no scattered data: what the death of a worker takes along is made again.
        """
        return self.submit("kept", _given, value)

    def submit(self, name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Begin a call, and give its future."""
        key = f"{name}-{self._id}-{len(self._begun)}"
        future = self._client.submit(call, *arguments, key=key, pure=False)
        self._begun.append(future)
        return future

    def begin(self, name: str, call: Callable[..., Any], *arguments: Any) -> Later:
        """Begin a call; the function that is returned waits for its result, or raises `WorkersDied`."""
        return partial(self._result, name, self.submit(name, call, *arguments))

    def as_ended(self, futures: Iterable[Any]) -> Iterator[Any]:
        """Give futures one by one, as they end."""
        return iter(self._distributed.as_completed(list(futures)))

    def has_died(self, future: Any) -> bool:
        """Whether workers died of a call again and again; waits for its end."""
        return isinstance(future.exception(), self._distributed.KilledWorker)

    def _result(self, name: str, future: Any) -> Any:
        if self.has_died(future):
            raise WorkersDied(
                f"workers died each time at {name}, as they do without memory; with folder= the same call "
                "goes on from what was finished"
            )
        return future.result()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.cancel(self._begun)


Door = Here | Workers


def door_to(client: Any, what: str) -> Door:
    """Give the workers of a client, or this process where there is none.

    Raises:
        ModuleNotFoundError: Dask is not installed.
        TypeError: It is no client.
    """
    return Here() if client is None else Workers(client, what)


def _given(value: Any) -> Any:
    return value
