"""The lab itself.

Controls on the left, what the network has become on the right, everything alive while it trains.
"""

import html
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import ipywidgets as w
import jax
import traitlets as t

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.controls.data import DataControls
from cogrnn_lab.lab.controls.model import ModelControls
from cogrnn_lab.lab.controls.penalties import PenaltyControls
from cogrnn_lab.lab.controls.storage import StorageControls
from cogrnn_lab.lab.controls.top_bar import TopBar
from cogrnn_lab.lab.controls.training import training_controls
from cogrnn_lab.lab.data.published_sets import DOWNLOAD_FIRST, PublishedSets
from cogrnn_lab.lab.data.session_columns import describe, session_columns
from cogrnn_lab.lab.data.sources import make_dataset
from cogrnn_lab.lab.data.table import Table, guess_columns, read_upload
from cogrnn_lab.lab.display import CONCERNS, LEARNING, Display
from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.drives import choose_drive
from cogrnn_lab.lab.engine.recipe import Stretch, stretch, suit_recipe, task_stretch
from cogrnn_lab.lab.engine.references import References
from cogrnn_lab.lab.engine.run import LabRun, add_reference, make_run
from cogrnn_lab.lab.engine.runner import Runner
from cogrnn_lab.lab.engine.status_sentences import status_sentence
from cogrnn_lab.lab.engine.storage import DEFAULT_FOLDER, RunFolder, SavedRun
from cogrnn_lab.lab.page.first_widgets import make_first_widgets
from cogrnn_lab.lab.page.openings import Openings
from cogrnn_lab.lab.page.style import box, style_sheet
from cogrnn_lab.lab.settings.network_choice import Nature, NetworkChoice, nature_of, nature_of_settings
from cogrnn_lab.lab.settings.state import GIVEN, PUBLISHED, TABLE, TASK, LabState
from cogrnn_lab.tasks import Task
from cogrnn_lab.training import Report, Run, Trainer

PROGRESS_EVERY = 0.1  # seconds
SETTINGS_CHANGED = "Settings changed: press Reset to start a new run with them."


