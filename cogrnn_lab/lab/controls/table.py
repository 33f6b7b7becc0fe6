"""Controls of an uploaded table: what its columns are, which values are missed trials, what is doubtful."""

import csv
from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets as w
import traitlets as t

from cogrnn_lab.data.reading.missed_codes import DoubtfulChoices
from cogrnn_lab.lab.controls.picker import Picker
from cogrnn_lab.lab.data.table import (
    AS_IT_STANDS,
    MEANINGS,
    NONE,
    ONE_SUBJECT,
    SHOWN,
    TWO_STEP,
    Table,
    guess_columns,
)
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.page.widget_versions import forget_upload, uploaded_file
from cogrnn_lab.lab.settings.state import LabState

FORMATS = ".csv,.txt,.tsv,.gz,.xlsx"
TIPS = {
    "subject": "who chose",
    "session": "when: within a session the past is remembered",
    "choice": "what was chosen",
    "reward": "what was paid; columns of gains and losses, or of two sides, can be summed",
    "trial": "trial numbers, by which the rows are sorted; numbers left out are missed trials",
    "stimulus": "what was shown before the choice, as kinds",
    "foregone": "what the other alternative would have paid",
    "second": "two-step task: the second choice",
    "state": "two-step task: the second state, of two labels",
    "transition": "two-step task, instead of the second state: common or rare",
    "missed": "values of the choice that are trials without one, with commas",
    "classes": "values of the choice that are alternatives, in this order, with commas",
}
LABELS = {
    "stimulus": "stimulus",
    "foregone": "foregone outcome",
    "second": "second choice",
    "state": "second state",
    "transition": "transition",
}
QUOTE = '"'
LONGEST = 22  # letters of the labels on a button


