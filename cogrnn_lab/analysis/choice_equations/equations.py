"""From choices to the few numbers that made them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.checks.history import history_test
from cogrnn_lab.analysis.choice_equations.checks.limits import limits
from cogrnn_lab.analysis.choice_equations.checks.rivals import best_rival
from cogrnn_lab.analysis.choice_equations.checks.unexplained import Beside, Unexplained, unexplained
from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, maximized, scored
from cogrnn_lab.analysis.choice_equations.fitting.uncertainty import errors
from cogrnn_lab.analysis.choice_equations.parts.form import BIAS, RATE
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, recorded
from cogrnn_lab.analysis.choice_equations.reading import network_starts, read_latents
from cogrnn_lab.analysis.choice_equations.result import Equations, Fidelity
from cogrnn_lab.analysis.choice_equations.search.discovery import Candidate, Discovered, discovered
from cogrnn_lab.analysis.choice_equations.search.search import price_of_a_number
from cogrnn_lab.analysis.choice_equations.search.settings import SearchSettings
from cogrnn_lab.analysis.choice_equations.words.latex import latex
from cogrnn_lab.analysis.choice_equations.words.mechanisms import mechanisms
from cogrnn_lab.analysis.choice_equations.words.naming import Labels, labels_of, named_numbers
from cogrnn_lab.analysis.choice_equations.words.sentences import number, recognized, sentences
from cogrnn_lab.analysis.scoring.evaluation import evaluate
from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network

FEWEST_TO_CHOOSE = 8


def equations(
    found: Any,
    dataset: Dataset,
    *,
    choose: Dataset | None = None,
    n_latents: Sequence[Any] = (1, 2, 3, 4),
    n_starts: int = 4,
    terms: Sequence[Any] = TERMS,
    choose_every: int = 4,
    level: float = 0.95,
    seed: int = 0,
    rivals: bool = True,
    n_threads: int = 2,
    report: Callable[[str], None] | None = None,
) -> Equations:
    """Find equations with few free parameters that explain recorded choices, and describe them in words.

    Every alternative has latents in units of log odds. After each trial a latent moves towards a target by a
    rate; rate and target depend on whether the alternative was chosen and what the outcome was. Parameters
    that the choices do not tell apart are tied or removed as long as the extended Bayesian information
    criterion falls.

    Choices of something that has no such form have equations, too, that come close to it. Where past choices
    and outcomes still tell what the equations do not (a score test), or where sessions that nothing was
    fitted to are predicted clearly better by a network (those of `choose`) or by a classical model that has
    no such form, the text says that they are an approximation; see `unexplained`. Some have equations that
    predict as well as what made the choices, as an actor-critic has: then nothing is left to be told.

    Arguments:
        found: Networks from which searches begin in addition to random starts: a network, a run, a list of
            them, a mapping from names to them, a `Discovery` (its `networks`), or None.
        dataset: Choices and rewards as `agent_logits` reads them. Rewards of 0 and 1 are observations of
            their own, others are amounts. Inputs other than the previous choice and reward affect the choice
            directly, each with a weight for every alternative after the first.
        choose: Sessions that are held out of the searches and choose between their results, instead of every
            `choose_every`-th of `dataset`. Blocks of the same sessions, with other choices counted, will do.
        n_latents: Numbers of latents of the random starts, tried in this order until one more gains nothing;
            () for none, where networks are given.
        n_starts: Random starts of each size; searches begin at the two best.
        terms: Terms that an update may have in addition to its move towards a target, tried where the
            likelihood favors one of them; add a `cl.Term` of your own. () for none.
        choose_every: Every `choose_every`-th session of each subject is held out of the searches and chooses
            between their results; the chosen equations are fitted to all sessions. With 0, or fewer than 8
            sessions, the criterion alone chooses.
        level: Coverage of the intervals, from 0 to 1.
        seed: Seed of the random starts.
        rivals: Whether the classical models that have no form as equations, such as Pearce-Hall, are fitted
            as well, to tell whether one of them predicts better; it takes seconds each.
        n_threads: How many searches go on at once; one keeps one core busy. What is found does not depend
            on it.
        report: Function called with a line of text after each search.

    Returns:
        An `Equations`.

    Raises:
        TypeError: `found` holds no network, or the seed is no whole number.
        ValueError: The data are no choices, too few, or all of one alternative; a setting is wrong; or there
            is nothing to start from.

    Source:
        Chen & Chen, Biometrika 2008 (the criterion).

    Example:
        >>> import cogrnn_lab as cl
        >>> task = cl.DriftingBandit(drift=0.1)
        >>> data = cl.simulate(cl.WinStayLoseShift(0.2), task, n_sessions=4, n_trials=100, seed=1)
        >>> cl.equations(None, data, n_latents=(1,), n_starts=1, terms=()).mechanism
        'win-stay lose-shift'
    """
    asked = SearchSettings(n_latents, n_starts, terms, choose_every, level, seed, rivals, n_threads)
    _check_data(dataset, choose)
    keep_compilations()
    train, choosing = _parts(dataset, choose_every) if choose is None else (dataset, choose)
    dataset = dataset if choose is None else joined(train, choose)
    everything = recorded(dataset)
    train_data = everything if choosing is None else recorded(train, everything)
    choose_data = None if choosing is None else recorded(choosing, everything)
    networks = _networks(found)
    given = [
        start for name, model in networks.items() for start in network_starts(name, model, train, train_data)
    ]
    if not given and not asked.n_latents:
        why = f", as {_unread(everything)}" if networks else ""
        raise ValueError(
            f"n_latents is empty, so that there are no random starts, and no network gives a start{why}; "
            "expected numbers of latents to try, such as n_latents=(1, 2, 3)."
        )
    result = discovered(
        int(dataset.n_classes or 0),
        train_data,
        choose_data,
        everything,
        given=given,
        n_latents=asked.n_latents,
        n_starts=n_starts,
        terms=tuple(asked.terms),
        seed=seed,
        n_threads=n_threads,
        report=report,
    )
    if report is not None:
        report("looking for what the equations leave unexplained")
    left = unexplained(
        history_test(result.fitted, everything, price_of_a_number(everything)),
        None if choose is None else _network(result.fitted, train_data, choose, networks),
        _model(result.fitted, dataset, everything) if rivals else None,
    )
    return _told(result, networks, dataset, choosing, everything, level, left)


def _told(
    result: Discovered,
    networks: dict[str, Network],
    dataset: Dataset,
    choosing: Dataset | None,
    data: Recorded,
    level: float,
    left: Unexplained,
) -> Equations:
    fitted = result.fitted
    structure, free = fitted.structure, fitted.free
    labels = labels_of(dataset, data)
    read = mechanisms(structure, free)
    biases = structure.form.split(fitted.vector)[BIAS]
    numbers = _numbers(fitted, data, labels, level)
    which = recognized(read, int((biases != 0).any()))
    fidelity = _fidelity(result, networks, dataset, choosing, data)
    lines = [
        _opening(len(numbers), which, int(data.n_choices.sum())),
        *sentences(read, free, biases, labels),
        *_doubts(numbers),
        *limits(fitted, data, labels.alternatives),
        *([left.text] if left.text else []),
    ]
    return Equations(
        text="\n".join(lines),
        latex=latex(read, biases, labels),
        numbers=numbers,
        mechanism=which,
        fidelity=fidelity,
        steps=_steps(result),
        candidates=_candidates(result.candidates),
        source=_source(result.candidates, networks, data),
        fitted=fitted,
        data=data,
        unexplained=left,
    )


def _network(
    fitted: Fitted, train: Recorded, choose: Dataset, networks: Mapping[str, Network]
) -> Beside | None:
    """The best network on sessions that neither it nor the numbers of the equations are of."""
    if not networks:
        return None
    own = scored(maximized(fitted.structure, fitted.free, train), recorded(choose, train))
    ahead = {name: own - evaluate(model, choose).session_nll for name, model in networks.items()}
    name = max(ahead, key=lambda one: ahead[one].sum())
    return Beside(name, ahead[name], int(choose.mask[..., 0].sum()))


def _model(fitted: Fitted, dataset: Dataset, data: Recorded) -> Beside | None:
    """The best classical model on sessions that neither its parameters nor those of the equations are of."""
    best = best_rival(fitted, dataset, data) if dataset.n_sessions >= FEWEST_TO_CHOOSE else None
    return None if best is None else Beside(best.name, best.ahead, int(data.n_choices.sum()))


def _numbers(fitted: Fitted, data: Recorded, labels: Labels, level: float) -> pd.DataFrame:
    structure, free = fitted.structure, fitted.free
    named = named_numbers(structure, free, mechanisms(structure, free), labels)
    sure = errors(fitted, data, level)
    rows = []
    for one in named:
        edges = sorted((one.factor * sure.low[one.group], one.factor * sure.high[one.group]))
        error = abs(one.factor) * sure.standard_error[one.group]
        kind = structure.units.kinds[structure.representatives[one.group]]
        unit = "fraction a trial" if kind == RATE else "log odds"
        rows.append((one.name, one.factor * free[one.group], error, *edges, unit))
    return pd.DataFrame(rows, columns=["name", "value", "standard_error", "low", "high", "unit"])


def _opening(n: int, which: str, n_choices: int) -> str:
    many = f"{n} number{'' if n == 1 else 's'} {'describes' if n == 1 else 'describe'} {n_choices:,} choices"
    return f"{many}: {which}." if not which.startswith("none") else f"{many}; they are {which}."


def _doubts(numbers: pd.DataFrame) -> list[str]:
    """Say what the data cannot tell."""
    unsure = numbers[~(numbers.low * numbers.high > 0)]
    return [
        f"The data do not hold {name} away from 0 (interval {number(low)} to {number(high)})."
        for name, low, high in unsure[["name", "low", "high"]].to_numpy()
    ]


def _fidelity(
    result: Discovered,
    networks: dict[str, Network],
    dataset: Dataset,
    choosing: Dataset | None,
    data: Recorded,
) -> Fidelity:
    fitted, best = result.fitted, result.candidates[0]
    like = float(np.exp(-fitted.nll / data.n_choices.sum()))
    unseen = network = agreement = np.nan
    by_latent = np.zeros(0)
    if choosing is not None and best.choosing_nll is not None:
        unseen = float(np.exp(-best.choosing_nll.sum() / choosing.mask[..., 0].sum()))
    if networks:
        scores = {
            name: evaluate(model, dataset if choosing is None else choosing).normalized_likelihood
            for name, model in networks.items()
        }
        name = max(scores, key=lambda one: scores[one])
        network = scores[name]
        agreement, by_latent = _agreement(fitted, networks[name], dataset, data)
    return Fidelity(like, unseen, network, agreement, by_latent)


def _agreement(fitted: Fitted, model: Network, dataset: Dataset, data: Recorded) -> tuple[float, np.ndarray]:
    """R² of a network's log odds and of each of its contributing latents by the equations."""
    vector = jnp.asarray(fitted.vector, jnp.float32)
    logits, own = trajectories(fitted.structure.form, vector, data.trials)
    valid = dataset.valid
    ours = np.transpose(logits, (2, 0, 1))[valid]
    reading = read_latents(model, dataset)
    theirs = reading.contributions.sum(2)[valid]
    odds = theirs[:, -1] - theirs[:, 0]
    latents = np.transpose(own, (3, 0, 1, 2))[valid]
    design = np.c_[np.ones(len(latents)), latents.reshape(len(latents), -1)]
    r2 = [
        _r2(design, (c := reading.contributions[..., k, :][valid])[:, -1] - c[:, 0])
        for k in range(len(reading.latents))
    ]
    return _r2(np.c_[np.ones(len(ours)), ours[:, -1] - ours[:, 0]], odds), np.array(r2)


