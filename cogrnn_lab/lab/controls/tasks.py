"""Which trial task, with its numbers, and the stages of a curriculum."""

import ipywidgets as w

from cogrnn_lab.lab.controls.fields import field
from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.markup import Markup, join
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.settings.state import LabState


class TaskControls:
    """The fields of the task; stages are put together from what they say at the moment of the click."""

    def __init__(self, state: LabState):
        self.state = state
        data = state.data
        self.add = w.Button(
            description="Add as stage", tooltip="add the task, as it is set, to the curriculum"
        )
        self.clear = w.Button(description="No stages", tooltip="train on the task as it is, without stages")
        for button, name in ((self.add, "add-stage"), (self.clear, "no-stages")):
            button.add_class("cog-small")
            button.add_class(f"cog-{name}")
        self.add.on_click(lambda _: self._add())
        self.clear.on_click(lambda _: setattr(data, "stages", []))
        self.listed = text("", "cog-stages")
        advance = field(
            data,
            "advance",
            "next stage at",
            description="accuracy on fresh trials at which the next stage begins",
        )
        self.widget = w.VBox(
            (
                one_of(data.task, "task", columns=3),
                box([self.add, self.clear], "cog-store"),
                self.listed,
                box([advance], "cog-grid", "cog-grid-3"),
            )
        )
        self.advance = advance
        data.observe(lambda _: self._show(), "stages")
        data.task.observe(lambda _: setattr(data, "stages", []), "kind")  # stages are of one task
        self._show()

    def _add(self) -> None:
        data = self.state.data
        data.stages = [*data.stages, data.task.parameters.to_dict()]

    def _show(self) -> None:
        stages = self.state.data.stages
        self.clear.disabled = not stages
        self.advance.layout.display = "" if stages else "none"
        if not stages:
            self.listed.value = Markup('<span class="cog-dim">no stages: the task as it is</span>')
            return
        lines = [f"{i + 1}. {difference(stage, stages)}" for i, stage in enumerate(stages)]
        self.listed.value = join(lines, Markup("<br>"))


def difference(stage: dict, stages: list[dict]) -> str:
    """Tell what distinguishes a stage from the others."""
    differing = [name for name in stage if len({str(other[name]) for other in stages}) > 1]
    shown = {name: stage[name] for name in (differing or list(stage)[:1])}
    words = []
    for name, value in shown.items():
        numbers = value if isinstance(value, list | tuple) else [value]
        words.append(f"{name.replace('_', ' ')} {', '.join(f'{number:g}' for number in numbers)}")
    return " · ".join(words)
