"""Everything that equations of one size may hold, laid out as one vector of numbers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Bool, Float

from cogrnn_lab.analysis.choice_equations.parts.terms import Term

RATE, TARGET, SLOPE, START, BIAS, DRIVE = "rate", "target", "slope", "start", "bias", "drive"

# The largest number of each kind; rates stay between 0 and 1, so that nothing grows without end.
LARGEST = 20.0


class Entry(NamedTuple):
    """One number of a form: its kind or term, and where it belongs (-1: nowhere in particular)."""

    kind: str
    mechanism: int
    alternative: int
    relation: int


@dataclass(frozen=True)
class Form:
    """Equations with a latent z for each mechanism and each alternative, in units of log odds.

    The logit of an alternative is the sum of its latents, its bias and what further inputs drive. After a
    trial that was `r` to the alternative, z ← z + rate[r] (target[r] + slope[r] × amount - z) + terms[r].
    Every number has its place in one vector, so that one compiled function serves every structure.
    """

    n_mechanisms: int
    n_alternatives: int
    n_relations: int
    has_amounts: bool = False
    n_inputs: int = 0
    terms: tuple[Term, ...] = ()

    @property
    def update_kinds(self) -> tuple[str, ...]:
        """Kinds of numbers that there are for every latent and relation."""
        amounts = (SLOPE,) if self.has_amounts else ()
        return (RATE, TARGET, *amounts, *(term.name for term in self.terms))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Meaning of each number of the vector."""
        mechanisms, alternatives = range(self.n_mechanisms), range(self.n_alternatives)
        updates = [
            Entry(kind, m, a, r)
            for kind in self.update_kinds
            for m in mechanisms
            for a in alternatives
            for r in range(self.n_relations)
        ]
        starts = [Entry(START, m, a, -1) for m in mechanisms for a in alternatives]
        biases = [Entry(BIAS, -1, a, -1) for a in alternatives]
        drives = [Entry(DRIVE, -1, a, i) for a in alternatives for i in range(self.n_inputs)]
        return (*updates, *starts, *biases, *drives)

    @property
    def size(self) -> int:
        """Length of the vector."""
        return len(self.entries)

    def split(self, numbers: Float[Array | np.ndarray, "*lane number"]) -> dict[str, Any]:
        """The vector as an array of each kind: (mechanism, alternative, relation) for those of updates."""
        m, a, r = self.n_mechanisms, self.n_alternatives, self.n_relations
        shapes = [(kind, (m, a, r)) for kind in self.update_kinds]
        shapes += [(START, (m, a)), (BIAS, (a,)), (DRIVE, (a, self.n_inputs))]
        parts, begin = {}, 0
        for name, shape in shapes:
            end = begin + int(np.prod(shape))
            parts[name] = numbers[..., begin:end].reshape(*numbers.shape[:-1], *shape)
            begin = end
        return parts

    def is_kind(self, *kinds: str) -> Bool[np.ndarray, " number"]:
        """Tell which numbers are of these kinds."""
        return np.array([entry.kind in kinds for entry in self.entries])

    def bounds(self) -> tuple[Float[np.ndarray, " number"], Float[np.ndarray, " number"]]:
        """Lowest and highest of each number."""
        rates = self.is_kind(RATE)
        return np.where(rates, 0.0, -LARGEST), np.where(rates, 1.0, LARGEST)
