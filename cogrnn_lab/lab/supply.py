"""What there is to train on: a source may have no data yet, or those that were sent may have been refused."""

from typing import Any

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.published_sets import DOWNLOAD_FIRST, PublishedSets
from cogrnn_lab.lab.data.sources import make_dataset
from cogrnn_lab.lab.data.table import Table, read_upload
from cogrnn_lab.lab.settings.state import PUBLISHED, TABLE, LabState

NOTHING = "Nothing to train on"
UPLOAD_FIRST = "Upload a CSV file or an Excel workbook with one row per trial, in the Data panel."


class Supply:
    """Data that were given, uploaded or downloaded, and why no run can be made of the source that is picked.

    `refusal` is the error that the last attempt to make a run ended with, None where it succeeded. Until then
    the run before stays to be looked at, but nothing may train it under the name of what was refused.
    `has_data` tells whether data could be made, and it was the network that did not fit them.
    """

    def __init__(self, given: Dataset | None):
        self.given = given
        self.table: Table | None = None
        self.refused_file = ""  # that there is no table of
        self._unread: Exception | None = None  # why
        self.published = PublishedSets()
        self.refusal: Exception | None = None
        self.has_data = False  # or it was the data that were refused

    def read(self, name: str, content: bytes) -> Table:
        """Read an uploaded file; where it is refused there is no table any more, not even that of before."""
        self.table, self.refused_file = None, name
        try:
            table = read_upload(name, content)
        except Exception as error:
            self._unread = error
            raise
        self.take(table)
        return table

    def take(self, table: Table) -> None:
        """Keep a table that was read."""
        self.table, self.refused_file = table, ""

    def dataset(self, state: LabState) -> Dataset:
        """Make the data that the settings describe. Raises `ValueError` with what to change."""
        self.has_data = False
        dataset = make_dataset(state, self.table, self.given, self.published.at_hand(state.data))
        self.has_data = True
        return dataset

    def missing(self, data: Any) -> str:
        """Say what has to be done before there are data of the source that is picked, "" where nothing."""
        if data.source == TABLE and self.table is None:
            if self.refused_file:
                return f"{NOTHING}: {self.refused_file} was refused. Correct the file and upload it again."
            return f"{NOTHING} yet. {UPLOAD_FIRST}"
        is_missing = data.source == PUBLISHED and self.published.at_hand(data) is None
        return f"{NOTHING} yet. {DOWNLOAD_FIRST}" if is_missing else ""

    def nothing(self, data: Any) -> str:
        """Say why Train is off: there are no data, or no run could be made; "" where it is on."""
        return self.missing(data) or (
            "" if self.refusal is None else self.told(self.refusal, str(self.refusal))
        )

    def told(self, error: Exception, sentence: str) -> str:
        """The sentence of an error, which says that nothing can be trained where that is so."""
        if error is self._unread:
            return f"{NOTHING}: {sentence}"
        if error is not self.refusal:
            return sentence
        return f"{'Nothing to train' if self.has_data else NOTHING}: {sentence}"
