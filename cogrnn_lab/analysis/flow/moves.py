"""How latents move after each choice and outcome, by rules that tell known quantities apart."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.flow.probing import Probed

# In units of the span of a latent: what differs less is the same, and what moves less stays.
SAME, STILL = 0.05, 0.03
# Slopes of a latent by its own former value: all is kept, or nothing.
KEPT, FORGOTTEN = 0.97, 0.15
# Rates that differ by more are two; share of the push of a win from which on that of a loss is one as well.
APART, TRACE = 0.1, 0.15
# Share of the moves that a rule has to explain.
EXPLAINED = 0.95


class Value(NamedTuple):
    """What is known of the value of an alternative: whether it stays or fades while another is chosen.

    `separate`: other rates after reward than without; `one_rate`: fades as fast as it learns.
    """

    alternative: int
    stays: bool
    fades: bool
    separate: bool
    one_rate: bool


class Difference(NamedTuple):
    """What is known of a difference of two values.

    `separate`: another rate after reward than without; `traces`: what was chosen is favored even without a
    reward, as by a trace of choices that fades by the same rate.
    """

    separate: bool
    traces: bool


@dataclass(frozen=True)
class Moves:
    """Moves of the latents, turned to favor alternative 1 and in units of their span.

    Fields:
        before: (state, latent).
        after: (choice, win, state, latent) a trial later.
        slopes: (choice, win, from latent, to latent) mean over states.
        probability: (state,) of alternative 1.
    """

    before: Float[np.ndarray, "state latent"]
    after: Float[np.ndarray, "2 2 state latent"]
    slopes: Float[np.ndarray, "2 2 latent latent2"]
    probability: Float[np.ndarray, " state"]

    @classmethod
    def of(cls, answers: Probed, turn: np.ndarray) -> "Moves":
        """The moves after each choice and outcome, which the answers are in the order of."""
        scale = turn / answers.span
        n_states, n_latents = answers.before.shape
        slopes = answers.slopes.mean(1) * scale[None, None, :] / scale[None, :, None]
        return cls(
            before=answers.before * scale,
            after=(answers.after * scale).reshape(2, 2, n_states, n_latents),
            slopes=slopes.reshape(2, 2, n_latents, n_latents),
            probability=1 / (1 + np.exp(answers.logits[:, 0] - answers.logits[:, 1])),
        )

    def keeps(self, latent: int) -> Float[np.ndarray, "2 2"]:
        """(choice, win) slope of a latent by its own former value."""
        return self.slopes[:, :, latent, latent]

    def remembers(self, latent: int) -> bool:
        """Whether anything is left of its former value."""
        return bool(np.abs(self.keeps(latent)).max() > FORGOTTEN)

    def _by_win(self, latent: int, choice: int) -> np.ndarray:
        """(state,) where a win takes it rather than a loss."""
        return self.after[choice, 1, :, latent] - self.after[choice, 0, :, latent]

    def _by_choice(self, latent: int, win: int) -> np.ndarray:
        return self.after[1, win, :, latent] - self.after[0, win, :, latent]

    def hears_rewards(self, latent: int) -> bool:
        """Whether outcomes of a choice move it."""
        return any(np.abs(self._by_win(latent, choice)).mean() > SAME for choice in (0, 1))

    def hears_choices(self, latent: int) -> bool:
        """Whether choices of one outcome move it."""
        return any(np.abs(self._by_choice(latent, win)).mean() > SAME for win in (0, 1))

    def repeats(self, latent: int) -> int:
        """1 of a latent that follows choices whatever they gave, -1 that goes against them, 0 of others."""
        if self.hears_rewards(latent):
            return 0
        ways = {int(np.sign(self._by_choice(latent, win).mean())) for win in (0, 1)}
        moved = all(np.abs(self._by_choice(latent, win)).mean() > SAME for win in (0, 1))
        return ways.pop() if moved and len(ways) == 1 else 0

    def _learns_from_wins(self, latent: int) -> bool:
        """Whether a win favors what was chosen, both ways."""
        return bool(self._by_win(latent, 1).mean() > SAME and self._by_win(latent, 0).mean() < -SAME)

    def mirrors_wins(self, latent: int) -> bool:
        """Whether a win with one alternative is a loss with the other."""
        after = self.after[..., latent].mean(-1)
        mirrored = abs(after[1, 1] - after[0, 0]) < 4 * SAME and abs(after[1, 0] - after[0, 1]) < 4 * SAME
        return self._learns_from_wins(latent) and bool(mirrored)

    def difference(self, latent: int) -> Difference | None:
        """What is known of a difference of values that fades and learns by a rate, None where it is none.

        The rate is that after both outcomes where this explains the moves, else each has its own.
        """
        if not self._learns_from_wins(latent):
            return None
        kept, pushes, missing = self._by_a_rate_each(latent)
        if not (kept.min() > FORGOTTEN and kept.max() < KEPT and missing < 1 - EXPLAINED):
            return None
        return Difference(bool(abs(kept[1] - kept[0]) > APART), bool(pushes[0] > TRACE * pushes[1]))

    def follows_policy_gradient(self, latent: int) -> bool:
        """Whether its move is a number for each outcome times (what was chosen - its probability)."""
        moved = self.after[..., latent] - self.before[:, latent]
        left = np.stack([-self.probability, 1.0 - self.probability])  # (choice, state)
        rates = np.einsum("cs,cws->w", left, moved) / (left**2).sum()
        missing = ((moved - rates[:, None] * left[:, None]) ** 2).sum() / (moved**2).sum()
        learns = rates[1] > SAME / 2 and rates[1] > rates[0] + SAME / 2
        return bool(learns and missing < min(1 - EXPLAINED, self._by_a_rate_each(latent)[2]))

    def _by_a_rate_each(self, latent: int) -> tuple[np.ndarray, np.ndarray, float]:
        """What is kept after (loss, win), by how much the choice pushes then, and the share unexplained."""
        before, after = self.before[:, latent], self.after[..., latent]
        choice, win = np.meshgrid((-1.0, 1.0), (0.0, 1.0), indexing="ij")
        parts = [kind[..., None] * own for own in (before, 1.0) for kind in (1 - win, win)]
        parts[2:] = [part * choice[..., None] for part in parts[2:]]
        parts.append(np.ones(after.shape))
        design = np.stack([np.broadcast_to(part, after.shape) for part in parts], axis=-1).reshape(-1, 5)
        found, *_ = np.linalg.lstsq(design, after.ravel(), rcond=None)
        missing = ((after.ravel() - design @ found) ** 2).sum() / ((after - before) ** 2).sum()
        return found[:2], found[2:4], float(missing)

    def value_of(self, latent: int) -> Value | None:
        """The alternative whose value it is, None where it is none."""
        keeps = self.keeps(latent)
        for own, other, way in ((0, 1, -1.0), (1, 0, 1.0)):
            learns = way * self._by_win(latent, own).mean() > SAME and (keeps[own] < KEPT).all()
            blind = np.abs(self._by_win(latent, other)).mean() < SAME
            if learns and blind and (keeps[own] > -FORGOTTEN).all():
                moved = np.abs(self.after[other, :, :, latent] - self.before[:, latent]).mean()
                return Value(
                    alternative=own,
                    stays=bool(moved < STILL),
                    fades=bool((keeps[other] < KEPT).all() and (keeps[other] > -FORGOTTEN).all()),
                    separate=bool(np.ptp(keeps[own]) > APART),
                    one_rate=bool(np.abs(keeps[other].mean() - keeps[own]).max() < 0.07),
                )
        return None

    def is_actor_critic(self, critic: int, actor: int) -> bool:
        """Whether one follows rewards whatever was chosen, and the other what was chosen by how much more."""
        keeps = self.keeps(critic)
        blind = all(np.abs(self._by_choice(critic, win)).mean() < SAME for win in (0, 1))
        gains = np.stack([self._by_win(critic, choice) for choice in (0, 1)]).mean(1)
        expects = np.abs(gains).min() > SAME and np.sign(gains[0]) == np.sign(gains[1])
        fades = (keeps > 0.03).all() and (keeps < KEPT).all()
        pulls = self.slopes[:, :, critic, actor] * np.sign(gains[0])  # (choice, win)
        less_when_expected = (pulls[1] < 0).all() and (pulls[0] > 0).all()
        return bool(blind and expects and fades and less_when_expected and self._learns_from_wins(actor))
