"""Uploading a file to the lab as the browser does it, with either version of ipywidgets."""

from datetime import UTC, datetime
from typing import Any

from ipywidgets import FileUpload

from cogrnn_lab.lab.page.widget_versions import IS_EIGHT


def send(upload: FileUpload, name: str, content: bytes) -> None:
    """Set what the widget has once the browser has sent a file."""
    file: dict[str, Any] = {"name": name, "type": "text/csv", "size": len(content)}
    if IS_EIGHT:
        upload.value = ({**file, "content": content, "last_modified": datetime.now(UTC)},)
    else:
        upload.set_trait("value", {name: {"metadata": file, "content": content}})
