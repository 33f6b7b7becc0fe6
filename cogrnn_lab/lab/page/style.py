"""Looks of the lab: one style sheet that follows the light or dark theme of its host, and the figures' colors."""

import html

import ipywidgets as w

# Okabe & Ito's palette, which color-blind readers can tell apart; black and yellow left out (invisible on one theme)
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F", "#8C6BB1")
TRAINING, HELD_OUT, REFERENCE, MARK = "#0072B2", "#D55E00", "#8a8a8a", "#b3a16b"
# From blue over grey to orange, for what has an order
RAMP = ("#0072B2", "#56B4E9", "#8a8a8a", "#E69F00", "#D55E00")
SEQUENTIAL = ("#eef3f8", "#9cc3e0", "#2b7bba", "#08306b")

SHEET = """
<style>
.cog-lab {
  --cog-fg: var(--jp-ui-font-color1, #222); --cog-dim: var(--jp-ui-font-color2, #666);
  --cog-bg: var(--jp-layout-color1, #fff); --cog-line: var(--jp-border-color2, #ddd);
  --cog-soft: var(--jp-layout-color2, #f3f4f6); --cog-accent: #0072B2;
  --bq-font: 10px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --bq-axislabel-font: 11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --bq-axis-tick-text-font: 10px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  color: var(--cog-fg); --jp-widgets-font-size: 12px; --jp-widgets-inline-height: 24px;
  --jp-widgets-inline-margin: 1px; --jp-widgets-margin: 1px; --jp-widgets-inline-label-width: auto;
  overflow: visible; padding: 4px; box-sizing: border-box; min-width: 0;
}
.cog-lab, .cog-lab .widget-box { overflow: visible; }
.cog-lab .cog-body { margin-top: 6px; display: flex; flex-flow: row wrap; align-items: flex-start; gap: 8px; }
.cog-lab .cog-left { flex: 0 0 296px; min-width: 0; gap: 6px; }
@media (max-width: 960px) {
  .cog-lab .cog-left { flex: 1 1 100%; display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); }
}
.cog-lab .cog-right { flex: 1 1 480px; min-width: 0; display: grid; gap: 6px;
  grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr)); align-items: stretch; }
.cog-lab .cog-wide { grid-column: 1 / -1; }
.cog-lab .cog-panel { border: 1px solid var(--cog-line); border-radius: 6px; background: var(--cog-bg);
  padding: 3px 8px 5px; min-width: 0; box-sizing: border-box; }
.cog-lab .cog-head { display: flex; flex-flow: row wrap; align-items: center; gap: 2px 8px; min-height: 25px; min-width: 0; }
.cog-lab .cog-head > .cog-title { flex: 0 1 auto; margin-right: auto; }
.cog-lab .cog-title { font-size: 12.5px; font-weight: 600; line-height: 22px; white-space: nowrap; }
.cog-lab .widget-html > .widget-html-content { line-height: 1.35; font-size: 12px; }
.cog-lab .cog-title .widget-html-content { font-size: 12.5px; line-height: 22px; }
.cog-lab .cog-dim .widget-html-content, .cog-lab .cog-dim { color: var(--cog-dim); font-size: 11px; }
.cog-help { position: relative; display: inline-block; width: 14px; height: 14px; line-height: 14px; margin-left: 5px;
  border-radius: 50%; text-align: center; font-size: 10px; font-weight: 600; cursor: help;
  color: var(--cog-dim); background: var(--cog-soft); vertical-align: 1px; }
.cog-help:hover::after, .cog-help:focus::after { content: attr(data-tip); position: absolute; z-index: 1000; top: 18px; left: -60px;
  width: 280px; padding: 7px 9px; border-radius: 5px; background: #2b2f36; color: #fff; font-weight: 400; font-size: 11.5px;
  line-height: 1.4; text-align: left; white-space: normal; box-shadow: 0 2px 8px rgba(0,0,0,.3); pointer-events: none; }
.cog-help.cog-tip-left:hover::after, .cog-help.cog-tip-left:focus::after { left: auto; right: -10px; }
.cog-lab .cog-grid { display: grid; gap: 2px 8px; min-width: 0; }
.cog-lab .cog-grid-1 { grid-template-columns: minmax(0, 1fr); }
.cog-lab .cog-grid-2 { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.cog-lab .cog-grid-4 { grid-template-columns: repeat(4, minmax(0, 1fr)); }
.cog-lab .cog-grid-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.cog-lab .cog-field.cog-long { grid-column: span 2; } .cog-lab .cog-field.cog-longer { grid-column: 1 / -1; }
.cog-lab .cog-field { display: flex; flex-flow: column; min-width: 0; }
.cog-lab .cog-field > .cog-name { font-size: 10.5px; color: var(--cog-dim); height: 14px; line-height: 14px; margin: 0 1px; }
.cog-lab .cog-name .widget-html-content { font-size: inherit; line-height: inherit; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.cog-lab input[type=number] { appearance: textfield; -moz-appearance: textfield; }
.cog-lab input[type=number]::-webkit-inner-spin-button, .cog-lab input[type=number]::-webkit-outer-spin-button { -webkit-appearance: none; margin: 0; }
.cog-lab .cog-field .widget-text, .cog-lab .cog-field .widget-dropdown { width: auto; margin: 0 1px; }
.cog-lab .cog-field input, .cog-lab .cog-field select { height: 22px; line-height: 20px; font-size: 12px; }
.cog-lab input, .cog-lab select { border-radius: 3px; background-color: var(--cog-bg); color: var(--cog-fg);
  border-color: var(--cog-line); min-width: 0; }
.cog-lab .cog-name .widget-html-content { font-size: inherit; line-height: inherit; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.cog-lab input[type=number] { appearance: textfield; -moz-appearance: textfield; }
.cog-lab input[type=number]::-webkit-inner-spin-button, .cog-lab input[type=number]::-webkit-outer-spin-button { -webkit-appearance: none; margin: 0; }
.cog-lab .cog-field .widget-text, .cog-lab .cog-field .widget-dropdown { height: 22px; }
.cog-lab .cog-row { display: flex; flex-flow: row nowrap; align-items: center; gap: 4px; height: 22px; min-width: 0; }
.cog-lab .cog-row > .cog-name { flex: 0 0 98px; font-size: 11.5px; line-height: 22px; }
.cog-lab .cog-row .widget-slider, .cog-lab .cog-row .widget-hslider { flex: 1 1 auto; width: auto; min-width: 0; margin: 0 4px; height: 20px; }
.cog-lab .cog-row .widget-hslider .slider-container { margin: 0 7px; }
.cog-lab .cog-row .widget-text { flex: 0 0 56px; width: 56px; margin: 0; height: 20px; }
.cog-lab .cog-row input { height: 20px; line-height: 18px; font-size: 11.5px; padding: 1px 4px; }
.cog-lab .noUi-target { background: var(--cog-soft); }
.cog-lab .noUi-connect { background: var(--cog-accent); }
.cog-lab .widget-slider .noUi-handle, .cog-lab .widget-hslider .noUi-handle { width: 12px; height: 12px; border-radius: 50%; top: -5px; right: -6px; }
.cog-lab .jupyter-button { border-radius: 4px; height: 26px; line-height: 24px; font-size: 12px; padding: 0 10px; width: auto; }
.cog-lab .cog-small.jupyter-button, .cog-lab .cog-small .jupyter-button { height: 22px; line-height: 20px; font-size: 11px; padding: 0 7px; }
.cog-lab .jupyter-button:focus-visible, .cog-lab input:focus-visible, .cog-lab select:focus-visible,
.cog-lab .cog-help:focus-visible { outline: 2px solid var(--cog-accent); outline-offset: 1px; }
.cog-lab .cog-top { display: flex; flex-flow: row wrap; align-items: center; gap: 4px 6px; padding: 5px 8px; }
.cog-lab .cog-top .cog-train { font-weight: 600; min-width: 76px; }
.cog-lab .cog-brand .widget-html-content { font-size: 14px; font-weight: 650; letter-spacing: .2px; line-height: 26px; margin-right: 8px; white-space: nowrap; }
.cog-lab .cog-top .widget-hprogress { flex: 1 1 120px; width: auto; min-width: 60px; height: 10px; margin: 0 6px; }
.cog-lab .cog-top .widget-hprogress .progress, .cog-lab .cog-top .progress { height: 8px; border-radius: 4px; background: var(--cog-soft); overflow: hidden; border: 0; }
.cog-lab .progress-bar { background: var(--cog-accent); height: 100%; transition: none; }
.cog-lab .cog-count .widget-html-content { font-variant-numeric: tabular-nums; white-space: nowrap; line-height: 24px; }
.cog-badge { display: inline-block; padding: 0 8px; border-radius: 9px; background: var(--cog-soft); color: var(--cog-dim); font-size: 11px; line-height: 18px; white-space: nowrap; }
.cog-lab .cog-status { flex: 1 1 100%; display: flex; flex-flow: row nowrap; align-items: center; gap: 8px; min-height: 20px; min-width: 0; }
.cog-lab .cog-status .widget-html { flex: 0 1 auto; min-width: 0; }
.cog-status-error { color: #b3261e; } .cog-status-note { color: var(--cog-dim); }
[data-jp-theme-light="false"] .cog-status-error { color: #ff8a80; }
.cog-lab .cog-details pre { font-size: 11px; max-height: 220px; overflow: auto; white-space: pre-wrap; background: var(--cog-soft); color: var(--cog-fg); padding: 8px; border-radius: 4px; margin: 2px 0; }
.cog-lab .cog-legend { font-size: 11px; line-height: 1.5; }
.cog-key { display: inline-block; white-space: nowrap; margin-right: 10px; } .cog-legend-column, .cog-legend-column .widget-html-content { min-width: 0; max-width: 100%; overflow: hidden; }
.cog-legend-column .cog-key { display: block; margin-right: 0; overflow: hidden; text-overflow: ellipsis; }
.cog-swatch { display: inline-block; width: 16px; height: 0; border-top: 2.5px solid; vertical-align: 3px; margin-right: 5px; }
.cog-swatch.dashed { border-top-style: dashed; } .cog-swatch.dotted { border-top-style: dotted; } .cog-swatch.thin { border-top-width: 1px; }
.cog-swatch.dot { width: 8px; height: 8px; border: 0; border-radius: 50%; vertical-align: -0.5px; }
.cog-lab .cog-slider-row { display: flex; flex-flow: row nowrap; align-items: center; gap: 2px; height: 22px; min-width: 0; }
.cog-lab .cog-slider-row .widget-label { flex: 0 0 46px; font-size: 11px; }
.cog-lab .cog-slider-row .widget-slider, .cog-lab .cog-slider-row .widget-hslider { flex: 1 1 auto; width: auto; min-width: 0; margin: 0; height: 22px; }
.cog-lab .cog-slider-row .widget-readout { min-width: 28px; flex: 0 0 28px; margin: 0; font-size: 11px; }
.cog-lab .cog-nowrap .widget-html-content { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.cog-lab .cog-store { display: flex; gap: 4px; align-items: center; min-width: 0; height: 25px; }
.cog-lab .cog-store .widget-text, .cog-lab .cog-store .widget-dropdown { flex: 1 1 60px; width: auto; min-width: 0; margin: 0; height: 22px; }
.cog-lab .cog-store input, .cog-lab .cog-store select { height: 22px; line-height: 20px; font-size: 11.5px; }
.cog-lab .cog-figures { display: flex; flex-flow: row nowrap; gap: 2px; min-width: 0; align-items: stretch; }
.cog-lab .bqplot { overflow: visible; }
.cog-lab .bqplot .axislabel { font: var(--bq-axislabel-font); fill: var(--cog-fg) !important; }
.cog-lab .cog-head .widget-dropdown { width: auto; margin: 0; height: 22px; } .cog-lab .cog-head select { height: 22px; line-height: 20px; font-size: 11.5px; }
.cog-lab .cog-head .widget-checkbox { width: auto; height: 22px; margin: 0; } .cog-lab .cog-head .widget-label-basic { gap: 4px; font-size: 11.5px; }
.cog-lab .cog-head .widget-toggle-buttons .widget-toggle-button { width: auto; height: 21px; line-height: 19px; font-size: 11px; padding: 0 7px; margin: 0; }
.cog-lab .cog-head .widget-label { font-size: 11px; color: var(--cog-dim); height: 22px; line-height: 22px; }
.cog-lab .widget-upload { width: auto; }
.cog-lab .cog-heading .widget-html-content { line-height: 13px; height: 27px; display: flex; align-items: flex-end; }
.cog-hidden { display: none !important; }
</style>
"""


