"""Places of the controls and panels on the page, and the readings that are written on it."""

from collections.abc import Callable
from typing import Any

import ipywidgets as w
import jax
import traitlets as t

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.controls.data import DataControls
from cogrnn_lab.lab.controls.model import ModelControls
from cogrnn_lab.lab.controls.penalties import PenaltyControls
from cogrnn_lab.lab.controls.storage import StorageControls
from cogrnn_lab.lab.controls.top_bar import TopBar
from cogrnn_lab.lab.controls.training import training_controls
from cogrnn_lab.lab.data.session_columns import reading, session_columns
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.runner import Runner
from cogrnn_lab.lab.engine.ways_out import WayOut
from cogrnn_lab.lab.page.openings import Openings
from cogrnn_lab.lab.page.style import box, style_sheet
from cogrnn_lab.tasks import Task
from cogrnn_lab.unused_gpu import unused_gpu


class Page(w.VBox):
    """The widget of the lab without its behavior: the controls, their places and their readings."""

    # what `Lab` brings along: its parts, and what the buttons do
    _bell: Any
    state: Any
    display: Any
    networks: Any
    folder: Any
    runner: Any
    plan: Any
    total_steps: Any
    train: Any
    _discover_pressed: Any
    failed: Any
    pause: Any
    step: Any
    reset: Any
    upload: Any
    get_published: Any
    save: Any
    load: Any
    report: Any
    export_latents: Any
    export_code: Any
    export_figures: Any
    export_page: Any
    _supply: Any
    _given_model: Any
    _quietly: Any
    _folded: Any  # panels of controls that are not up
    _clock: Any
    _notice: str

    @property
    def runner_or_none(self) -> Runner | None:
        """The runner, None while the lab is being made."""
        return getattr(self, "runner", None)

    @property
    def _is_discovering(self) -> bool:
        """Whether a discovery is going on."""
        run = None if self.runner_or_none is None else self.runner_or_none.run
        return run is not None and run.course.is_at_work

    def _make_controls(self) -> None:
        state = self.state
        self.top = TopBar(
            train=self.train, discover=self._discover_pressed, pause=self.pause, step=self.step,
            reset=self.reset,
        )  # fmt: skip
        self.top.show_device(_device_name(), unused_gpu())
        self.data_controls = DataControls(state, on_upload=self.upload, on_get=self.get_published)
        self.model_controls = ModelControls(state)
        self.penalty_controls = PenaltyControls(
            state, ("latent", "update_input", "update_latent", "choice_latent")
        )
        self.storage = StorageControls(
            save=self.save, load=self.load, export=self.export_latents, export_code=self.export_code,
            export_figures=self.export_figures, export_page=self.export_page,
        )  # fmt: skip
        self.storage.offer(self.folder.names())
        t.link((state.view, "run_name"), (self.storage.name, "value"))
        state.view.orders |= {
            "save": lambda: self.save(state.view.run_name),
            "report": lambda: self.report(state.view.run_name),
        }
        if self._supply.given is not None:
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
        left = w.VBox(self._controls(panels))
        left.add_class("cog-left")
        show = self.display
        body = box([left, show.widget], "cog-body")
        self.add_class("cog-lab")
        self.openings = Openings(
            self,
            lambda: (*show.widgets, *self.data_controls.widgets, *self._folded),
            self._bell,
        )
        self.children = (style_sheet(), self.top.widget, body, show.pacing.widget, self.openings.widget)

    def _controls(self, panels: tuple[w.Widget, ...]) -> tuple[w.Widget, ...]:
        """What stands in the column of controls, of these panels."""
        return panels

    def _show_data(
        self, dataset: Dataset | None = None, task: Task | None = None, held_out_words: str = ""
    ) -> None:
        if dataset is None and self.runner.run is not None:
            run = self.runner.run
            dataset, task, held_out_words = run.dataset, run.task, run.held_out_words
        if dataset is None:
            return
        if task is not None:
            self.data_controls.show_task(task)
            return
        session = min(self.state.view.session, dataset.n_sessions - 1)
        sentences = [*reading(dataset), *filter(None, [held_out_words])]
        self.data_controls.show_dataset(sentences, session_columns(dataset, session))

    def _show_current_progress(self) -> None:
        if self.runner.run is not None:
            self._show_progress(self.runner.run)

    def _show_progress(self, run: LabRun) -> None:
        self._progress_at = self._clock()
        phase = self.plan(run)
        name = phase.name if phase.steps else "finished"
        self.top.show_progress(run.trainer.step_count, self.total_steps(run), self.runner.speed, name)

    def _show_buttons(self) -> None:
        """Enable the buttons that can be pressed, and pale figures of another source than the picked one."""
        runner, nothing = self.runner_or_none, bool(self._supply.nothing(self.state.data))
        run = None if runner is None else runner.run
        self.top.show_running(
            runner is not None and runner.wants_to_train,
            can_train=not nothing,
            can_discover=run is not None and run.task is None,
            discovery="" if run is None else run.course.state,
        )
        (self.display.widget.add_class if nothing else self.display.widget.remove_class)("cog-of-before")

    def _way(self, way: WayOut | None) -> tuple[str, Callable[[], None]] | None:
        """The button of a way out, and what it does: set these settings, and train with them."""
        if way is None:
            return None

        def take() -> None:
            with self._quietly():
                for section, values in way.settings.items():
                    getattr(self.state, section).set_quietly(**values)
            if way.afresh:
                self.reset()
            self.train()

        return way.words, take

    def _with_notice(self, sentence: str) -> str:
        return f"{sentence} {self._notice}".strip()


def _device_name() -> str:
    device = jax.devices()[0]
    return "CPU" if device.platform == "cpu" else device.device_kind
