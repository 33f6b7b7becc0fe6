"""The lab itself.

Controls on the left, what the network has become on the right, everything alive while it trains.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import traitlets as t

from cogrnn_lab.argument_kinds import check_kinds
from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.display import Display
from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.drives import InlineDrive, choose_drive
from cogrnn_lab.lab.engine.kept.storage import DEFAULT_FOLDER, RunFolder
from cogrnn_lab.lab.engine.kept.visit import Visit
from cogrnn_lab.lab.engine.recipe import (
    next_phase,
    next_phase_of_branch,
    next_phase_on_task,
    total_steps,
)
from cogrnn_lab.lab.engine.references import References
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.runner import Runner
from cogrnn_lab.lab.engine.status_sentences import status_sentence
from cogrnn_lab.lab.engine.ways_out import way_out, way_out_of
from cogrnn_lab.lab.page.first_widgets import make_first_widgets
from cogrnn_lab.lab.page.kernel_messages import keep_every_message
from cogrnn_lab.lab.page.openings import Doorbell
from cogrnn_lab.lab.panel import Panel
from cogrnn_lab.lab.settings.network_choice import NetworkChoice, nature_of_settings
from cogrnn_lab.lab.settings.state import GIVEN, LabState
from cogrnn_lab.lab.supply import Supply
from cogrnn_lab.lab.workshop_orders import WorkshopOrders
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.training import Phase, Report, Run, Trainer

PROGRESS_EVERY = 0.1  # seconds
SETTINGS_CHANGED = "Settings changed: press Reset to start a new run with them."


class Lab(WorkshopOrders):
    """The live laboratory, as a widget: the last line of a cell shows it.

    Every control has its twin here: `lab.state` holds all settings (`lab.state.penalties.latent = 0.01`), the
    buttons are `train()`, `discover()`, `pause()`, `step()`, `reset()`, `explain()`; `dataset`, `model`,
    `trainer` and `run` are what they work on, `equations`, `discovery` and `story` what was found.

    Arguments:
        dataset: Data of your own, picked as the source.
        model: A network of your own for them, untrained or trained, or a `Run` that has one.
        state: The settings to begin with; those of a new `LabState` by default.
        runner: What trains: "auto", "thread" (a worker thread), "cooperative" (short chunks on the main loop,
            for Colab) or "inline" (nothing by itself: `lab.runner.drive.turn()`).
        networks: Constructors of networks of your own by name, to be picked beside the others; see
            `register_network`.
        panels: Kinds of `Panel` of your own, beside those of the package and those that were registered.
        folder: Below which runs are saved and read.
        workshop: Name of a workshop, "bandit": a guided sequence of questions on networks that were found
            before, with fewer controls. `workshop` is then what it works on, and `answer()` its Check.
        room: Folder in which the answers of everybody in the room are kept; by default within `folder`.
            `workshop_progress` lays them out.
        clock: Seconds that never go back, on which the pace of drawing rests.

    Raises:
        ValueError: `runner` is none of these, `networks` are given beside `state`, two panels have the same
            name, there is no such workshop, or data or a network are given beside it.

    Example:
        >>> import cogrnn_lab as cl
        >>> state = cl.lab.LabState()
        >>> state.data.set_quietly(n_sessions=6, n_trials=20)
        >>> lab = cl.Lab(state=state, runner="inline")
        >>> lab.dataset.n_sessions
        6
        >>> lab.close()
    """

    def __init__(
        self,
        dataset: Dataset | None = None,
        model: eqx.Module | HoldsNetwork | None = None,
        *,
        state: LabState | None = None,
        runner: str = "auto",
        networks: Mapping[str, Callable[..., Any]] | None = None,
        panels: Iterable[type[Panel]] = (),
        folder: str | Path = DEFAULT_FOLDER,
        workshop: str | None = None,
        room: str | Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        check_kinds(Lab.__init__, {"dataset": dataset, "state": state, "networks": networks})
        keep_every_message()  # before the first of the lab's widgets
        super().__init__()
        self._bell = Doorbell()  # before all other widgets
        keep_compilations()
        if networks and state is not None:
            raise ValueError("networks were given beside state; pass them as LabState(networks=...)")
        if workshop is not None and (dataset is not None or model is not None):
            raise ValueError("a workshop brings its own data and networks; leave dataset and model out")
        self.state = LabState(networks) if state is None else state
        self._supply = Supply(dataset)
        self._given_model = None if model is None else network_of(model)
        self._clock = clock
        self._progress_at = -1e9
        self._notice = ""  # a sentence to be told once the next run is ready
        self.networks = NetworkChoice(self.state.model, nature_of_settings(self.state.data))
        self.folder = RunFolder(folder)
        self.visit = Visit(self.folder, lambda sentence: self.top.show_status(sentence), clock)
        panels = self._begin_workshop(workshop, room, panels)
        # without a page nothing is ever scrolled to
        self.display = Display(self.state.view, clock, panels, later=runner != "inline")
        self._make_controls()
        make_first_widgets(self.state, self.display.panels.made.values(), self.data_controls.preview)
        self._lay_out()
        self.references = References(self._reference_fitted, lambda error: self.failed(error, ""))
        self._begin_beside()
        self.runner = Runner(self, choose_drive(runner), clock)
        self.display.wake = self.runner.drive.wake
        self.display.view.pace.by_itself = not isinstance(self.runner.drive, InlineDrive)
        if dataset is not None:
            self.state.data.source = GIVEN
        self._listen()
        self._notice = self.visit.offer()
        self._begin_first()

    # --- what the buttons do ------------------------------------------------------------------------

    def train(self) -> None:
        """Start training or go on; returns at once. Where there is nothing to train on, this is told."""
        if self.runner.run is None and self.runner.is_idle:
            self.reset()
        if self._can_train():
            self._show_present()
            self.runner.train()
        self._show_buttons()

    def pause(self) -> None:
        """Stop training after the chunk of steps that is going on, or the discovery."""
        self.runner.pause()
        self.stop_discovery()
        self._show_buttons()

    def step(self, n: int = 1) -> None:
        """Train a few steps and pause.

        Arguments:
            n: Number of training steps.
        """
        if self._can_train():
            self._show_present()
            self.runner.step(n)

    def reset(self) -> None:
        """Make a new run from the settings as they are; whatever was going on ends."""
        missing = self._supply.missing(self.state.data)
        if missing:
            self._show_nothing(missing)
            return
        self.top.reset.button_style = ""
        self._prepare(self._build)
        self._show_buttons()

    def close(self) -> None:
        """End the worker, after what was ordered before, as to save, and take the widget off the screen."""
        if hasattr(self, "references"):
            self.references.begin(None)
            self.openings.close()
            self._leave_beside()
        if self.runner_or_none is not None:  # also called where making the lab has failed
            self.runner.close()
            self.visit.close()
        super().close()

    def wait(self, timeout: float = 600.0) -> str:
        """Block until nothing is being prepared, trained or discovered.

        Arguments:
            timeout: Seconds.

        Returns:
            The `run_state`.

        Raises:
            TimeoutError: The lab is still at work after these seconds.
        """
        end = time.monotonic() + timeout
        while (
            self.discovering.beside.is_busy  # first, as its end is an order to the runner
            or not self.runner.is_idle
            or self.run_state == running.TRAINING
        ):
            if time.monotonic() > end:
                raise TimeoutError(f"the lab is still {self.run_state} after {timeout:g} s")
            time.sleep(0.02)
        return self.run_state

    # --- what they work on --------------------------------------------------------------------------

    @property
    def run_state(self) -> str:
        """One of "empty" (nothing to train on), "preparing", "ready", "training", "paused", "finished"."""
        at_rest = self.runner.status not in (running.PREPARING, running.TRAINING)
        return running.EMPTY if at_rest and self._supply.nothing(self.state.data) else self.runner.status

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

    # --- what the runner calls ----------------------------------------------------------------------

    def plan(self, run: LabRun) -> Phase:
        """Say which phase of training comes next; its `steps` are those left of it.

        Arguments:
            run: The run in training.
        """
        trainer, names = run.trainer, run.penalty_names
        if run.branch is not None and run.curriculum is None:
            return next_phase_of_branch(self.state, names, trainer.step_count)
        if run.curriculum is None:
            return next_phase(self.state, names, trainer.step_count, trainer.phase)
        phase = next_phase_on_task(self.state, names, trainer.step_count)
        return replace(phase, steps=0) if trainer.finished else phase

    def total_steps(self, run: LabRun) -> int:
        """Count the steps of the whole run; fewer than were asked for where its last stage is mastered.

        Arguments:
            run: The run in training.
        """
        if run.trainer.finished:
            return run.trainer.step_count
        on_task, is_branch = run.curriculum is not None, run.branch is not None
        return total_steps(self.state, on_task=on_task, is_branch=is_branch)

    def prepared(self, run: LabRun) -> None:
        """Show a new run.

        Arguments:
            run: The run, which has not begun.
        """
        self._supply.refusal = None
        self.runner.drive.on_main(lambda: self._show_run(run))

    def _show_run(self, run: LabRun) -> None:
        self._begin_shown(run)
        self.model_controls.show_count(run.n_parameters)
        self.state.penalties.offer(run.penalty_names)
        groups = run.trainer.model.groups
        others = tuple(name for name in run.penalty_names if name not in groups)
        self.penalty_controls.show(groups, others, bool(groups) or run.curriculum is not None)
        self.display.show_run(run)
        self._show_progress(run)
        self._fit_references(run)

    def reported(self, run: LabRun, report: Report) -> None:
        """Take note of a chunk that was trained.

        Arguments:
            run: The run in training.
            report: State of the training after the chunk.
        """
        self.display.mark_trained()
        self.visit.look(run)
        self._offer_steps(run)
        self._explain_meanwhile(run)
        if self._clock() - self._progress_at >= PROGRESS_EVERY:
            self._show_progress(run)

    def draw(self, run: LabRun | None, *, all_of_it: bool) -> bool:
        """Draw what is due.

        Arguments:
            run: The present run.
            all_of_it: Whether nothing trains, so that no panel waits for its time.

        Returns:
            Whether more is due.
        """
        return self.display.draw(all_of_it=all_of_it, make=self.runner.drive.on_main)

    def status_changed(self, status: str) -> None:
        """Tell that training began, paused, ended, and so on.

        Arguments:
            status: One of the states of `run_state`.
        """
        run = None if self.runner_or_none is None else self.runner_or_none.run
        at_rest = status in (running.READY, running.PAUSED)
        nothing = at_rest and self._supply.nothing(self.state.data)  # that was told, or is told next
        sentence = "" if nothing else status_sentence(status, run)
        if status == running.READY and sentence:
            sentence, self._notice = self._with_notice(sentence), ""
        if sentence:
            self.top.show_status(sentence, way=self._way(way_out(status, run, self.state)))
        if run is not None:
            self._show_progress(run)
            self._explain_at_rest(status)
        if status in (running.PAUSED, running.FINISHED):
            self.visit.rest(run)
        self._show_buttons()

    def failed(self, error: Exception, trace: str) -> None:
        """Tell an error: one sentence in the status line, the traceback behind the details button.

        Arguments:
            error: The exception.
            trace: Its traceback.
        """
        sentence = str(error).strip() or type(error).__name__
        if not isinstance(error, ValueError | OSError | RuntimeError | t.TraitError):
            sentence = f"{type(error).__name__}: {sentence}"
        runner = self.runner_or_none
        way = self._way(way_out_of(error, None if runner is None else runner.run))
        self.top.show_status(self._supply.told(error, sentence), error=True, traceback=trace, way=way)
        self._show_buttons()

    # --- inside -------------------------------------------------------------------------------------

    def _listen(self) -> None:
        state = self.state
        state.data.on_change(self._settings_changed)
        state.model.on_change(self._settings_changed)
        state.data.observe(self._nature_changed, ["source", "signal", "n_subjects"])
        for name in ("batch_size", "seed", "held_out", "hold_out"):
            state.training.observe(lambda _: self._settings_changed(), name)
        for name in ("warmup_steps", "steps"):
            state.training.observe(lambda _: self._show_current_progress(), name)
        state.view.observe(self._view_changed, self.display.concerns)
        state.view.observe(lambda _: self._fit_references(self.runner.run), "classical")

    def _reference_fitted(self, run: LabRun) -> None:
        if self.runner.run is run:
            self.display.mark_concerned("classical")
            self.runner.drive.wake()

    def _settings_changed(self) -> None:
        """A setting that makes another run.

        At once where nothing was learned yet, else when Reset is pressed.
        """
        if self._quiet:
            return
        run, missing = self.runner.run, self._supply.missing(self.state.data)
        is_in_use = run is not None and (
            run.trainer.step_count or self.runner.wants_to_train or run.course.is_begun
        )
        if missing:
            self._show_nothing(missing)
        elif is_in_use and self._supply.refusal is None:  # else another run was asked for already
            self._show_data()
            self._show_buttons()
            self.top.show_status(self._with_notice(SETTINGS_CHANGED))
            self.top.reset.button_style = "warning"
        else:
            self.reset()

    def _fit_references(self, run: LabRun | None) -> None:
        """Fit classical models beside the network, where that is wanted."""
        self.references.begin(run if self.state.view.classical else None)

    def _view_changed(self, change) -> None:
        self.display.mark_concerned(change.name)
        if change.name == "session":
            self._show_data()
        self.runner.drive.wake()
