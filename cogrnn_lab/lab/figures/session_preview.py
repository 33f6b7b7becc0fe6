"""One session of the data: choices, rewards, and the reward probabilities where the table has them."""

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.choice_ticks import ChoiceTicks
from cogrnn_lab.lab.figures.plot import axis, draw, empty_line, limit, plot
from cogrnn_lab.lab.markup import Markup
from cogrnn_lab.lab.page.style import legend_html
from cogrnn_lab.palette import PALETTE


class SessionPreview:
    """A small plot: probabilities as lines in the middle, choices as strokes above them."""

    def __init__(self):
        self.x = bq.LinearScale(min=0, max=100)
        self.y = bq.LinearScale(min=-0.04, max=1.75)
        self.ticks = ChoiceTicks(self.x, self.y, 1.12, 1.75)
        self.lines: list[bq.Lines] = []
        self.trials = axis(self.x, "trial", label_offset="24px")
        self.plot = plot(
            [],
            [
                self.trials,
                axis(
                    self.y,
                    "p(reward)",
                    vertical=True,
                    tick_values=np.array([0.0, 0.5, 1.0]),
                    label_offset="28px",
                ),
            ],
            height=104,
            name="preview",
            margin={"left": 36, "bottom": 30, "top": 2, "right": 6},
        )
        self.plot.padding_y = 0

    def draw(self, session) -> None:
        """Show a `SessionColumns`."""
        n = len(session.choices)
        probabilities = list(session.probabilities.values())
        limit(self.trials, 0, n + 1)
        is_new = self.ticks.draw(session.choices, session.wins, session.n_alternatives)
        if is_new or len(probabilities) != len(self.lines):
            self.lines = [
                empty_line({"x": self.x, "y": self.y}, colors=[PALETTE[k % len(PALETTE)]],
                    stroke_width=1.5,
                )
                for k in range(len(probabilities))
            ]  # fmt: skip
            self.plot.marks = [*self.lines, *self.ticks.marks]
        for line, values in zip(self.lines, probabilities, strict=True):
            draw(line, x=np.arange(1, n + 1), y=np.asarray(values, float))

    @staticmethod
    def legend(session) -> Markup:
        """Make the legend, with a color for each alternative, as HTML."""
        keys = [(str(name), PALETTE[k % len(PALETTE)], "solid") for k, name in enumerate(session.class_names)]
        return legend_html([*keys, ("tall: rewarded", "currentColor", "thin")])
