# bqplot has no types, and a type checker takes its classes for the modules of the same names.
from typing import Any

def __getattr__(name: str) -> Any: ...