class Lab(w.VBox):
    """The live laboratory, as a widget: the last line of a cell shows it.

    Arguments: `dataset`, data of your own, picked as the source; `model`, an untrained or trained network of
    your own for it; `runner`, what trains: "auto", "thread" (a worker thread), "cooperative" (short chunks on
    the main loop, for Colab) or "inline" (nothing by itself: `lab.runner.drive.turn()`); `folder`, below
    which runs are saved and read.

    Every control has its twin here: `lab.state` holds all settings (`lab.state.penalties.latent = 0.01`), the
    buttons are `train()`, `pause()`, `step()`, `reset()`; `dataset`, `model`, `trainer` and `run` are what
    they work on.
    """

    def __init__(
        self,
        dataset: Dataset | None = None,
        model: eqx.Module | None = None,
        *,
        runner: str = "auto",
        folder: str | Path = DEFAULT_FOLDER,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        keep_compilations()
        self.state = LabState()
        self._given_dataset, self._given_model = dataset, model
        self._table: Table | None = None
        self._published = PublishedSets()
        self._clock, self._lock = clock, threading.RLock()
        self._progress_at = -1e9
        self._quiet = False  # several settings are being exchanged: don't prepare a run for each
        self._notice = ""  # a sentence to be told once the next run is ready
        self.networks = NetworkChoice(self.state.model)
        self.folder = RunFolder(folder)
        self.display = Display(self.state.view, clock)
        self._make_controls()
        make_first_widgets(self.state, self.display, self.data_controls.preview)
        self._lay_out()
        self.references = References(self._reference_fitted, lambda error: self.failed(error, ""))
        self.runner = Runner(self, choose_drive(runner), clock)
        if dataset is not None:
            self.state.data.source = GIVEN
        self._listen()
        self.reset()

    # --- what the buttons do ----------------------------------------------------------------------

    def train(self) -> None:
        """Start training or go on; returns at once."""
        if self.runner.run is None and self.runner.is_idle:
            self.reset()
        self.runner.train()
        self._show_buttons()

    def pause(self) -> None:
        """Stop training after the chunk of steps that is going on."""
        self.runner.pause()
        self._show_buttons()

    def step(self, n: int = 1) -> None:
        """`n` training steps."""
        self.runner.step(n)

    def reset(self) -> None:
        """A new run from the settings as they are; whatever was going on ends."""
        missing = self._missing()
        if missing:
            self.top.show_status(self._with_notice(missing))
            return
        self.top.reset.button_style = ""
        self.runner.prepare(self._build)
        self._show_buttons()

    def upload(self, name: str, content: bytes) -> None:
        """Take a CSV file's bytes as the data: its columns are guessed by name, and a new run is made."""

        def order() -> None:
            table = read_upload(name, content)
            self._take_table(table, guess_columns(table.columns))
            self.reset()

        self.top.show_status(f"Reading {name} …")
        self.runner.do(order)

    def get_published(self) -> None:
        """Get the published set that is picked: downloaded once, then from the cache; and a new run on it."""

        def order() -> None:
            self._get_published()
            self.reset()

        self.runner.do(order)

    def save(self, name: str) -> None:
        """Save the run under this name, below `folder`."""

        def order() -> None:
            path = self.folder.save(name, self._current())
            self.storage.offer(self.folder.names())
            self.top.show_status(f"Saved to {path}.")

        self.runner.do(order)

    def load(self, name: str) -> None:
        """Open a saved run; training goes on exactly where it stopped."""
        self.runner.do(lambda: self._open(self.folder.open(name)))

    def export_latents(self, name: str) -> None:
        """Write the latents on every trial as CSV into the run's folder."""

        def order() -> None:
            path = self.folder.export_latents(name, self._current())
            self.top.show_status(f"Latents of every trial are in {path}.")

        self.runner.do(order)

    def close(self) -> None:
        """End the worker and take the widget off the screen."""
        if hasattr(self, "references"):
            self.references.begin(None)
            self.openings.close()
        if self.runner_or_none is not None:  # also called where making the lab has failed
            self.runner.close()
        super().close()

    def wait(self, timeout: float = 600.0) -> str:
        """Block until nothing is being prepared or trained; returns `run_state`. Raises `TimeoutError`."""
        end = time.monotonic() + timeout
        while not self.runner.is_idle or self.run_state == running.TRAINING:
            if time.monotonic() > end:
                raise TimeoutError(f"the lab is still {self.run_state} after {timeout:g} s")
            time.sleep(0.02)
        return self.run_state

    # --- what they work on ------------------------------------------------------------------------

    @property
    def run_state(self) -> str:
        """One of "empty", "preparing", "ready", "training", "paused", "finished"."""
        return self.runner.status

    @property
    def run(self) -> Run | None:
        """The run as it is now: network and history."""
        return None if self.trainer is None else Run.of(self.trainer)

    @property
    def dataset(self) -> Dataset | None:
        """All sessions, held-out ones included."""
        return None if self.runner.run is None else self.runner.run.dataset

    @property
    def trainer(self) -> Trainer | None:
        """The trainer; set its penalties through `state`, which is where the lab takes them from."""
        return None if self.runner.run is None else self.runner.run.trainer

    @property
    def model(self) -> Any:
        """The network as it is now."""
        return None if self.trainer is None else self.trainer.model

    # --- what the runner calls --------------------------------------------------------------------

    def plan(self, run: LabRun) -> Stretch:
        """The stretch of training that comes next."""
        trainer = run.trainer
        if run.curriculum is not None:
            plan = task_stretch(self.state, run.penalty_names, trainer.step_count)
            return replace(plan, left=0, total=trainer.step_count) if trainer.finished else plan
        return stretch(self.state, run.penalty_names, trainer.step_count, trainer.phase)

    def prepared(self, run: LabRun) -> None:
        """Show a new run."""
        self.runner.drive.on_main(lambda: self._show_run(run))

    def _show_run(self, run: LabRun) -> None:
        self.model_controls.show_count(run.n_parameters)
        groups = run.trainer.model.groups
        others = tuple(name for name in run.penalty_names if name not in groups)
        self.penalty_controls.show(groups, others, bool(groups) or run.curriculum is not None)
        self.display.show_run(run)
        self._show_progress(run)
        self._fit_references(run)

    def reported(self, run: LabRun, report: Report) -> None:
        """A chunk was trained."""
        self.display.mark_trained()
        if self._clock() - self._progress_at >= PROGRESS_EVERY:
            self._show_progress(run)

    def draw(self, run: LabRun | None, *, all_of_it: bool) -> bool:
        """Draw what is due."""
        return self.display.draw(all_of_it=all_of_it, make=self.runner.drive.on_main)

    def status_changed(self, status: str) -> None:
        """Training began, paused, ended ..."""
        run = None if self.runner_or_none is None else self.runner_or_none.run
        sentence = status_sentence(status, run)
        if status == running.READY:
            sentence, self._notice = self._with_notice(sentence), ""
        if sentence:
            self.top.show_status(sentence)
        if run is not None:
            self._show_progress(run)
        self._show_buttons()

    def failed(self, error: Exception, trace: str) -> None:
        """One sentence in the status line, the traceback behind the details button."""
        sentence = str(error).strip() or type(error).__name__
        expected = isinstance(error, ValueError | OSError | RuntimeError | t.TraitError)
        self.top.show_status(
            sentence if expected else f"{type(error).__name__}: {sentence}", error=True, traceback=trace
        )
        self._show_buttons()

    @property
    def runner_or_none(self) -> Runner | None:
        """The runner, None while the lab is being made."""
        return getattr(self, "runner", None)

    # --- inside -----------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        state = self.state
        self.top = TopBar(train=self.train, pause=self.pause, step=self.step, reset=self.reset)
        self.top.show_device(_device_name())
        self.data_controls = DataControls(state, on_upload=self.upload, on_get=self.get_published)
        self.model_controls = ModelControls(state)
        self.penalty_controls = PenaltyControls(
            state, ("latent", "update_input", "update_latent", "choice_latent")
        )
        self.storage = StorageControls(save=self.save, load=self.load, export=self.export_latents)
        self.storage.offer(self.folder.names())
        if self._given_dataset is not None:
            self.data_controls.offer_given()
        if self._given_model is not None:
            self.model_controls.fix(type(self._given_model).__name__)

    def _lay_out(self) -> None:
        panels = (
            self.data_controls.widget,
            self.model_controls.widget,
            self.penalty_controls.widget,
            training_controls(self.state),
            self.storage.widget,
        )
        left = w.VBox(panels)
        left.add_class("cog-left")
        show = self.display
        body = box([left, show.widget], "cog-body")
        self.add_class("cog-lab")
        self.openings = Openings(self, (*show.widgets, *self.data_controls.widgets))
        self.children = (style_sheet(), self.top.widget, body, show.pacing.widget, self.openings.widget)

    def _listen(self) -> None:
        state = self.state
        state.data.on_change(self._settings_changed)
        state.model.on_change(self._settings_changed)
        state.data.observe(self._nature_changed, ["source", "signal", "n_subjects"])
        for name in ("batch_size", "seed", "held_out"):
            state.training.observe(lambda _: self._settings_changed(), name)
        for name in ("warmup_steps", "steps"):
            state.training.observe(lambda _: self._show_current_progress(), name)
        state.view.observe(self._view_changed, list(CONCERNS))
        state.view.observe(lambda _: self._fit_references(self.runner.run), "classical")

    def _nature_changed(self, _) -> None:
        nature = nature_of_settings(self.state.data)
        if nature is not None and not self._quiet:  # else the data will tell
            self._follow(nature)

    def _follow(self, nature: Nature) -> None:
        """Go to the network and the recipe that suit data of this nature, and back."""
        if self._given_model is not None:
            return
        self._quiet = True
        try:
            other_recipe = suit_recipe(self.state, self.networks.nature, nature)
            sentences = (self.networks.follow(nature), other_recipe)
            self._notice = " ".join(filter(None, sentences)) or self._notice
        finally:
            self._quiet = False

    def _missing(self) -> str:
        """What has to be done before there can be a run on the source that is picked, "" where nothing."""
        data = self.state.data
        if data.source == TABLE and self._table is None:
            return "Upload a CSV file with one row per trial, in the Data panel."
        is_missing = data.source == PUBLISHED and self._published.at_hand(data) is None
        return DOWNLOAD_FIRST if is_missing else ""

    def _with_notice(self, sentence: str) -> str:
        return f"{sentence} {self._notice}".strip()

    def _reference_fitted(self, run: LabRun) -> None:
        if self.runner.run is run:
            self.display.mark(LEARNING)
            self.runner.drive.wake()

    def _settings_changed(self) -> None:
        """A setting that makes another run.

        At once where nothing was learned yet, else when Reset is pressed.
        """
        if self._quiet:
            return
        run, missing = self.runner.run, self._missing()
        if missing:
            self.top.show_status(self._with_notice(missing))
        elif run is not None and (run.trainer.step_count or self.runner.wants_to_train):
            self.top.show_status(self._with_notice(SETTINGS_CHANGED))
            self.top.reset.button_style = "warning"
        else:
            self.reset()

    def _fit_references(self, run: LabRun | None) -> None:
        """Fit classical models beside the network, where that is wanted."""
        self.references.begin(run if self.state.view.classical else None)

    def _view_changed(self, change) -> None:
        self.display.mark(*CONCERNS[change.name])
        if change.name == "session":
            self._show_data()
        self.runner.drive.wake()

    def _suit_network(self, run_id: int, dataset: Dataset, *, loaded: bool) -> None:
        """A network for data that are there now; that of a saved run is the one it was saved with."""
        nature = nature_of(dataset, on_task=self.state.data.source == TASK)
        if loaded:
            self.networks.take(nature)
        elif run_id == self.runner.run_id and nature != self.networks.nature:
            self.runner.drive.on_main(lambda: self._follow(nature))

    def _build(self, run_id: int, *, loaded: bool = False) -> LabRun:
        self.top.show_status("Making the data …")
        data = self.state.data
        if loaded and data.source == PUBLISHED and self._published.at_hand(data) is None:
            self._get_published()
        at_hand = self._published.at_hand(data)
        dataset = make_dataset(self.state, self._table, self._given_dataset, at_hand)
        self._suit_network(run_id, dataset, loaded=loaded)
        table = self._table if self.state.data.source == TABLE else None
        run = make_run(run_id, self.state, dataset, table, self._given_model)
        if run_id != self.runner.run_id:
            return run
        self.runner.drive.on_main(lambda: self._show_data(dataset, run.task))
        self.top.show_status("Compiling the training step …")
        run.trainer.compile()
        add_reference(run)
        return run

    def _get_published(self) -> None:
        self.top.show_status(f"Getting {self.state.data.published}: downloaded, unless it was before …")
        self._published.get(self.state.data)

    def _show_data(self, dataset: Dataset | None = None, task: Task | None = None) -> None:
        if dataset is None and self.runner.run is not None:
            dataset, task = self.runner.run.dataset, self.runner.run.task
        if dataset is None:
            return
        if task is not None:
            self.data_controls.show_task(task)
            return
        session = min(self.state.view.session, dataset.n_sessions - 1)
        self.data_controls.show_dataset(describe(dataset), session_columns(dataset, session))

    def _take_table(self, table: Table, columns: dict[str, str]) -> None:
        """Make an uploaded table the source, without preparing a run."""
        self._quiet = True
        try:
            self._table = table
            self.data_controls.offer_columns(table.columns, columns)
            self.data_controls.file.value = html.escape(table.name)
            self.state.data.source = TABLE
        finally:
            self._quiet = False

    def _take_settings(self, settings: dict[str, Any]) -> None:
        self.state.update(settings)
        # To pick a set picks a subject of it; a run may be of all, and those of before knew nothing else.
        self.state.data.published_subject = settings["data"].get("published_subject", "")

    def _open(self, saved: SavedRun) -> None:
        self._quiet = True
        try:
            if saved.table is not None:
                self._take_table(saved.table, saved.settings["data"]["table"])
                self._quiet = True
            with self.networks.not_by_hand():
                self.runner.drive.on_main(lambda: self._take_settings(saved.settings))  # makes controls
        finally:
            self._quiet = False

        def build(run_id: int) -> LabRun:
            run = self._build(run_id, loaded=True)
            source = run.train if run.curriculum is None else run.curriculum
            run.trainer = Trainer.load(saved.trainer, source, run.held_out)
            for report in run.trainer.history:
                run.curve.add(report)
            run.curve.marks, run.curve.boundary = list(saved.marks), saved.boundary
            return run

        self.runner.prepare(build)

    def _current(self) -> LabRun:
        if self.runner.run is None:
            raise ValueError("There is no run yet.")
        return self.runner.run

    def _show_current_progress(self) -> None:
        if self.runner.run is not None:
            self._show_progress(self.runner.run)

    def _show_progress(self, run: LabRun) -> None:
        self._progress_at = self._clock()
        plan = self.plan(run)
        done = not plan.left
        self.top.show_progress(
            run.trainer.step_count, plan.total, self.runner.speed, "finished" if done else plan.name
        )

    def _show_buttons(self) -> None:
        runner = self.runner_or_none
        self.top.show_running(runner is not None and runner.wants_to_train)


def _device_name() -> str:
    device = jax.devices()[0]
    return "CPU" if device.platform == "cpu" else device.device_kind
