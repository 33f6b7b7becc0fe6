"""The lab's orders about saved runs."""

from typing import Any

from cogrnn_lab.data.splits import SESSIONS
from cogrnn_lab.lab.engine.kept.storage import SavedRun, check_settings
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.source_orders import SourceOrders

REPORT = "report"  # folder within that of a run


class SavedRunOrders(SourceOrders):
    """The part of `Lab` that saves runs and opens them again."""

    def save(self, name: str) -> None:
        """Save the run below `folder`, with its discovery where one is finished.

        A run of the same name is replaced, and so is its discovery.

        Arguments:
            name: Letters, digits, spaces, "-", "_" and ".".
        """

        def order() -> None:
            path = self.folder.save(name, self._current())
            self.storage.offer(self.folder.names())
            with_it = " with its discovery" if self._current().course.found is not None else ""
            self.top.show_status(f"Saved to {path}{with_it}.")

        self.runner.do(order)

    def load(self, name: str) -> None:
        """Open a saved run, with its discovery; training goes on exactly where it stopped.

        Arguments:
            name: The name under which it was saved.
        """
        self.runner.do(lambda: self._open(self.folder.open(name)))

    def report(self, name: str) -> None:
        """Write what was discovered for people, into the run's folder: report.md, and report.html by itself.

        Arguments:
            name: That of the run; its folder is made where there is none yet.
        """

        def order() -> None:
            found = self._current().course.found
            if found is None:
                raise ValueError("There is no finished discovery to report yet: press Discover first.")
            self.top.show_status("Writing the report …")
            page = found.report(self.folder.place(name) / REPORT)
            self.top.show_status(f"The report is in {page}.")

        self.runner.do(order)

    def export_latents(self, name: str) -> None:
        """Write the latents on every trial as CSV into the run's folder.

        Arguments:
            name: That of the run; its folder is made where there is none yet.
        """

        def order() -> None:
            path = self.folder.export_latents(name, self._current())
            self.top.show_status(f"Latents of every trial are in {path}.")

        self.runner.do(order)

    def _take_settings(self, settings: dict[str, Any]) -> None:
        self.state.penalties.offer(settings.get("penalties", {}))  # those that its network brought
        self.state.update(settings)
        # To pick a set picks a subject of it; a run may be of all, and those of before knew nothing else.
        self.state.training.hold_out = settings.get("training", {}).get("hold_out", SESSIONS)
        self.state.data.published_subject = settings["data"].get("published_subject", "")

    def _open(self, saved: SavedRun) -> None:
        check_settings(saved, self.state.model.constructors)
        with self._quietly(), self.networks.not_by_hand():
            if saved.table is not None:
                columns = saved.table.as_before(saved.settings["data"]["table"])
                self._take_table(saved.table, columns)
            self.runner.drive.on_main(lambda: self._take_settings(saved.settings))  # makes controls

        def build(run_id: int) -> LabRun:
            run = self._build(run_id, loaded=True, branch=saved.branch)
            run.course, lost = saved.course()
            self._notice = lost or self._notice
            source = run.train if run.curriculum is None else run.curriculum
            run.trainer = saved.trainer(source, run.held_out)
            for report in run.trainer.history:
                run.curve.add(report)
            run.curve.marks, run.curve.boundary = list(saved.marks), saved.boundary
            return run

        self._prepare(build)

    def _current(self) -> LabRun:
        if self.runner.run is None:
            raise ValueError("There is no run yet.")
        return self.runner.run
