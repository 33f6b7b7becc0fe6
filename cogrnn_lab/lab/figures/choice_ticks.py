"""Choices and rewards of a session as strokes: one band per alternative, tall and thick where rewarded."""

import bqplot as bq
import numpy as np

from cogrnn_lab.lab.figures.plot import draw, empty_line, segments
from cogrnn_lab.palette import PALETTE


class ChoiceTicks:
    """Marks of one band per alternative between `low` and `high` of the y scale, the first one lowest."""

    def __init__(self, x: bq.Scale, y: bq.Scale, low: float, high: float):
        self.x, self.y, self.low, self.high = x, y, low, high
        self.marks: list[bq.Lines] = []

    def draw(self, choices: np.ndarray, wins: np.ndarray | None, n_alternatives: int) -> bool:
        """Show choices (trials,) of 0.., below 0 where missed, and which of them were wins.

        True where the marks are new and must be put up.
        """
        choices = np.asarray(choices, float)
        won = np.zeros(choices.shape, bool) if wins is None else np.asarray(wins, bool)
        return self._draw([((choices == k) & won, (choices == k) & ~won) for k in range(n_alternatives)])

    def draw_clicks(self, clicks: np.ndarray) -> bool:
        """Show clicks (bin, side) instead: a tall stroke in each bin that has one or more."""
        nowhere = np.zeros(len(clicks), bool)
        return self._draw([(of_side > 0, nowhere) for of_side in np.asarray(clicks).T])

    def _draw(self, bands: list[tuple[np.ndarray, np.ndarray]]) -> bool:
        """For each alternative, on which trials (of all) there is a tall stroke, and a short one."""
        is_new = len(self.marks) != 2 * len(bands)
        if is_new:
            self.marks = [self._mark(k, tall) for k in range(len(bands)) for tall in (True, False)]
        for k, band in enumerate(bands):
            bottom, top = self.band(k, len(bands))
            for share, mark, there in zip((1.0, 0.5), self.marks[2 * k : 2 * k + 2], band, strict=True):
                x, y = segments(np.flatnonzero(there) + 1, bottom, bottom + share * (top - bottom))
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
        )
