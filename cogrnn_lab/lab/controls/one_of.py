"""A drop-down of constructors with the fields of the picked one below it."""

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.controls.fields import Words, form
from cogrnn_lab.lab.page.style import box, plain
from cogrnn_lab.lab.page.style import label as label_of
from cogrnn_lab.lab.settings.section import OneOf


def one_of(choice: OneOf, label: str, columns: int = 2, words: Words | None = None) -> w.VBox:
    """Controls of a `OneOf` section, both ways; `words` as in `form`. Fields are made when first shown."""
    names = list(choice.constructors)
    picker = w.Dropdown(options=names, value=choice.kind, tooltip=label, **plain(w.Dropdown))
    picker.add_class(f"cog-set-{label.replace(' ', '-')}")
    t.link((choice, "kind"), (picker, "value"))
    forms: dict[str, w.Box] = {}
    fields = w.VBox()

    def show(_=None) -> None:
        if choice.kind not in forms:
            forms[choice.kind] = form(choice.by_kind[choice.kind], columns, words)
        fields.children = (forms[choice.kind],)

    show()
    choice.observe(show, "kind")
    head = [box((label_of(label, "cog-name"), picker), "cog-field")] if len(names) > 1 else []
    return w.VBox((*head, fields))
