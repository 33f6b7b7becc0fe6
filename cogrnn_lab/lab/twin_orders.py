"""The lab's orders that write a run as files: code that makes it again, its figures, a page for people."""

from typing import Any

from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.story_orders import StoryOrders
from cogrnn_lab.lab.twin.script import sections


class TwinOrders(StoryOrders):
    """The part of `Lab` that exports a run."""

    def export_code(self, name: str) -> None:
        """Write a script and a notebook that make the run again, to the bit, into its folder.

        With the files that they read: an uploaded table, the network that a branch went on from, the
        discovery.

        Arguments:
            name: That of the run; its folder is made where there is none yet.
        """

        def order() -> None:
            run, place = self._current(), self.folder.place(name)
            path = _exports().write_code(
                place, f"Run of the lab: {name}", run, self.state, self._figure_code(run)
            )
            self.top.show_status(f"The script is {path}, the notebook run.ipynb is beside it.")

        self.runner.do(order)

    def export_figures(self, name: str) -> None:
        """Write what the figures show into the run's folder, for papers: PNG, SVG and PDF.

        Arguments:
            name: That of the run; its folder is made where there is none yet.
        """

        def order() -> None:
            place = self.folder.place(name)
            self.top.show_status("Drawing the figures …")
            drawn = self._figures(self._current())
            folder = _exports().write_figures(place, drawn)
            self.top.show_status(f"{len(drawn)} figures are in {folder}, each as PNG, SVG and PDF.")

        self.runner.do(order)

    def export_page(self, name: str) -> None:
        """Write a page, run.html, with the figures and the code of the run, into its folder.

        Arguments:
            name: That of the run; its folder is made where there is none yet.
        """

        def order() -> None:
            run, place = self._current(), self.folder.place(name)
            self.top.show_status("Drawing the figures …")
            code, title = self._figure_code(run), f"Run of the lab: {name}"
            titles = {name: kind.title for name, kind in self.display.kinds.items()}
            parts = sections(run, self.state, code)
            page = _exports().write_page(place, title, run, self._figures(run), titles, parts)
            self.top.show_status(f"The page is {page}.")

        self.runner.do(order)

    # --- inside -------------------------------------------------------------------------------------

    def _figure_code(self, run: LabRun) -> dict[str, tuple[str, str]]:
        """{panel: (title, expression)} of those that draw a figure of the network in training."""
        names = [name for name in self.display.kinds if self.display.panels.is_for(name, run)]
        made = {}
        # those that were not seen yet are made for it, as widgets are: where pages are answered
        self.runner.drive.on_main(lambda: made.update({name: self.display.panels[name] for name in names}))
        code = {name: (panel.title, panel.code(run, self.display.view)) for name, panel in made.items()}
        return {name: own for name, own in code.items() if own[1].startswith("cl.plots.")}

    def _figures(self, run: LabRun) -> dict[str, Any]:
        shown = self._picked(run)
        network = run.trainer.model if shown is None else shown.trainer.model
        expressions, known = self._figure_code(run), {}
        if run.course.found is None and "equations" in expressions:  # another search could take minutes
            told, title = run.explanation.found, expressions.pop("equations")[0]
            if told is not None and told.equations is not None:
                known["equations"] = told.equations
                expressions["equations"] = title, "cl.plots.plot_equations(equations)"
        code = [(name, *own) for name, own in expressions.items()]
        return _exports().figures_of(run, code, network, known)


def _exports() -> Any:
    """What writes files: matplotlib is loaded for it, which the page need not wait for."""
    from cogrnn_lab.lab.twin import exports

    return exports
