"""Where the choices come from: a simulated agent in an environment, or an uploaded table.

And one session of them.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import ipywidgets as w
import jax
import numpy as np
import traitlets as t

from cogrnn_lab.lab.controls.clicks import click_controls
from cogrnn_lab.lab.controls.fields import field, form
from cogrnn_lab.lab.controls.mystery import mystery_controls
from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.controls.published import PublishedControls
from cogrnn_lab.lab.controls.table import TableControls
from cogrnn_lab.lab.controls.tasks import TaskControls
from cogrnn_lab.lab.figures.click_preview import ClickPreview
from cogrnn_lab.lab.figures.session_preview import SessionPreview
from cogrnn_lab.lab.figures.trial_preview import TrialPreview
from cogrnn_lab.lab.markup import Markup, join
from cogrnn_lab.lab.page.style import box, panel, text, title
from cogrnn_lab.lab.settings.state import (
    CLICKS,
    GIVEN,
    MYSTERY,
    PUBLISHED,
    SIMULATED,
    TABLE,
    TASK,
    LabState,
)

HELP = (
    "The choices to be explained. Simulated agents are good for learning the lab: you know what the network "
    "should find. Or upload a table with one row per trial (CSV, tab-separated text, Excel)."
)
SOURCES = [SIMULATED, MYSTERY, TABLE, PUBLISHED, CLICKS, TASK]
OF_SOURCES = (
    "_simulated",
    "_mystery",
    "table",
    "_task",
    "_clicks",
    "published",
    "preview",
    "trial",
    "clicks",
)
OF_SIGNAL = {
    "noise": ("noise", "standard deviation of the recording's noise"),
    "gain": ("gain", "units of the recording for one unit of reward"),
    "baseline": ("baseline", "what is recorded when nothing happens"),
    "missing": ("missing", "fraction of trials without a recording"),
}


class DataControls:
    """The panel. `on_upload(name, content)` takes an uploaded file, `on_get()` gets the published set.

    The fields of a source are made when it is first picked: a page that opens has a hundred widgets fewer.
    """

    def __init__(self, state: LabState, on_upload, on_get):
        self.state, self._on_upload, self._on_get = state, on_upload, on_get
        self.source = w.Dropdown(
            options=SOURCES,
            value=state.data.source,
            tooltip="where the choices come from",
        )
        self.source.add_class("cog-set-source")
        t.link((state.data, "source"), (self.source, "value"))
        self.summary = text("", "cog-dim", "cog-summary")
        self.preview = SessionPreview()
        self.key = text("", "cog-legend")
        self.previews = box([self.preview.plot], "cog-figures")
        self.fields = w.VBox()
        state.data.observe(lambda _: self._show_fields(), "source")
        self._show_fields()
        self.widget = panel(
            [title("Data", HELP), self.source],
            self.fields,
            self.summary,
            self.previews,
            self.key,
        )

    @property
    def widgets(self) -> list[w.Widget]:
        """Widgets that the panel has made for each source, also those that are not up."""
        made = [one for name, one in vars(self).items() if name in OF_SOURCES]
        return [
            one if isinstance(one, w.Widget) else getattr(one, "plot", None) or one.widget for one in made
        ]

    @cached_property
    def _simulated(self) -> w.Widget:
        return self._simulated_fields()

    @cached_property
    def table(self) -> TableControls:
        """Controls of an uploaded table."""
        return TableControls(self.state, self._on_upload)

    @cached_property
    def _task(self) -> TaskControls:
        return TaskControls(self.state)

    @cached_property
    def _clicks(self) -> w.Widget:
        return click_controls(self.state)

    @cached_property
    def _mystery(self) -> w.Widget:
        return mystery_controls(self.state)

    @cached_property
    def published(self) -> PublishedControls:
        """Controls of the published sets."""
        return PublishedControls(self.state, self._on_get)

    @cached_property
    def trial(self) -> TrialPreview:
        """One trial of a task."""
        return TrialPreview()

    @cached_property
    def clicks(self) -> ClickPreview:
        """One trial of clicks."""
        return ClickPreview()

    def offer_given(self) -> None:
        """A data set was passed from Python: it can be picked as a source."""
        self.source.options = [*SOURCES, GIVEN]

    # Parts of the controls of a table, by which the lab asks for them.
    upload = property(lambda self: self.table.upload)
    file = property(lambda self: self.table.file)
    pickers = property(lambda self: self.table.pickers)

    def show_nothing(self, error: Exception | None = None) -> None:
        """Show that the source that is picked has no data, and the error that refused them."""
        self._show_doubt(error)
        self.summary.value = "no data; the figures are of the run before"
        self._preview([])
        self.key.value = ""

    def show_dataset(self, sentences: Sequence[str], session) -> None:
        """Show what was read, a line for each sentence, and one session of it (a `SessionColumns`)."""
        self._show_doubt(None)
        self.summary.value = join(sentences, Markup("<br>"))
        if session.clicks is not None:
            self._preview([self.clicks.plot])
            self.key.value = self.clicks.draw(session)
            return
        self._preview([self.preview.plot])
        self.preview.draw(session)
        self.key.value = self.preview.legend(session)

    def show_task(self, task: Any) -> None:
        """One trial of a task."""
        trial = jax.tree.map(lambda leaf: leaf[0], jax.device_get(task.batch(jax.random.key(1), 1)))
        self._preview([self.trial.widget])
        self.summary.value = f"{task.n_steps} steps of {task.dt:g} ms · new trials for every step"
        self.key.value = self.trial.draw(trial, np.asarray(task.times), task.input_names, task.target_names)

    def _show_doubt(self, error: Exception | None) -> None:
        if "table" in vars(self):
            self.table.show_doubt(error)

    def _preview(self, children: list[w.Widget]) -> None:
        if list(self.previews.children) != children:
            self.previews.children = children

    def _simulated_fields(self) -> w.Widget:
        data = self.state.data
        sizes = [
            field(data, "n_sessions", "sessions"),
            field(data, "n_trials", "trials each"),
            field(data, "seed", description="seed of the simulation"),
        ]
        return w.VBox(
            (
                one_of(data.agent, "agent"),
                one_of(data.environment, "environment", columns=3),
                box(sizes, "cog-grid", "cog-grid-3"),
                self._subject_fields(),
            )
        )

    def _subject_fields(self) -> w.Widget:
        """Several subjects, and a signal that is recorded while they choose."""
        data = self.state.data
        ends = box(
            [field(data, "lowest", description="of the first subject"),
             field(data, "highest", description="of the last subject")],
            "cog-grid", "cog-grid-2",
        )  # fmt: skip
        varied = w.Dropdown(options=[""], tooltip="the parameter in which the subjects differ")
        varied.add_class("cog-set-varied")

        def offer(_=None) -> None:
            names = data.can_vary() or [""]
            varied.options = [(name.replace("_", " ") or "nothing", name) for name in names]
            varied.value = data.varied if data.varied in names else names[0]

        def show(_=None) -> None:
            several = data.n_subjects > 1
            ends.layout.display = names.layout.display = "" if several else "none"

        names = box((text("they differ in", "cog-name"), varied), "cog-field")
        offer()
        varied.observe(lambda change: setattr(data, "varied", change.new or ""), "value")
        data.agent.observe(offer, "kind")
        data.observe(offer, "varied")
        data.observe(show, "n_subjects")
        show()
        n_subjects = field(data, "n_subjects", "subjects", description="who share the sessions")
        signal = field(data, "signal", "recorded signal", description="activity recorded on every trial")
        who = box([n_subjects, names], "cog-grid", "cog-grid-2")
        return w.VBox((who, ends, box([signal], "cog-grid"), self._recording_fields()))

    def _recording_fields(self) -> w.Widget:
        """Numbers of the recorded signal, where there is one."""
        data = self.state.data
        forms = {name: form(part, 4, OF_SIGNAL) for name, part in data.recording.by_kind.items()}
        place = w.VBox()

        def show(_=None) -> None:
            place.children = (forms[data.signal],) if data.signal in forms else ()

        data.observe(show, "signal")
        show()
        return place

    def _show_fields(self) -> None:
        shown = {
            SIMULATED: lambda: self._simulated,
            TABLE: lambda: self.table.widget,
            TASK: lambda: self._task.widget,
            PUBLISHED: lambda: self.published.widget,
            CLICKS: lambda: self._clicks,
            MYSTERY: lambda: self._mystery,
        }
        fields = shown.get(self.state.data.source)
        self.fields.children = () if fields is None else (fields(),)
