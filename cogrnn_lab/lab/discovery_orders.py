"""The lab's orders beside training: discovery, equations, and which network the figures show."""

from collections.abc import Callable
from typing import Any

from cogrnn_lab.analysis import Equations
from cogrnn_lab.discovery import Discovery
from cogrnn_lab.lab.engine import runner as running
from cogrnn_lab.lab.engine.course import STOPPED, Course, Discovering
from cogrnn_lab.lab.engine.drives import InlineDrive
from cogrnn_lab.lab.engine.explanation import Explaining, has_cores
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.saved_run_orders import SavedRunOrders

PANELS = "finding", "equations", "path", "learning"  # that show what is found beside training


class DiscoveryOrders(SavedRunOrders):
    """The part of `Lab` that discovers, searches for equations, and shows networks of the path."""

    def discover(self, **options: Any) -> None:
        """Let the data choose the price of information; returns at once.

        A discovery that was stopped goes on. Training pauses. The levels of the path, what was chosen and
        what it is worth appear on the page; `discovery` is the result.

        Arguments:
            options: Arguments of `cogrnn_lab.discover`, such as {"levels": (0.1, 1.0)}; `seeds` is that of
                `state.view` by default. Where a discovery goes on they are those that it began with.
        """
        run = self.runner.run
        if run is None or not self._can_train():
            return
        if run.task is not None:
            self.top.show_status(
                "Discovery is from choices: pick another source than a trial task.", error=True
            )
            return
        self.runner.pause()
        self.explaining.let_go()
        if run.course.state != STOPPED:
            self._forget_path()
        self.discovering.begin(run, **{"seeds": self.state.view.seeds, **options})
        self._found_something(run)

    def stop_discovery(self) -> None:
        """Stop the discovery that is going on; the levels that have ended stay, and it can go on."""
        run = self.runner.run
        if run is not None and run.course.is_at_work:
            self.discovering.stop()
            self.top.show_status(_stopped(len(run.course.levels)))
            self._found_something(run)

    def find_equations(self) -> None:
        """Search for equations of the network as it is now; returns at once.

        This happens by itself whenever the network rests, where `state.view.equations` is on.
        """
        run = self.runner.run
        if run is not None and run.trainer.step_count:
            self.explaining.begin(run, rest=0.0)
            self._found_something(run)

    @property
    def discovery(self) -> Discovery | None:
        """The finished discovery of the present data."""
        return None if self.runner.run is None else self.runner.run.course.found

    @property
    def equations(self) -> Equations | None:
        """The equations of the network in training, as of the last search."""
        found = None if self.runner.run is None else self.runner.run.explanation.found
        return None if found is None else found.equations

    # --- inside -------------------------------------------------------------------------------------

    def _begin_beside(self) -> None:
        """Make what works beside training."""
        self.explaining = Explaining(self._found_something, self._failed_beside)
        self.discovering = Discovering(self._discovered_something, self._failed_beside)
        view = self.state.view
        view.observe(lambda _: self._picture(), "level")
        view.observe(lambda _: self._equations_ticked(), "equations")

    def _forget_path(self) -> None:
        """There is no path of this run yet: figures show the network in training."""
        self._path_before: tuple[int, tuple, Any] = (0, (), None)
        self.state.view.offer("level", range(-1, 0))

    def _leave_beside(self) -> None:
        """End what belongs to the present run."""
        self.explaining.let_go()
        self.discovering.stop()
        self.display.view.pace.leave()

    def _prepare(self, build: Callable[[int], LabRun]) -> None:
        """Another run is asked for, by Reset or as a saved one: nobody waits for what was sought before."""
        self._leave_beside()
        super()._prepare(build)

    def _discover_pressed(self) -> None:
        run = self.runner.run
        if run is not None and run.course.is_at_work:
            self.stop_discovery()
        else:
            self.discover()

    @property
    def _searches_itself(self) -> bool:
        """Whether equations are searched without being asked for: not where the caller drives."""
        return self.state.view.equations and not isinstance(self.runner.drive, InlineDrive)

    def _explain_at_rest(self, status: str) -> None:
        """Search for equations where training has come to rest; leave training the only core there is."""
        run = self.runner.run
        if status == running.TRAINING:
            self.explaining.note_training()
            if not has_cores():
                self.explaining.let_go()
        if run is None or status not in (running.PAUSED, running.FINISHED):
            return
        if self._searches_itself and run.trainer.step_count and not run.course.is_at_work:
            self.explaining.begin(run)

    def _explain_meanwhile(self, run: LabRun) -> None:
        if self._searches_itself and self.explaining.is_due():
            self.explaining.begin(run, rest=0.0)

    def _equations_ticked(self) -> None:
        if self.state.view.equations:
            self._explain_at_rest(self.runner.status)
        else:
            self.explaining.let_go()
        self.display.mark("equations")
        self.runner.drive.wake()

    def _found_something(self, run: LabRun) -> None:
        """Show it, from any thread: in a turn of the drive, where nothing else is drawn or prepared."""
        self.runner.do(lambda: self._show_found(run))

    def _show_found(self, run: LabRun) -> None:
        if self.runner.run is run:
            self.display.rearrange()
            self.display.mark(*PANELS)
            self._show_buttons()

    def _discovered_something(self, run: LabRun) -> None:
        """Take in what a discovery tells, from any thread."""
        self.runner.do(lambda: self._take_in(run))

    def _take_in(self, run: LabRun) -> None:
        """Show how far a discovery is; figures that show the last level follow the path."""
        if self.runner.run is not run:
            return
        course = run.course
        if course.found is not None:
            self.top.show_status("Found. Move the level to see every network of the path in all figures.")
        elif course.is_at_work:
            self.top.show_status(f"Discovering: {course.now}")
        self._follow_path(course)
        self._show_found(run)

    def _follow_path(self, course: Course) -> None:
        """Have figures that show the last level show the next one, and in the end the chosen one.

        Equations may choose another level: figures that show what the networks chose follow.
        """
        view, n = self.state.view, len(course.levels)
        before = self._path_before
        n_before, _, chosen_before = before
        now = self._note_path(course)
        follows = view.level == n_before - 1 or (chosen_before is not None and view.level == chosen_before)
        if now == before or not n or not follows:
            return
        if view.level == n - 1:  # the last level was done anew
            self._picture()
        view.level = n - 1 if course.chosen is None else int(course.chosen)

    def _note_path(self, course: Course) -> tuple[int, tuple, Any]:
        """Offer the levels that there are; how far the path has come."""
        self._path_before = len(course.levels), course.levels[-1:], course.chosen
        self.state.view.offer("level", range(-1, len(course.levels)))
        return self._path_before

    def _failed_beside(self, error: Exception, trace: str) -> None:
        self.failed(error, trace)
        if self.runner.run is not None:
            self._found_something(self.runner.run)

    def _picture(self) -> None:
        """Show the network of the level that is picked in all figures; no panel is being drawn meanwhile."""
        self.runner.do(self._show_picked)

    def _show_picked(self) -> None:
        run = self.runner.run
        if run is not None:
            self.display.picture(self._picked(run))

    def _picked(self, run: LabRun) -> LabRun | None:
        """The run with the network that is picked in the place of its own; None where that is shown."""
        level = self.state.view.level
        return run.course.with_network_of(run, level) if 0 <= level < len(run.course.levels) else None


def _stopped(n_levels: int) -> str:
    ended = f"{n_levels} level{'' if n_levels == 1 else 's'} ended" if n_levels else "no level has ended yet"
    return f"Discovery stopped: {ended}. Go on takes it up from there."
