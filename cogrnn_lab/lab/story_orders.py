"""The lab's orders about the story of what was found."""

from pathlib import Path

from cogrnn_lab.discovery import Explanation
from cogrnn_lab.lab.branch_orders import BranchOrders
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.story import Telling

NOT_YET = "There is nothing to explain yet: press Train or Discover first."


class StoryOrders(BranchOrders):
    """The part of `Lab` that has what was found told as a story."""

    def explain(self) -> None:
        """Tell what the network that is shown does, in sentences; returns at once.

        That of the discovery, where its chosen level is shown, with its equations and its verdict. `story` is
        the result, and stands with what was found.
        """
        run = self.runner.run
        if run is None or run.task is not None:
            self.top.show_status("A story is of choices: pick another source than a trial task.", error=True)
        elif not run.trainer.step_count and not run.course.levels:
            self.top.show_status(NOT_YET)
        else:
            self.runner.do(lambda: self._begin_story(run))  # between two chunks: of a known step
            self._told_something(run)

    def stop_explaining(self) -> None:
        """Tell no further; a story that was told before stays."""
        run = self.runner.run
        self.telling.stop()
        if run is not None:
            self._told_something(run)

    def save_report(self, folder: str | Path | None = None) -> None:
        """Write the story with its figures, as one page for people and as Markdown; returns at once.

        Arguments:
            folder: Where to; by default one below `folder`, named by what the story is of.
        """
        told = None if self.runner.run is None else self.runner.run.story.told
        if told is None or told.explanation is None:
            self.top.show_status("There is no story to save yet: press Explain first.")
            return
        place = self.folder.root / f"story of {told.of}" if folder is None else Path(folder)
        self.top.show_status("The report is being written.")
        self.telling.write(told.explanation, place, self._report_written)

    @property
    def story(self) -> Explanation | None:
        """The story that was told last of the present run."""
        run = self.runner.run
        return None if run is None or run.story.told is None else run.story.told.explanation

    # --- inside -------------------------------------------------------------------------------------

    def _begin_beside(self) -> None:
        super()._begin_beside()
        self.telling = Telling(self._told_something, self._failed_beside)
        self.state.view.orders |= {"explain": self._explain_pressed, "save_report": self.save_report}

    def _begin_story(self, run: LabRun) -> None:
        view = self.state.view
        self.telling.begin(run, view.level, self._picked(run) if view.step >= 0 else None)

    def _leave_beside(self) -> None:
        super()._leave_beside()
        self.telling.stop()

    def _explain_pressed(self) -> None:
        run = self.runner.run
        if run is not None and run.story.now:
            self.stop_explaining()
        else:
            self.explain()

    def _told_something(self, run: LabRun) -> None:
        """Show it, from any thread: in a turn of the drive."""

        def show() -> None:
            if self.runner.run is run:
                self.display.mark("finding")

        self.runner.do(show)

    def _report_written(self, path: Path) -> None:
        self.runner.do(lambda: self.top.show_status(f"The report is in {path}."))
