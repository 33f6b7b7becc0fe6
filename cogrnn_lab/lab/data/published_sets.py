"""Published data sets that were asked for: downloaded once, and at hand for the runs on them."""

from typing import Any

from cogrnn_lab.data import Dataset, published

DOWNLOAD_FIRST = "Press Get data in the Data panel: the set is downloaded once and kept on this machine."


class PublishedSets:
    """`get(data)` gets the set that a `DataState` names, `at_hand(data)` is it where that was done."""

    def __init__(self):
        self._last: tuple[tuple[str, str], Dataset] | None = None  # which one, and of whom; they are large

    def get(self, data: Any) -> None:
        """Download the set, or take it from the cache; `ConnectionError` where neither is possible."""
        name, subject = _wanted(data)
        dataset = published(name, subjects=(subject,) if subject else None)
        self._last = (name, subject), dataset

    def at_hand(self, data: Any) -> Dataset | None:
        """The set, None where it has to be got first."""
        return self._last[1] if self._last is not None and self._last[0] == _wanted(data) else None


def _wanted(data: Any) -> tuple[str, str]:
    return data.published, data.published_subject
