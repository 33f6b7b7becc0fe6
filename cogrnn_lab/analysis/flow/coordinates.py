"""Coordinates in which the latents of a network do not move each other.

A network may keep any mix of the quantities of a strategy, such as sum and difference of two values. Where
its latents move by affine maps, one for each choice and outcome, the eigenvectors that these maps have in
common are coordinates of which each moves by itself. What the choice never hears of is left out before.

Source: observability of linear systems: Kalman, J. SIAM Control 1963; networks whose affine map switches with
the observation: Ji-An, Benna & Mattar, Nature 2025.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.flow.moves import EXPLAINED, Moves
from cogrnn_lab.analysis.flow.probing import SPAN, Probed

# Share of what moves the log odds most, below which a direction is not heard.
HEARD = 0.05
# Slope of a coordinate by another one, in units of their spans, up to which it moves by itself.
ALONE = 0.05
N_MIXTURES = 8  # sums of the maps whose eigenvectors are tried


class Unmixed(NamedTuple):
    """Moves of the coordinates, and what each is made of.

    Fields:
        moves: As of latents, in units of the spans of the coordinates, which favor alternative 1.
        shares: (coordinate, latent) standard deviation of each latent's part in the coordinate, divided by
            the largest.
    """

    moves: Moves
    shares: Float[np.ndarray, "coordinate latent"]


def unmixed(answers: Probed, latents: Sequence[int]) -> Unmixed | None:
    """Find coordinates of the latents that do not move each other; None where there are none.

    There are none where the moves are not affine, as those of a policy gradient, or where the maps have no
    eigenvectors in common, as those of an actor-critic.
    """
    place = list(latents)
    span = answers.span[place]
    before, after = answers.before[:, place] / span, answers.after[:, :, place] / span
    odds = answers.logits[:, 1] - answers.logits[:, 0]
    heard = _heard(before, after, odds)
    if heard is None:
        return None
    maps = [_affine(before @ heard.T, own @ heard.T)[0] for own in after]
    if not _is_affine(before @ heard.T, after @ heard.T):
        return None
    found = None
    least = ALONE
    for basis in _bases(maps):
        inverse = np.linalg.inv(basis)
        slopes, size = _slopes(maps, basis, inverse, before @ (inverse @ heard).T)
        others = np.abs(slopes).max(0) * (1 - np.eye(len(basis)))
        if others.max() < least:
            least, found = others.max(), (inverse @ heard, slopes, size)
    return None if found is None else _turned(*found, before, after, odds)


def _affine(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix of the affine map of states (state, from) to (state, to), and what it leaves (state, to)."""
    design = np.c_[before, np.ones(len(before))]
    found, *_ = np.linalg.lstsq(design, after, rcond=None)
    return found[:-1].T, after - design @ found


def _is_affine(before: np.ndarray, after: np.ndarray) -> bool:
    left = sum((_affine(before, own)[1] ** 2).sum(0) for own in after)
    return bool((left <= (1 - EXPLAINED) * ((after - before) ** 2).sum((0, 1))).all())


def _heard(before: np.ndarray, after: np.ndarray, odds: np.ndarray) -> np.ndarray | None:
    """Directions (direction, latent) that reach the log odds within two trials; None where none does."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(before.T)))
    root = vectors * np.sqrt(np.maximum(values, 1e-12))
    maps = [_affine(before, own)[0] for own in after]
    reached = [_affine(before, odds[:, None])[0][0]]
    for _ in range(2):
        reached += [row @ one for row in reached for one in maps]
    _, size, directions = np.linalg.svd(np.stack(reached) @ root, full_matrices=False)
    if not size[0] > 0:
        return None
    return directions[size > HEARD * size[0]] @ np.linalg.inv(root)


def _bases(maps: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Eigenvectors of sums of the maps: of their mean, of what the choice changes, and of mixtures."""
    weights = np.random.default_rng(0).normal(size=(N_MIXTURES, len(maps)))
    for row in (np.ones(len(maps)), np.array([-1.0, -1.0, 1.0, 1.0]), *weights):
        values, vectors = np.linalg.eig(np.einsum("o,oij->ij", row, np.stack(maps)))
        if np.isreal(values).all() and np.linalg.cond(vectors) < 1e3:
            yield np.real(vectors)


def _slopes(
    maps: list[np.ndarray], basis: np.ndarray, inverse: np.ndarray, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(outcome, to, from) slopes of coordinates in units of their spans, and these."""
    low, high = np.quantile(states, SPAN, axis=0)
    size = np.maximum(high - low, 1e-9)
    return np.stack([inverse @ one @ basis * size / size[:, None] for one in maps]), size


def _turned(
    weights: np.ndarray,
    slopes: np.ndarray,
    size: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    odds: np.ndarray,
) -> Unmixed:
    states = before @ weights.T / size
    turn = np.where(_affine(states, odds[:, None])[0][0] < 0, -1.0, 1.0)
    shares = np.abs(weights) * before.std(0)
    n, k = states.shape
    moves = Moves(
        before=states * turn,
        after=(after @ weights.T / size * turn).reshape(2, 2, n, k),
        slopes=(slopes * turn / turn[:, None]).swapaxes(1, 2).reshape(2, 2, k, k),
        probability=1 / (1 + np.exp(-odds)),
    )
    return Unmixed(moves, shares / shares.max(1, keepdims=True))
