"""Looks of the lab: its style sheet, `lab.css`, and the small widgets that panels are made of."""

from pathlib import Path
from typing import Any

import ipywidgets as w

from cogrnn_lab.lab.markup import Markup, SafeHTML, join, markup

MARK = "#94824a"
# From blue over grey to orange, for what has an order
RAMP = ("#0072B2", "#3D9BD1", "#8a8a8a", "#C98500", "#D55E00")
SEQUENTIAL = ("#eef3f8", "#9cc3e0", "#2b7bba", "#08306b")
BUSY = Markup('<span class="cog-busy"></span>')


_shared: dict[type, Any] = {}


def shared_style(kind: type[w.Widget]) -> Any:
    """The style of all widgets of a kind, such as `SafeHTML`, that nothing but the style sheet sets.

    A style and a layout of its own are two thirds of the widgets that a field has to be made of.
    """
    style: Any = kind.class_traits()["style"]
    return _one_for_all(style.klass)  # its name varies between releases of ipywidgets


def plain(kind: type[w.Widget]) -> dict[str, Any]:
    """Style and layout, as arguments, of a widget that nothing but the style sheet lays out or hides."""
    return {"style": shared_style(kind), "layout": _one_for_all(w.Layout)}


def _one_for_all(kind: Any) -> Any:
    if kind not in _shared or _shared[kind].comm is None:  # none yet, or closed with every widget
        _shared[kind] = kind()
    return _shared[kind]


def style_sheet() -> SafeHTML:
    """The widget that carries the style sheet and the script of the page; it takes no room."""
    folder = Path(__file__).parent
    rules = (folder / "lab.css").read_text(encoding="utf-8")
    sheet = SafeHTML(Markup(f"<style>\n{rules}</style>{_started()}"))
    sheet.layout.display = "block"
    sheet.layout.height = "0"
    sheet.layout.margin = "0"
    return sheet


def start_script() -> str:
    """What starts `lab.js` on the lab that it is in, once that is on the page."""
    script = Path(__file__).with_name("lab.js").read_text(encoding="utf-8")
    return (
        "let tries = 0; const image = this, begin = () => { const root = image.closest('.cog-lab');"
        f" if (root?.querySelector('.cog-right')) ({script[script.index('(root =>') :].strip()})(root);"
        " else if (tries++ < 1200) setTimeout(begin, 50) };"
        " begin()"
    )


def _started() -> Markup:
    """What runs the script: a page runs no script of a widget's HTML, but handlers.

    Where it may run neither, as in an editor with a strict policy, panels are shown by their buttons.
    """
    return markup('<img alt="" hidden src="data:," onerror="{}">', start_script())


def text(content: str = "", *classes: str) -> SafeHTML:
    """A widget of text, also of what it is given later; it reads `Markup` alone as HTML."""
    return _classed(SafeHTML(content, style=shared_style(SafeHTML)), classes)


def label(words: str, *classes: str) -> SafeHTML:
    """A text that nothing ever hides or moves: all of them share one layout, too."""
    return _classed(SafeHTML(words, **plain(SafeHTML)), classes)


def late(words: str) -> Markup:
    """Words that tell that something is out of date."""
    return markup('<span class="cog-late">{}</span>', words)


def legend_html(keys: list[tuple[str, str, str]]) -> Markup:
    """Legend as HTML: (label, color, kind of line), kind one of solid, dashed, dotted, thin, dot."""
    parts = []
    for label, color, kind in keys:
        fill = f"background:{color}" if kind == "dot" else f"border-top-color:{color}"
        swatch = markup('<span class="cog-swatch {}" style="{}"></span>', kind, fill)
        parts.append(markup('<span class="cog-key" title="{0}">{1}{0}</span>', label, swatch))
    return join(parts)


def gradient_html(low: str, high: str, colors: tuple[str, ...]) -> Markup:
    """A scale of colors between two ends as HTML."""
    return markup(
        '<span style="font-size:11px;white-space:nowrap">{} <span '
        'style="display:inline-block;width:52px;height:8px;'
        'border-radius:2px;vertical-align:0;background:linear-gradient(90deg,{})"></span> {}</span>',
        low,
        ",".join(colors),
        high,
    )


def title(words: str, help_sentence: str = "", *, tip_left: bool = False) -> SafeHTML:
    """Heading of a panel with its help mark: one sentence on hover, or on focus from the keyboard."""
    side = " cog-tip-left" if tip_left else ""
    help_mark = (
        '<span class="cog-help{side}" tabindex="0" role="note" aria-label="{tip}" data-tip="{tip}">?</span>'
    )
    mark = markup(help_mark, side=side, tip=help_sentence) if help_sentence else ""
    return label(join((words, mark)), "cog-title")


def box(children, *classes: str) -> w.Box:
    """A plain box laid out by the style sheet alone."""
    return _classed(w.Box(tuple(children)), classes)


def beside(words: str, *controls: w.Widget) -> w.Box:
    """Controls with the words they belong to, which no narrow panel parts from them."""
    return box((w.Label(words), *controls), "cog-beside")


def panel(heading, *content, classes: tuple[str, ...] = ()) -> w.Widget:
    """A framed panel; `heading` is a widget or a list of widgets in one line."""
    parts = tuple(heading) if isinstance(heading, list | tuple) else (heading,)
    head = _classed(w.Box(parts, layout=_one_for_all(w.Layout)), ("cog-head",))
    return _classed(w.VBox((head, *content)), ("cog-panel", *classes))


def _classed(widget, classes):
    for name in classes:
        widget.add_class(name)
    return widget