class TableControls:
    """Upload, pickers of columns, and fields of values; `on_upload(name, content)` takes a file.

    What was read is shown by the panel as for any data. Where choices can be read in two ways, `doubt` shows
    both with a button for each, and nothing trains before one is pressed or a field says it.
    """

    def __init__(self, state: LabState, on_upload: Callable[[str, bytes], None]):
        self.settings, self._on_upload = state.data.table, on_upload
        self._table: Table | None = None
        self.upload = w.FileUpload(
            accept=FORMATS,
            multiple=False,
            description="Upload table",
            tooltip="one row per trial: CSV, tab-separated text or an Excel workbook; .gz too",
        )
        self.upload.add_class("cog-small")
        self.upload.observe(self._uploaded, "value")
        self.file = text("one row per trial, with named columns", "cog-dim")
        self.pickers = {meaning: self._picker(meaning) for meaning in MEANINGS}
        self.trial = self._picker("trial")
        self.further = {meaning: self._picker(meaning) for meaning in (*SHOWN, *TWO_STEP)}
        self.missed, self.classes = self._labels("missed"), self._labels("classes")
        self.notes = text("", "cog-note")
        self._doubt: DoubtfulChoices | None = None
        self.ways = (w.Button(), w.Button())
        self.doubt = self._make_doubt()
        self.show_doubt(None)
        self.settings.observe(lambda _: self._show_columns(), (*MEANINGS, "trial", *self.further))
        self._show_columns()
        fields = [
            *(_field(meaning, picker.widget) for meaning, picker in self.pickers.items()),
            _field("trial number", self.trial.widget),
            *(_field(LABELS[meaning], picker.widget) for meaning, picker in self.further.items()),
            _field("missed trials", self.missed),
            _field("alternatives", self.classes, "cog-longer"),
        ]
        self.widget = w.VBox(
            (
                box((self.upload, self.file), "cog-head"),
                box(fields, "cog-grid", "cog-grid-2"),
                self.notes,
                self.doubt,
            )
        )

    def offer(self, table: Table | None, chosen: dict[str, str]) -> None:
        """Offer the columns of a table (None: there is none), and set which of them mean what."""
        self._table = table
        self.settings.set_quietly(**self.settings.blank() | chosen)
        self.show_doubt(None)
        self._show_columns()

    def show_doubt(self, error: Exception | None) -> None:
        """Show both readings of choices that can be read in two ways, a button for each; None: no doubt."""
        self._doubt = error if isinstance(error, DoubtfulChoices) else None
        self.doubt.layout.display = "none" if self._doubt is None else ""
        if self._doubt is None:
            return
        labels = self._doubt.labels
        shown = ", ".join(labels)
        shown = shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
        one, several = (" is a missed trial", " is a choice"), (" are missed trials", " are choices")
        for way, words in zip(self.ways, one if len(labels) == 1 else several, strict=True):
            way.description = shown + words
        for shown_reading, reading in zip(self._readings, self._doubt.readings, strict=True):
            shown_reading.value = reading

    def _make_doubt(self) -> w.Box:
        """Make what is shown of a doubt: a button for each way to read the choices, and what it comes to."""
        self._readings = (text("", "cog-dim"), text("", "cog-dim"))
        rows = []
        for place, (way, reading) in enumerate(zip(self.ways, self._readings, strict=True)):
            way.tooltip = "read the table so"
            for name in ("cog-small", f"cog-way-{place + 1}"):
                way.add_class(name)
            rows.append(box((way, reading), "cog-way"))
        self.ways[0].on_click(lambda _: self._decide(missed=True))
        self.ways[1].on_click(lambda _: self._decide(missed=False))
        head = text(markup('<span class="cog-status-error">{}</span>', "Two readings; which is meant?"))
        return w.VBox((head, *rows))

    def _decide(self, *, missed: bool) -> None:
        """Read the doubtful labels as missed trials, or as choices."""
        if self._doubt is None:
            return
        if missed:
            self.settings.missed = [*self.settings.missed, *self._doubt.labels]
        else:
            self.settings.classes = list(self._doubt.every)

    def _picker(self, meaning: str) -> Picker:
        pick = partial(setattr, self.settings, meaning)
        return Picker(pick, TIPS[meaning], f"cog-set-column-{meaning}", [("—", NONE)])

    def _labels(self, name: str) -> w.Text:
        words = {"missed": "such as -1, too late", "classes": "all others, sorted"}
        field = w.Text(continuous_update=False, placeholder=words[name], tooltip=TIPS[name])
        field.add_class(f"cog-set-{name}")
        t.link((self.settings, name), (field, "value"), transform=(as_words, as_labels))
        return field

    def _show_columns(self) -> None:
        """Show the settings, also those that name no column of the table: the data are refused then."""
        columns = [] if self._table is None else self._table.columns
        sums = [] if self._table is None else self._table.reward_sums
        further = {
            "subject": [("all one subject", ONE_SUBJECT)],
            "reward": [(one, one) for one in sums],
            "trial": [("rows as they stand", AS_IT_STANDS)],
        }
        for meaning, picker in {**self.pickers, "trial": self.trial, **self.further}.items():
            chosen = getattr(self.settings, meaning)
            nothing = ("pick …" if meaning in ("choice", "reward") else "—", NONE)
            own = further.get(meaning, []) if self._table is not None else []
            options = [nothing, *own, *((column, column) for column in columns)]
            if chosen not in [value for _, value in options]:
                options.append((f"{chosen} (no such column)", chosen))
            picker.offer(options, chosen)
        self.notes.value = self._to_know()

    def _to_know(self) -> Markup:
        """Say what to know of the columns, as long as it was not answered by a pick."""
        if self._table is None:
            return Markup("")
        known, guess = self._table.recognised, guess_columns(self._table)
        n_of_rewards = int(known.reward is None and bool(known.reward_parts))  # the first sentence is of them
        sentences = known.sentences[:n_of_rewards] if self.settings.reward == NONE else ()
        if all(getattr(self.settings, meaning) == guess[meaning] for meaning in ("subject", "session")):
            sentences += known.sentences[n_of_rewards:]
        return join([f"{one[:1].upper()}{one[1:]}" for one in sentences], Markup("<br>"))

    def _uploaded(self, change) -> None:
        if not change.new:
            return
        self.file.value = ""
        self._on_upload(*uploaded_file(change.new))
        forget_upload(self.upload)  # the same file can be sent again after it was corrected


def _field(label: str, control: w.Widget, *classes: str) -> w.Box:
    return box((text(label, "cog-name"), control), "cog-field", *classes)


def as_words(labels: Sequence[str]) -> str:
    """Write labels with commas, those that hold a comma in quotation marks."""
    quoted = [f'"{one.replace(QUOTE, QUOTE * 2)}"' if "," in one or QUOTE in one else one for one in labels]
    return ", ".join(quoted)


def as_labels(words: str) -> list[str]:
    """Read labels that are written with commas."""
    rows = list(csv.reader([words], skipinitialspace=True))
    return [one.strip() for one in (rows[0] if rows else []) if one.strip()]
