"""Columns of few different values, told apart without sorting all trials."""

import numpy as np
from jaxtyping import Int, Shaped

# Rows that tell a rich column from one of few values, and combinations up to which they are counted in place.
FIRST_LOOK, MOST_COMBINATIONS = 512, 4096


def few_values(column: Shaped[np.ndarray, " row"], most: int) -> Shaped[np.ndarray, " value"] | None:
    """Find the different values of a column, ascending; None where it has more than `most`.

    Sorting whole data, as `np.unique` does, takes longer than the rules that are to be drawn.
    """
    values = np.unique(column[:: max(len(column) // FIRST_LOOK, 1)])
    while len(values) <= most and (values == values).all():  # what is not a number is no value
        known = np.zeros(len(column), bool)
        for value in values:
            known |= column == value
        if known.all():
            return values
        values = np.unique(np.append(values, column[known.argmin()]))
    return None


def kinds_of_rows(
    rows: Shaped[np.ndarray, "row column"], most: int
) -> tuple[Shaped[np.ndarray, "kind column"], Int[np.ndarray, " row"]]:
    """Find the different rows in ascending order, and which of them each is.

    Where a column has more than `most` values, all rows are returned as they are, each a kind of its own.
    """
    columns = [np.ascontiguousarray(column) for column in rows.T]
    values = [few_values(column, most) for column in columns]
    if any(own is None for own in values):
        return rows, np.arange(len(rows))
    place, n_kinds = np.zeros(len(rows), int), 1
    for column, own in zip(columns, values, strict=True):
        assert own is not None
        place = place * len(own) + sum((column > value).astype(int) for value in own[:-1])
        n_kinds *= len(own)
        if n_kinds > MOST_COMBINATIONS:
            kinds, place = np.unique(place, return_inverse=True)
            n_kinds = len(kinds)
    occurs = np.bincount(place, minlength=n_kinds) > 0
    place = (np.cumsum(occurs) - 1)[place]
    example = np.zeros(int(occurs.sum()), int)
    example[place] = np.arange(len(rows))
    return rows[example], place
