"""What was found, in plain words and with its numbers."""

from cogrnn_lab.analysis import Equations
from cogrnn_lab.discovery.choice import ChosenLevel
from cogrnn_lab.discovery.mechanisms import Agreement
from cogrnn_lab.discovery.yardsticks import (
    BY_SUBJECT,
    CEILING,
    CHANCE,
    EQUATIONS,
    GENERATING,
    NETWORK,
    STAYING,
    Yardsticks,
)


def verdict(
    dealt: str,
    chosen: ChosenLevel,
    agreement: Agreement | None,
    yardsticks: Yardsticks,
    equations: Equations | None = None,
) -> tuple[str, ...]:
    """Sentences: what the network is worth, how sessions were dealt, which level it is, how seeds agree."""
    sentences = [_worth(chosen, yardsticks), *_ceilings(yardsticks), dealt, chosen.text]
    if equations is not None:
        sentences[1:1] = [_of_equations(equations, yardsticks)]
    if agreement is not None:
        sentences.append(agreement.text)
    if yardsticks.failed:
        names = ", ".join(yardsticks.failed)
        sentences.append(f"Not fitted, and so not compared with: {names}.")
    return tuple(sentences)


def _worth(chosen: ChosenLevel, yardsticks: Yardsticks) -> str:
    """The network beside the least that it has to beat, then beside the best classical model."""
    for name in (CHANCE, *STAYING):
        if name in yardsticks.nll and yardsticks.advantage(name)[1] <= 0:
            more = EQUATIONS in yardsticks.nll and yardsticks.advantage(name, of=EQUATIONS)[1] > 0
            what = "The network tells no more than" if more else "These data can't tell more than"
            return (
                f"{what} {_SIMPLE[name]}{', but the equations do' if more else ''}: on "
                f"{yardsticks.units.name} that nothing saw, the network's likelihood is "
                f"{yardsticks.likelihood(NETWORK):.4f}, that of "
                f"{_NAMES[name]} {yardsticks.likelihood(name):.4f} ({_difference(yardsticks, name)})."
            )
    n = chosen.choosing.n_latents[int(chosen)]
    network = f"a network of {n} latent{'s' if n != 1 else ''}"
    best = yardsticks.best_classical
    if best is None:
        return (
            f"{network.capitalize()} predicts {yardsticks.units.name} that nothing saw with a likelihood of "
            f"{yardsticks.likelihood(NETWORK):.4f}; no classical model was compared with it."
        )
    advantage, low, high = yardsticks.advantage(best)
    if low > 0:
        what = f"{network.capitalize()} is worth {advantage:.4f} a choice more than {best}"
    elif high < 0:
        what = f"{best[0].upper()}{best[1:]} says {-advantage:.4f} a choice more than {network}"
    else:
        what = f"{network.capitalize()} says no more than {best} does"
    return (
        f"{what}. The network's likelihood is {yardsticks.likelihood(NETWORK):.4f} and that of {best}, the "
        f"best of {len(yardsticks.choosing)} classical models, {yardsticks.likelihood(best):.4f} on "
        f"{yardsticks.units.name} that nothing saw ({_difference(yardsticks, best)})."
    )


_SIMPLE = {
    CHANCE: "guessing",
    STAYING[0]: "staying and shifting by the last reward",
    STAYING[1]: "staying and shifting by the last reward at the same stimulus",
}
_NAMES = {CHANCE: "chance"} | {name: f"the {name}" for name in STAYING}


def _of_equations(equations: Equations, yardsticks: Yardsticks) -> str:
    """The equations beside the network, on sessions that nothing saw."""
    advantage, low, high = yardsticks.advantage(EQUATIONS)
    n = equations.complexity
    if low > 0:
        what = f"lose {advantage:.4f} a choice to the network"
    elif high < 0:
        what = f"predict {-advantage:.4f} a choice better than the network"
    else:
        what = "predict no worse than the network"
    said = (
        f"The equations, with {n} number{'' if n == 1 else 's'}, {what}: likelihood "
        f"{yardsticks.likelihood(EQUATIONS):.4f} ({_difference(yardsticks, EQUATIONS)})."
    )
    if BY_SUBJECT in yardsticks.nll:
        gained, low, high = yardsticks.advantage(EQUATIONS, of=BY_SUBJECT)
        said += (
            f" With numbers of each subject it is {yardsticks.likelihood(BY_SUBJECT):.4f} (difference to the "
            f"same numbers for all {gained:+.4f}, 95 % interval {low:+.4f} to {high:+.4f})."
        )
    return said


def _ceilings(yardsticks: Yardsticks) -> list[str]:
    """Say how far the network is from what choices can tell at all."""
    sentences = []
    for name, what in _CEILINGS.items():
        if name not in yardsticks.nll:
            continue
        _, low, high = yardsticks.advantage(name)
        relation = "more" if high < 0 else "less" if low > 0 else "neither surely more nor surely less"
        sentences.append(
            f"{what} reaches {relation}: {yardsticks.likelihood(name):.4f} ({_difference(yardsticks, name)})."
        )
    return sentences


_CEILINGS = {
    CEILING: "A GRU, the ceiling of what these choices tell,",
    GENERATING: "The agent that made the data",
}


def _difference(yardsticks: Yardsticks, name: str) -> str:
    advantage, low, high = yardsticks.advantage(name)
    return f"difference {advantage:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}"
