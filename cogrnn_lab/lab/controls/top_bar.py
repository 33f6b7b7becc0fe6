"""Train / Discover / Pause / Step / Reset, progress, speed, device and the status line."""

from collections.abc import Callable

import ipywidgets as w

from cogrnn_lab.lab.markup import join, markup
from cogrnn_lab.lab.page.style import box, plain, text

Way = tuple[str, Callable[[], None]]  # words of a button, and what it does

# What the button of a discovery says and does, by where that stands
DISCOVER = {
    "": ("Discover", "let the data choose the price of information, and tell what the network is worth"),
    "done": ("Discover", "discover anew"),
    "failed": ("Discover", "discover anew"),
    "at work": ("Stop", "stop the discovery; it can go on from here"),
    "stopped": ("Go on", "go on with the discovery from where it was stopped"),
}


class TopBar:
    """The bar above everything. Buttons call the lab's public methods; `show_*` write what is going on."""

    def __init__(self, *, train, discover, pause, step, reset):
        self.train = self._button("Train", "play", train, "start training, or go on", "cog-train")
        self.discover = self._button("Discover", "search", discover, DISCOVER[""][1], "cog-discover")
        self.pause = self._button(
            "Pause", "pause", pause, "stop after the current chunk of steps", "cog-pause"
        )
        self.step = self._button("Step", "step-forward", step, "one training step", "cog-step")
        self.reset = self._button(
            "Reset", "refresh", reset, "start afresh with the settings shown", "cog-reset"
        )
        self.train.button_style = "primary"
        # the style sheet shows it where controls have no room beside the figures: it opens them over those
        self.drawer = w.ToggleButton(value=False, description="Controls", icon="sliders")
        self.drawer.tooltip = "show or hide the controls (Escape hides them)"
        self.drawer.add_class("cog-drawer-button")
        self.progress = w.IntProgress(min=0, max=1, value=0)
        self.count = text("", "cog-count")
        self.device = text()
        self.message = text("", "cog-message")
        self.details = w.Button(description="details", tooltip="show the traceback")
        self.details.add_class("cog-small")
        self.details.layout.display = "none"
        self.details.on_click(lambda _: self._toggle_traceback())
        self.traceback = text("", "cog-details")
        self.traceback.layout.display = "none"
        self.way = self._button("", "", self._take_way, "do what the sentence advises", "cog-way-out")
        self._on_way: Callable[[], None] | None = None
        brand = text("cogrnn_lab", "cog-brand")
        status = box((self.message, self.way, self.details), "cog-status")
        bar = box(
            (
                brand,
                self.drawer,
                self.train,
                self.discover,
                self.pause,
                self.step,
                self.reset,
                self.progress,
                box((self.count, self.device), "cog-beside"),
                status,
            ),
            "cog-top",
            "cog-panel",
        )
        self.widget = w.VBox((bar, self.traceback))
        self.widget.add_class("cog-bar")

    @staticmethod
    def _button(words, icon, action, tip, name) -> w.Button:
        button = w.Button(description=words, icon=icon, tooltip=tip, **plain(w.Button))
        button.add_class(name)
        button.on_click(lambda _: action())
        return button

    def show_progress(self, step: int, total: int, speed: float | None, phase: str) -> None:
        """Steps done of all, steps per second and time left where known, and the phase."""
        self.progress.max = max(total, 1)
        self.progress.value = min(step, total)
        parts: list[str] = [markup("<b>{}</b> / {}", f"{step:,}", f"{total:,}")]
        if speed:
            parts.append(f"{speed:,.0f} steps/s" if speed >= 10 else f"{speed:.1f} steps/s")
            parts.append(f"{_duration((total - step) / speed)} left" if step < total else "done")
        self.count.value = join([*parts, phase], " · ")

    def show_device(self, name: str, unused: str = "") -> None:
        """Where the computation runs; `unused` says why not on a GPU that is there."""
        shown = f"{name}, GPU not used" if unused else name
        self.device.value = markup('<span class="cog-badge" title="{}">{}</span>', unused or "device", shown)

    def show_status(
        self, sentence: str, *, error: bool = False, traceback: str = "", way: Way | None = None
    ) -> None:
        """One sentence; errors in red, with their traceback behind the details button.

        `way` is the button that mends what is told: its words, and what it does.
        """
        self.way.description, self._on_way = ("", None) if way is None else way
        kind = "cog-status-error" if error else "cog-status-note"
        role = "alert" if error else "status"
        self.message.value = markup('<span class="{}" role="{}">{}</span>', kind, role, sentence)
        self.traceback.value = markup("<pre>{}</pre>", traceback) if traceback else ""
        self.details.layout.display = "" if traceback else "none"
        if not traceback:
            self.traceback.layout.display = "none"

    def show_running(
        self, running: bool, *, can_train: bool = True, can_discover: bool = True, discovery: str = ""
    ) -> None:
        """Enable the buttons that can be pressed; without anything to train on neither Train nor Step.

        `discovery` is the state of a `Course`.
        """
        is_discovering = discovery == "at work"
        self.train.disabled = self.step.disabled = running or is_discovering or not can_train
        self.pause.disabled = not (running or is_discovering)
        self.discover.disabled = not is_discovering and not (can_train and can_discover)
        self.discover.description, self.discover.tooltip = DISCOVER[discovery]

    def _take_way(self) -> None:
        if self._on_way is not None:
            self._on_way()

    def _toggle_traceback(self) -> None:
        self.traceback.layout.display = "none" if self.traceback.layout.display == "" else ""


def _duration(seconds: float) -> str:
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 5940:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
