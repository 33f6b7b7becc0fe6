"""Published data sets: nothing is downloaded before the button is pressed."""

from collections.abc import Callable

import ipywidgets as w

from cogrnn_lab.data import published_set
from cogrnn_lab.lab.controls.fields import field
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.settings.state import LabState

EVERYBODY = "all"


class PublishedControls:
    """Pickers of a set and, where each has a file, of its subjects; `on_get()` gets the data."""

    def __init__(self, state: LabState, on_get: Callable[[], None]):
        self._data = state.data
        self.get = w.Button(
            description="Get data", icon="download", tooltip="download the set, or take it from the cache"
        )
        self.get.add_class("cog-small")
        self.get.add_class("cog-get-data")
        self.get.on_click(lambda _: on_get())
        self.subject = Picker(
            lambda name: setattr(self._data, "published_subject", name),
            "whose trials; every subject is a file",
            "cog-set-published-subject",
            [("all", "")],
        )
        self.note = text("", "cog-dim")
        of_whom = box((text("subject", "cog-name"), self.subject.widget), "cog-field")
        picker = field(self._data, "published", "data set", description="published choices of animals")
        fields = box([picker, of_whom], "cog-grid", "cog-grid-2")
        self.widget = w.VBox((fields, box([self.get], "cog-store"), self.note))
        self._show()
        self._data.observe(lambda _: self._other_set(), "published")
        self._data.observe(lambda _: self._show(), "published_subject")

    def _other_set(self) -> None:
        """Start with one subject where each has a file of its own: all of them are much to download."""
        names = self._names()
        if self._data.published_subject not in names:
            self._data.published_subject = names[0] if names else ""
        self._show()

    def _names(self) -> list[str]:
        return [name for name in published_set(self._data.published).files if name != EVERYBODY]

    def _show(self) -> None:
        names, chosen = self._names(), published_set(self._data.published)
        known = self._data.published_subject in names
        options = [("all", ""), *((name, name) for name in names)]
        self.subject.offer(options, self._data.published_subject if known else "")
        self.subject.widget.disabled = not names
        self.note.value = f"{chosen.page} · {chosen.license}"
        self.note.tooltip = chosen.citation
