"""Save, load, and export of the latents."""

from collections.abc import Callable

import ipywidgets as w

from cogrnn_lab.lab.page.style import box, panel, plain, title

HELP = (
    "Runs are kept below one folder of the place where the lab was started. "
    "A loaded run goes on exactly where it stopped."
)


class StorageControls:
    """The panel; buttons call the lab's public methods."""

    def __init__(
        self, *, save: Callable[[str], None], load: Callable[[str], None], export: Callable[[str], None]
    ):
        self.name = w.Text(value="run 1", tooltip="name of the run", continuous_update=False)
        self.name.add_class("cog-run-name")
        self.save = self._button("Save", "cog-save", "write this run", lambda: save(self.name.value))
        self.export = self._button(
            "Export latents",
            "cog-export",
            "write a CSV with the latents on every trial",
            lambda: export(self.name.value),
        )
        self.saved = w.Dropdown(options=[("—", "")], value="", tooltip="saved runs")
        self.saved.add_class("cog-saved-runs")
        self.load = self._button("Load", "cog-load", "open a saved run", lambda: load(str(self.saved.value)))
        self.load.disabled = True
        rows = (
            box((self.name, self.save, self.export), "cog-store"),
            box((self.saved, self.load), "cog-store"),
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
