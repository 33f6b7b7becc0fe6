"""The lab's orders about networks of before: earlier steps in all figures, training on from any network."""

from collections.abc import Callable
from functools import partial
from typing import Any

from cogrnn_lab.analysis import evaluate
from cogrnn_lab.lab.discovery_orders import DiscoveryOrders
from cogrnn_lab.lab.engine.branch import Branch, dealt_by
from cogrnn_lab.lab.engine.course import HeldNetwork, held_by
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.lab.engine.run import LabRun, add_reference, make_run
from cogrnn_lab.lab.settings.state import TASK


class BranchOrders(DiscoveryOrders):
    """The part of `Lab` that shows earlier networks, and trains on from them."""

    def branch(self) -> None:
        """Begin a run with the network that all figures show, trained on with the penalties as they are set.

        That is the one of `state.view.level` of the discovery, or of `state.view.step` of the run, else the
        one in training. The learning curve of before stays beside the new one, and so does the discovery. A
        level goes on with the sessions that the discovery trained it on, and is scored on those that it was
        chosen by. Train begins it; Reset goes back to an untrained network.
        """
        run = self.runner.run
        if run is None or (not run.trainer.step_count and self._picked(run) is None):
            self.top.show_status("There is no trained network to go on from: press Train first.", error=True)
            return
        try:
            begin = self._branch_of(run)
        except ValueError as error:
            self.failed(error, "")
            return
        self._prepare(partial(self._build_branch, run, begin))
        self._show_buttons()

    # --- inside -------------------------------------------------------------------------------------

    def _begin_beside(self) -> None:
        super()._begin_beside()
        view = self.state.view
        view.observe(self._other_picked, ["level", "step"])
        view.observe(lambda _: self._picture(), "step")
        view.orders |= {"branch": self.branch}

    def _other_picked(self, change) -> None:
        """A level and a step are not shown at once: the one that was picked last is."""
        if change.new >= 0:
            other = "step" if change.name == "level" else "level"
            setattr(self.state.view, other, -1)

    def _show_present(self) -> None:
        """Show the network in training in all figures."""
        self.state.view.set_quietly(level=-1, step=-1)

    def _begin_shown(self, run: LabRun) -> None:
        """Another run is there, perhaps with a discovery and with steps behind it."""
        self._forget_path()
        self.runner.do(partial(self._offer_shown, run))  # when the panels have taken it on

    def _offer_shown(self, run: LabRun) -> None:
        if self.runner.run is run:
            self._offer_steps(run)
            if run.branch is None:
                self._follow_path(run.course)
            else:  # figures show what goes on
                self._note_path(run.course)
            self._show_found(run)

    def _offer_steps(self, run: LabRun) -> None:
        self.state.view.offer("step", (-1, *run.kept_steps))

    def _picked(self, run: LabRun) -> LabRun | None:
        step = self.state.view.step
        if step < 0 or step not in run.trainer.kept:
            return super()._picked(run)
        return held_by(run, HeldNetwork(run.trainer.kept[step], step, run.trainer.stage))

    def _branch_of(self, run: LabRun) -> Callable[[], tuple[Any, Branch]]:
        """What tells the network and where it comes from, once called: in a turn of the drive.

        While the run trains, network, step and curve are of one moment only between two chunks.
        """
        view, picked = self.state.view, self._picked(run)
        level, step = view.level, view.step
        if picked is not None and level >= 0:
            model, dealt = picked.trainer.model, dealt_by(run.course, picked.trainer.model)
            return lambda: (model, Branch(f"level {level}", 0, dealt, _curves(run)))
        dealt_before = None if run.branch is None else run.branch.dealt

        def begin() -> tuple[Any, Branch]:
            trainer = (run if picked is None else picked).trainer
            n = trainer.step_count if picked is None else step
            own = Branch(f"step {n:,}", run.curve.begins_at + n, dealt_before, _curves(run))
            return trainer.model, own

        return begin

    def _build_branch(self, before: LabRun, begin: Callable[[], tuple[Any, Branch]], run_id: int) -> LabRun:
        """Make the run; its data are those of the run before, whatever the settings have become."""
        if self.state.data.to_dict() != before.settings["data"]:
            raise ValueError("The settings of the data were changed: press Reset, or set them back.")
        model, branch = begin()
        run = make_run(run_id, self.state, before.dataset, before.table, model, branch)
        run.course = before.course
        self.top.show_status("Compiling the training step …")
        run.trainer.compile()
        add_reference(run)
        if run.held_out is not None and self.state.data.source != TASK:
            run.curve.score(0, float(evaluate(model, run.held_out).normalized_likelihood))
        self._notice = f"It goes on from {branch.words}."
        return run


def _curves(run: LabRun) -> tuple[Curve, ...]:
    """The curves that stay beside that of a branch, the latest first."""
    return run.curve, *run.curve.before
