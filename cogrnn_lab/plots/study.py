"""The trade-off of a study: what its networks predict against what they pay, a dot for each run."""

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.plots.canvas import bare, canvas, colors, plain
from cogrnn_lab.studies import Study

COLUMN = 3.5
LABELS = {"nats": "information paid for (nats per choice)", "price": "price of information (× default)"}


def plot_study(
    study: Study, *, x: str = "nats", color: str | None = None, figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw the held-out likelihood of every finished run against what it pays.

    Arguments:
        study: A study of choices.
        x: Column of its table: "nats", "bits", "price", "n_parameters", ...
        color: The setting by which dots are colored; by default the first that differs between runs and is
            neither `x` nor a seed or fold.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        ValueError: No run is finished, or there is no such column.
    """
    table = study.table
    table = table[table["state"] == "finished"] if len(table) else table
    if table.empty:
        raise ValueError("no run of the study is finished; study.run() trains them")
    for name in (x, "likelihood_held_out", *([] if color is None else [color])):
        if name not in table:
            raise ValueError(
                f"the table of the study has no column {name!r}; it has {', '.join(map(str, table.columns))}"
            )
    free = [name for name in study.settings if name not in (x, "seed", "fold")]
    differing = [name for name in free if len({repr(value) for value in table[name]}) > 1]
    color = color or (differing[0] if differing else None)
    whole, area = canvas(figure, COLUMN, 2.7)
    axes = bare(area.subplots())
    labels = [""] * len(table) if color is None else [str(value) for value in table[color]]
    names = list(dict.fromkeys(labels))
    for name, own in zip(names, colors(len(names)), strict=True):
        rows = table[np.array(labels) == name]
        axes.scatter(rows[x], rows["likelihood_held_out"], s=16, color=own, alpha=0.8, label=plain(name))
    if x == "price":
        axes.set_xscale("log")
    axes.set_xlabel(LABELS.get(x, x), fontsize="small")
    axes.set_ylabel("normalized likelihood, held out", fontsize="small")
    axes.tick_params(labelsize="small")
    if color is not None:
        axes.legend(title=plain(color), frameon=False, fontsize="small", title_fontsize="small")
    return whole
