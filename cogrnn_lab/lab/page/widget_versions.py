"""What ipywidgets 7, which Colab has, does in another way than ipywidgets 8."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as w

IS_EIGHT = int(w.__version__.partition(".")[0]) >= 8


def themed(variable: str, otherwise: str) -> str:
    """A color of the page's theme, by its CSS variable; ipywidgets 7 knows none and takes `otherwise`."""
    return f"var({variable}, {otherwise})" if IS_EIGHT else otherwise


INK = themed("--jp-ui-font-color1", "#222222")
PAPER = themed("--jp-layout-color1", "#ffffff")


def uploaded_file(value: Any) -> tuple[str, bytes]:
    """Name and content of the one file in the value of a `FileUpload`: a tuple, or a dictionary by name."""
    if isinstance(value, Mapping):
        ((name, file),) = value.items()
        return str(name), bytes(file["content"])
    return str(value[0]["name"]), bytes(value[0]["content"])


def forget_upload(upload: w.FileUpload) -> None:
    """Empty an upload, so that the same file can be sent again."""
    upload.set_trait("value", () if IS_EIGHT else {})
