"""Figure of a psychometric curve: proportions with their intervals, and the fitted function."""

import numpy as np
from matplotlib.figure import Figure, SubFigure

from cogrnn_lab.analysis import PsychometricCurve
from cogrnn_lab.palette import HELD_OUT, REFERENCE, TRAINING
from cogrnn_lab.plots.canvas import bare, canvas, plain


def plot_psychometric(curve: PsychometricCurve, *, figure: Figure | SubFigure | None = None) -> Figure:
    """Draw the proportion at each level with its binomial interval, and the fitted function if there is one.

    Arguments:
        curve: Result of `cl.psychometric_curve`.
        figure: A figure or subfigure to draw in; by default a new one.

    Returns:
        The whole figure.

    Raises:
        TypeError: `curve` is something else.
    """
    if not isinstance(curve, PsychometricCurve):
        raise TypeError(
            f"got a {type(curve).__name__}, expected a PsychometricCurve: cl.psychometric_curve(batch, "
            "cl.rollout(model, batch.inputs).outputs)"
        )
    whole, area = canvas(figure, 4.2, 3.2)
    axes = bare(area.subplots())
    errors = np.stack([curve.proportion - curve.lower, curve.upper - curve.proportion])
    label = f"proportion and {100 * curve.confidence:g} % interval"
    axes.errorbar(
        curve.levels, curve.proportion, yerr=np.maximum(errors, 0.0), fmt="o", color=TRAINING, markersize=4,
        capsize=2, label=label,
    )  # fmt: skip
    if curve.fit is None:
        axes.plot(curve.levels, curve.proportion, color=TRAINING, linewidth=1.0)
    else:
        fine = np.linspace(curve.levels.min(), curve.levels.max(), 200)
        axes.plot(fine, curve.fit.predict(fine), color=HELD_OUT, linewidth=1.5, label="logistic fit")
    if curve.of == "choice":
        axes.axhline(0.5, color=REFERENCE, linewidth=0.8, linestyle=":")
        axes.set_ylabel(f"proportion of choice {curve.option}")
    else:
        axes.set_ylabel("proportion correct")
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(plain(curve.by.replace("_", " ")))
    axes.legend(frameon=False, fontsize="small")
    return whole