def _r2(design: np.ndarray, wanted: np.ndarray) -> float:
    fitted, *_ = np.linalg.lstsq(design, wanted, rcond=None)
    total = ((wanted - wanted.mean()) ** 2).sum()
    return float(1 - ((wanted - design @ fitted) ** 2).sum() / max(total, 1e-12))


def _steps(result: Discovered) -> pd.DataFrame:
    columns = ["what", "numbers", "nll", "price"]
    return pd.DataFrame(list(result.steps), columns=columns)


def _candidates(candidates: Iterable[Candidate]) -> pd.DataFrame:
    rows = [
        {
            "source": one.source,
            "numbers": one.n_numbers,
            "nll": one.found.fitted.nll,
            "price": one.found.price,
            "choosing_nll": np.nan if one.choosing_nll is None else one.choosing_nll.sum(),
        }
        for one in candidates
    ]
    return pd.DataFrame(rows)


def _source(candidates: tuple[Candidate, ...], networks: Iterable[str], data: Recorded) -> str:
    """Say which start has won, by how much, and whether a network was needed."""
    best = candidates[0]
    same = [c for c in candidates[1:] if c.found.price < best.found.price + 1.0]
    said = f"{best.source}; {len(same)} of {len(candidates) - 1} other starts end at the same price"
    rest = [c.found.price - best.found.price for c in candidates[1:] if c not in same]
    if rest:
        said += f", the next is {min(rest):.1f} nats behind"
    names = tuple(f"{name}, " for name in networks)
    read = [c.found.price for c in candidates if names and c.source.startswith(names)]
    others = [c.found.price for c in candidates if not (names and c.source.startswith(names))]
    if read and others:
        ahead = min(others) - min(read)
        said += (
            f". The network was needed: random starts end {ahead:.1f} nats behind it"
            if ahead > 1.0
            else ". The network was not needed: random starts do as well"
        )
    elif names and not read:
        said += f". No network was a start, as {_unread(data)}: these equations are from the choices alone"
    return said + "."


