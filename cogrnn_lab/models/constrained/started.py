"""How a constrained network was started, so that replicates of it can be made."""

from collections.abc import Mapping
from typing import Any


class Started:
    """Constructor arguments that are in no array as they were given, such as initializers.

    No part of what a network is: all are equal, so that networks which were started in different ways share
    what is compiled. A network from a file has none (None).
    """

    def __init__(self, arguments: Mapping[str, Any] | None):
        self.arguments = arguments

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Started)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "Started()"
