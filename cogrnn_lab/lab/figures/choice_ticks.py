"""Choices and rewards of a session as strokes: one band per alternative, tall and dark where rewarded."""

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.plot import draw, empty_line, segments
from cogrnn_lab.lab.style import PALETTE


class ChoiceTicks:
    """Marks of one band per alternative between `low` and `high` of the y scale, the first one lowest."""

    def __init__(self, x: bq.Scale, y: bq.Scale, low: float, high: float):
        self.x, self.y, self.low, self.high = x, y, low, high
        self.marks: list[bq.Lines] = []

    def draw(self, choices: np.ndarray, rewards: np.ndarray | None, n_alternatives: int) -> bool:
        """Show choices (trials,) of 0.., below 0 where missed.

        True where the marks are new and must be put up.
        """
        is_new = len(self.marks) != 2 * n_alternatives
        if is_new:
            self.marks = [
                self._mark(k, rewarded) for k in range(n_alternatives) for rewarded in (True, False)
            ]
        choices = np.asarray(choices, float)
        won = (
            np.zeros(choices.shape, bool)
            if rewards is None
            else np.nan_to_num(np.asarray(rewards, float)) > 0
        )
        trials = np.arange(1, choices.size + 1)
        for k in range(n_alternatives):
            bottom, top = self.band(k, n_alternatives)
            for rewarded, mark in zip((True, False), self.marks[2 * k : 2 * k + 2], strict=True):
                chosen = trials[(choices == k) & (won == rewarded)]
                x, y = segments(chosen, bottom, top if rewarded else bottom + 0.5 * (top - bottom))
                draw(mark, x=x, y=y)
        return is_new

    def band(self, k: int, n_alternatives: int) -> tuple[float, float]:
        """Where the strokes of alternative `k` begin and end."""
        height = (self.high - self.low) / n_alternatives
        return self.low + (k + 0.06) * height, self.low + (k + 0.94) * height

    def _mark(self, k: int, rewarded: bool) -> bq.Lines:
        return empty_line(
            {"x": self.x, "y": self.y},
            colors=[PALETTE[k % len(PALETTE)]],
            stroke_width=1.4 if rewarded else 1.0,
            opacities=[1.0 if rewarded else 0.55],
        )
