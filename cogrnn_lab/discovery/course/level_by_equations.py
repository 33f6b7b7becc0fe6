"""The level that equations choose: no more latents than they need, where neither they nor its networks lose.

With very many choosing sessions every latent that helps a little is told from none, and the level that
networks choose is one that nobody can read. Equations that predict the same sessions no worse with fewer
latents show that the structure is simpler.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cogrnn_lab.analysis import Equations, evaluate
from cogrnn_lab.analysis.choice_equations.fitting.maximum import maximized
from cogrnn_lab.analysis.choice_equations.parts.trials import recorded
from cogrnn_lab.discovery.choice import ONE_STANDARD_ERROR, ChosenLevel
from cogrnn_lab.discovery.judge import CHOOSE
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.schedule import PriceLadder
from cogrnn_lab.discovery.units import Pairing, Units

# Nats per choice that networks with fewer latents may lose however sure that is: their price costs them
# likelihood even where nothing of the structure is missing.
NOTICED = PriceLadder.noticed


class Loss(NamedTuple):
    """Nats per choice that are lost in paired differences, and their standard error."""

    mean: float
    error: float

    def __str__(self) -> str:
        """Give it in words, as a loss or a gain."""
        what, digits = "lose" if self.mean >= 0 else "gain", 4 if self.error > 5e-4 else 6
        return f"{what} {abs(self.mean):.{digits}f} ± {self.error:.{digits}f} nats per choice"


class Lighter(NamedTuple):
    """The best level with fewer latents, how many, and what its networks lose to those of the chosen one."""

    level: ChosenLevel
    n_latents: int
    loss: Loss

    @property
    def loses(self) -> bool:
        """Whether its networks lose more than one standard error, and enough to be noticed."""
        return self.loss.mean > max(self.loss.error, NOTICED)


def level_with_equations(
    path: Path, level: ChosenLevel, find: Callable[[], Equations | None], parts: Parts
) -> ChosenLevel:
    """Give the level as `chosen_by_equations` does, and look for equations only where they have a say."""
    if level.rule != ONE_STANDARD_ERROR or all(one.loses for one in _lighter(path, level)):
        return level
    found = find()
    return level if found is None else chosen_by_equations(path, level, found, parts)


def chosen_by_equations(path: Path, level: ChosenLevel, equations: Equations, parts: Parts) -> ChosenLevel:
    """Choose the level of as many latents as equations need, where nothing is lost by it.

    The numbers of the equations are fitted to the sessions trained on, and compared with the chosen network
    on those chosen by, paired by session within subjects; reported sessions have no say. Levels that were
    asked for by another rule stay.

    Arguments:
        path: The path.
        level: The level that its networks choose.
        equations: Those that were found from it.
        parts: The sessions.

    Returns:
        The level, whose text says what was done and why.
    """
    if level.rule != ONE_STANDARD_ERROR:
        return level
    units = path.units[CHOOSE]
    loss = _loss(units, _unseen(equations, parts) - path.levels[level].nll[CHOOSE][level.seed])
    n, own = equations.n_latents, int(level.choosing.n_latents[int(level)])
    n_numbers = equations.complexity
    them = f"the equations, with {_latents(n)} and {n_numbers} number{'' if n_numbers == 1 else 's'},"
    if loss.mean > loss.error:
        said = f"{them} {loss} to its network on the {units.name} chosen by, so that the level stays"
        return level.told(f"{level.text} {_sentence(said)}")
    equal = f"predict the {units.name} chosen by no worse than"
    if n >= own:
        said = f"{them} {equal} its network (they {loss}), but need no fewer latents: the level stays"
        return level.told(f"{level.text} {_sentence(said)}")
    found = next((one for one in _lighter(path, level) if one.n_latents == n), None)
    if found is None or found.loses:
        why = "no level has as many" if found is None else _too_much(found)
        said = f"{them} {equal} its network (they {loss}), but {why}: the level stays"
        return level.told(f"{level.text} {_sentence(said)}")
    said = (
        f"it is chosen for its {_latents(n)}: networks alone would choose level {int(level)} with "
        f"{_latents(own)}, but {them} {equal} that network (they {loss}), and the networks of level "
        f"{int(found.level)} {found.loss} to those of level {int(level)}"
    )
    text = f"{found.level.text} {_sentence(said)}"
    return found.level.told(text, rule=level.rule, by_networks=level)


def level_of(path: Path, header: Mapping[str, Any]) -> ChosenLevel:
    """Give the level that the header of findings has, chosen anew as it was."""
    rule = header["rule"]
    level = path.choose(n_latents=int(rule.split()[0])) if rule.endswith(" latents") else path.choose(rule)
    text, number = header.get("level_text"), header["level"]
    if header.get("by_equations") and 0 <= number < len(path.levels):
        own = path.choose(n_latents=int(level.choosing.n_latents[number]))
        return own.told(text or own.text, rule=rule, by_networks=level)
    return level if text is None else level.told(text)


def _lighter(path: Path, level: ChosenLevel) -> list[Lighter]:
    """For each smaller number of latents the best level that has as many."""
    units, nll = path.units[CHOOSE], path.nll(CHOOSE).mean(1)
    counts = level.choosing.n_latents
    found = []
    for n in sorted({int(n) for n in counts if n < counts[int(level)]}):
        other = path.choose(n_latents=n)
        found.append(Lighter(other, n, _loss(units, nll[int(other)] - nll[int(level)])))
    return found


def _too_much(found: Lighter) -> str:
    return (
        f"the networks of level {int(found.level)}, the best with {_latents(found.n_latents)}, {found.loss} "
        "to its networks"
    )


def _unseen(equations: Equations, parts: Parts) -> np.ndarray:
    """(unit,) nll of the choosing sessions under the equations with numbers of the training sessions."""
    fitted = equations.fitted
    train = recorded(parts.train, equations.data)
    own = replace(equations, fitted=maximized(fitted.structure, fitted.free, train))
    return np.asarray(evaluate(own, Pairing(parts.choose).each).session_nll, np.float64)


def _loss(units: Units, worse: np.ndarray) -> Loss:
    return Loss(float(units.means(worse)), float(units.resampled_means(worse).std()))


def _latents(n: int) -> str:
    return "no latent" if n == 0 else f"{n} latent{'' if n == 1 else 's'}"


def _sentence(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}."