def style_sheet() -> w.HTML:
    """The widget that carries the style sheet; it takes no room."""
    sheet = w.HTML(SHEET)
    sheet.layout.display = "block"
    sheet.layout.height = "0"
    sheet.layout.margin = "0"
    return sheet


def text(content: str, *classes: str) -> w.HTML:
    """A widget that shows `content` as text: what it holds is never read as HTML."""
    return _classed(w.HTML(html.escape(str(content))), classes)


def legend_html(keys: list[tuple[str, str, str]]) -> str:
    """Legend as HTML: (label, color, kind of line), kind one of solid, dashed, dotted, thin, dot."""
    parts = []
    for label, color, kind in keys:
        fill = f"background:{color}" if kind == "dot" else f"border-top-color:{color}"
        swatch = f'<span class="cog-swatch {kind}" style="{fill}"></span>'
        parts.append(
            f'<span class="cog-key" title="{html.escape(label)}">{swatch}{html.escape(label)}</span>'
        )
    return "".join(parts)


def gradient_html(low: str, high: str, colors: tuple[str, ...]) -> str:
    """A scale of colors between two ends as HTML."""
    ramp = ",".join(colors)
    return (
        f'<span style="font-size:11px;white-space:nowrap">{html.escape(low)} <span '
        'style="display:inline-block;width:52px;height:8px;'
        f'border-radius:2px;vertical-align:0;background:linear-gradient(90deg,{ramp})"></span> '
        f"{html.escape(high)}</span>"
    )


def title(words: str, help_sentence: str = "", *, tip_left: bool = False) -> w.HTML:
    """Heading of a panel with its help mark: one sentence on hover, or on focus from the keyboard."""
    mark = ""
    if help_sentence:
        tip = html.escape(help_sentence)
        side = " cog-tip-left" if tip_left else ""
        mark = f'<span class="cog-help{side}" tabindex="0" role="note" aria-label="{tip}" data-tip="{tip}">?</span>'
    return _classed(w.HTML(f"{html.escape(words)}{mark}"), ("cog-title",))


def box(children, *classes: str) -> w.Box:
    """A plain box laid out by the style sheet alone."""
    return _classed(w.Box(tuple(children)), classes)


def panel(heading, *content, classes: tuple[str, ...] = ()) -> w.Widget:
    """A framed panel; `heading` is a widget or a list of widgets in one line."""
    head = box(heading if isinstance(heading, list | tuple) else [heading], "cog-head")
    return _classed(w.VBox((head, *content)), ("cog-panel", *classes))


def _classed(widget, classes):
    for name in classes:
        widget.add_class(name)
    return widget
