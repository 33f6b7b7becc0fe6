"""The section `Example:` of our docstrings, under the name that griffe knows: its lines are code."""

import re
from typing import Any

import griffe


class DoctestSections(griffe.Extension):
    """Extension of griffe that gives the section the name under which its doctests are code."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Rename the section in the docstring of an object that was just read."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"(?m)^( *)Example:$", r"\1Examples:", obj.docstring.value)
