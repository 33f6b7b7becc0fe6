"""The penalty path: what likelihood costs in information, and which latents close at which price."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from cogrnn_lab.analysis.reading.contributions import LEAST_BITS
from cogrnn_lab.discovery import ChosenLevel, Path
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, color

# Columns of a paper are about this wide, in inches.
COLUMN, TWO_COLUMNS = 3.5, 7.2

SESSIONS = {"train": "trained on", "choose": "chosen by", "report": "reported"}
SESSION_COLORS = {"train": TRAINING, "choose": "#009E73", "report": HELD_OUT}


def plot_path(
    path: Path, chosen: ChosenLevel | int | None = None, *, figure: Figure | SubFigure | None = None
) -> Figure:
    """Draw likelihood against what the latents tell (left), and the openness of every latent (right).

    Each line on the left has a point a level, of the network that represents it (lowest penalized loss), with
    the 95 % interval of the sessions that were reported; on the right, the latents of that network are thick
    and those of other seeds thin.

    Arguments:
        path: Result of `cl.penalty_path`.
        chosen: A level that is marked, as `path.choose()` gives it.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    whole, area = canvas(figure, TWO_COLUMNS, 2.7)
    left, right = area.subplots(1, 2)
    _trade_off(bare(left), path, chosen)
    _openness(bare(right), path, chosen)
    return whole


def _trade_off(axes: Axes, path: Path, chosen: int | None) -> None:
    """Likelihood against bits, or against the price where nothing tells of bits."""
    table = path.table
    rows = table[[s == path.best_seeds[n] for n, s in zip(table["level"], table["seed"], strict=True)]]
    told = rows["bits"].to_numpy()
    has_bits = np.isfinite(told).all()
    x = told if has_bits else rows["price"].to_numpy()
    for sessions in path.units:
        likelihood = rows[f"likelihood_{sessions}"].to_numpy()
        own = SESSION_COLORS[sessions]
        if sessions == "report":
            low, high = (rows[f"likelihood_report_{end}"].to_numpy() for end in ("low", "high"))
            axes.fill_between(x, low, high, color=own, alpha=0.15, linewidth=0)
        axes.plot(x, likelihood, "o-", color=own, ms=3, linewidth=1.2, label=SESSIONS[sessions])
        if chosen is not None:
            axes.plot(x[chosen], likelihood[chosen], "o", color=own, ms=7, mfc="none", mew=1.5)
    if has_bits:
        axes.set_xlabel("information of the latents (bits per trial)", fontsize="small")
    else:
        _price_axis(axes)
    axes.set_ylabel("normalized likelihood", fontsize="small")
    axes.tick_params(labelsize="small")
    axes.legend(frameon=False, fontsize="small", title="sessions", title_fontsize="small")


def _price_axis(axes: Axes) -> None:
    """Prices on a logarithmic axis, written as plain numbers."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("price of information (× default)", fontsize="small")
    axes.tick_params(labelsize="small")


def _openness(axes: Axes, path: Path, chosen: int | None) -> None:
    """A line for each latent, as the lasso draws coefficients."""
    openness = np.stack([level.openness for level in path.levels])
    representative = path.best_seeds[-1] if chosen is None else path.best_seeds[chosen]
    for seed in range(path.n_seeds):
        for place, latent in enumerate(closing_order(path, seed)):
            strong = seed == representative
            axes.plot(
                path.prices, openness[:, seed, latent],
                color=color(place), linewidth=1.8 if strong else 0.7, alpha=1.0 if strong else 0.35,
                zorder=3 if strong else 2,
            )  # fmt: skip
    if chosen is not None:
        axes.axvline(path.prices[chosen], color=REFERENCE, linewidth=1.0, linestyle="--", zorder=1)
        axes.annotate(
            "chosen", (path.prices[chosen], 1.0), xytext=(3, 0), textcoords="offset points",
            fontsize="small", color=REFERENCE, va="bottom",
        )  # fmt: skip
    _price_axis(axes)
    axes.set_ylim(-0.02, 1.05)
    axes.set_ylabel("openness of latents (1 − σ)", fontsize="small")


def closing_order(path: Path, seed: int) -> np.ndarray:
    """(latent,) the latents of a seed, those that tell something up to the highest price first."""
    return np.lexsort((-path.levels[0].bits[seed], -_closing_level(path, seed)))


def _closing_level(path: Path, seed: int) -> np.ndarray:
    """(latent,) the first level from which on a latent tells nothing; one beyond the last if none."""
    tells = np.stack([level.bits[seed] > LEAST_BITS for level in path.levels])
    return np.array([np.flatnonzero(own).max(initial=-1) + 1 for own in tells.T])


def plot_closing_order(path: Path, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw the price at which each latent closes, ranked within each seed.

    A latent has closed where it tells less than 0.05 bits a trial; latents that the data need close last, at
    about the same price in every seed. An arrow marks those that were open at the end of the path.

    Arguments:
        path: Result of `cl.penalty_path`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.
    """
    whole, area = canvas(figure, COLUMN, 2.5)
    axes = bare(area.subplots())
    n_latents = path.levels[0].openness.shape[1]
    rng = np.random.default_rng(0)
    for seed in range(path.n_seeds):
        levels = np.sort(_closing_level(path, seed))[::-1]
        spread = 0.0 if path.n_seeds == 1 else rng.uniform(-0.15, 0.15)
        for rank, level in enumerate(levels):
            is_open = level == len(path.levels)
            price = path.prices[min(level, len(path.levels) - 1)]
            axes.plot(price, rank + spread, ">" if is_open else "o", color=color(rank), ms=5, alpha=0.8)
    _price_axis(axes)
    axes.set_xlim(path.prices[0] / 1.3, path.prices[-1] * 1.3)
    axes.set_yticks(range(n_latents), [f"{rank + 1}" for rank in range(n_latents)])
    axes.set_ylim(n_latents - 0.5, -0.5)
    axes.set_ylabel("latents, last to close first", fontsize="small")
    if path.n_seeds > 1:
        dot = Line2D([], [], marker="o", linestyle="", color=REFERENCE, ms=4, label="one seed")
        axes.legend(handles=[dot], frameon=False, fontsize="small", loc="lower right")
    return whole