def _unread(data: Recorded) -> str:
    """Why no start was read from the networks."""
    if data.has_amounts:
        return "networks are read where rewards are 0 or 1, and these are amounts"
    if data.trials.relation.shape[1] != 2:
        return f"networks are read for two alternatives, and these are {data.trials.relation.shape[1]}"
    return "no latent of the networks contributes to the choice"


def _check_data(dataset: Any, choose: Any) -> None:
    for name, given in {"dataset": dataset, "choose": choose}.items():
        if not isinstance(given, Dataset) and not (name == "choose" and given is None):
            raise TypeError(
                f"{name} is a {type(given).__name__}; expected a cogrnn_lab.Dataset, as of cl.read_table."
            )


def _parts(dataset: Dataset, choose_every: int) -> tuple[Dataset, Dataset | None]:
    if choose_every < 2 or dataset.n_sessions < FEWEST_TO_CHOOSE:
        return dataset, None
    try:
        return dataset.split(every=choose_every)
    except ValueError:  # subjects with too few sessions each: none is left to choose by
        return dataset, None


def joined(train: Dataset, choose: Dataset) -> Dataset:
    """All sessions, each once: where both are blocks of the same sessions, the choices of either count."""
    same = train.inputs.shape == choose.inputs.shape and all(
        np.array_equal(getattr(train, name), getattr(choose, name)) for name in ("inputs", "valid", "subject")
    )
    if not same:
        return train.concat(choose)
    if (train.mask & choose.mask).any():
        raise ValueError("choices that choose between equations are among those that they are fitted to.")
    targets = np.where(train.mask, train.targets, choose.targets)
    return train._replace(mask=train.mask | choose.mask, targets=targets)


def _networks(found: Any) -> dict[str, Network]:
    """Networks by name in what was found."""
    if found is None:
        return {}
    found = getattr(found, "networks", found)
    if isinstance(found, Mapping):
        return {
            name if i == 0 else f"{name} {i + 1}": model
            for name, one in found.items()
            for i, model in enumerate(_networks(one).values())
        }
    if isinstance(found, Network):
        return {f"the {type(found).__name__}": found}
    if isinstance(found, (list, tuple)):
        each = [_networks(one) for one in found]
        return {f"{name} {i + 1}": model for i, part in enumerate(each) for name, model in part.items()}
    model = getattr(found, "model", None)
    if isinstance(model, Network):
        return {f"the {type(model).__name__}": model}
    raise TypeError(
        f"found is a {type(found).__name__}; expected a network, a Run, a list of them, or None to search "
        "from random starts alone."
    )
