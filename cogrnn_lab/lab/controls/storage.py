"""Save, load, and exports of a run."""

from collections.abc import Callable

import ipywidgets as w

from cogrnn_lab.lab.page.style import box, panel, plain, text, title

HELP = (
    "Runs are kept below one folder of the place where the lab was started. "
    "A loaded run goes on exactly where it stopped."
)


Order = Callable[[str], None]  # of a run's name


class StorageControls:
    """The panel; buttons call the lab's public methods."""

    def __init__(
        self, *, save: Order, load: Order, export: Order, export_code: Order, export_figures: Order,
        export_page: Order,
    ):  # fmt: skip
        self.name = w.Text(value="run 1", tooltip="name of the run", continuous_update=False)
        self.name.add_class("cog-run-name")
        self.save = self._button("Save", "cog-save", "write this run", lambda: save(self.name.value))
        self.export = self._button(
            "Latents",
            "cog-export",
            "write a CSV with the latents on every trial",
            lambda: export(self.name.value),
        )
        self.saved = w.Dropdown(options=[("—", "")], value="", tooltip="saved runs")
        self.saved.add_class("cog-saved-runs")
        self.load = self._button("Load", "cog-load", "open a saved run", lambda: load(str(self.saved.value)))
        self.load.disabled = True
        self.export_code = self._button(
            "Code",
            "cog-export-code",
            "write a script and a notebook that make this run again, to the bit",
            lambda: export_code(self.name.value),
        )
        self.export_figures = self._button(
            "Figures",
            "cog-export-figures",
            "write the figures as PNG, SVG and PDF",
            lambda: export_figures(self.name.value),
        )
        self.export_page = self._button(
            "Page",
            "cog-export-page",
            "write one HTML file with the figures and the code",
            lambda: export_page(self.name.value),
        )
        exports = self.export_code, self.export_figures, self.export, self.export_page
        rows = (
            box((self.name, self.save), "cog-store"),
            box((self.saved, self.load), "cog-store"),
            box((text("export", "cog-name"), *exports), "cog-store", "cog-exports"),
        )
        self.widget = panel(title("Runs", HELP), *rows)

    def offer(self, names: list[str]) -> None:
        """Saved runs that can be loaded."""
        self.saved.options = [(name, name) for name in names] or [("no saved run", "")]
        self.load.disabled = not names

    @staticmethod
    def _button(words: str, name: str, tip: str, action) -> w.Button:
        button = w.Button(description=words, tooltip=tip, **plain(w.Button))
        button.add_class("cog-small")
        button.add_class(name)
        button.on_click(lambda _: action())
        return button
