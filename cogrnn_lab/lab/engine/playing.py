"""How the data, the network and what it is compared with behave, as they play."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.analysis import Behavior, behavior, compare_behavior
from cogrnn_lab.analysis.scoring.session_sample import session_sample
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.engine.beside import Check

DATA, NETWORK, EQUATIONS, AGENT = "data", "network", "equations", "generating agent"
MOST_TRIALS = 40_000  # that are played, which keeps it to a second
N_RESAMPLES = 400


@dataclass(frozen=True)
class Played:
    """Behavior side by side.

    Fields:
        behaviors: `Behavior` by name, "data" first; without those that cannot play.
        text: How far each is from the data, and what was played.
        why: Why something does not play, in sentences.
        sessions: What the sessions are, in words.
    """

    behaviors: dict[str, Behavior]
    text: str
    why: tuple[str, ...]
    sessions: str


def sessions_to_play(run: Any) -> tuple[Dataset, str]:
    """The sessions that the network is scored on, or some of them, and what they are."""
    mean = max(float(run.scored.lengths.mean()), 1.0)
    some = session_sample(run.scored, max(2, int(MOST_TRIALS / mean)))
    kind = "held-out" if run.held_out is not None else "training"
    n, of = some.n_sessions, run.scored.n_sessions
    return some, f"{of} {kind} sessions" if n == of else f"{n} of {of} {kind} sessions"


def compared_with(run: Any, level: int) -> dict[str, Any]:
    """What plays beside the network: the agent that made the data, else the best classical model; equations.

    Arguments: the run, and the `level` of its discovery whose network is shown, -1 for that in training.
    """
    found: dict[str, Any] = {}
    if run.agent is not None:
        found[AGENT] = run.agent
    elif run.best_fit is not None:
        name, fitted = run.best_fit
        found[name] = fitted
    equations = run.course.equations if level >= 0 else None
    if level < 0 and run.explanation.found is not None:
        equations = run.explanation.found.equations
    return found if equations is None else {**found, EQUATIONS: equations}


def play(
    model: Any,
    sessions: Dataset,
    words: str,
    others: Mapping[str, Any],
    known: dict[str, tuple[Any, Behavior]],
    check: Check,
) -> Played:
    """Let the network and the others play these sessions, whose `words` say what they are.

    `known` keeps what the others did, as they stay the same while the network trains.
    """
    why, playing = [], {}
    for name, player in {NETWORK: model, **others}.items():
        check()
        kept = known.get(name)
        if kept is not None and kept[0] is player:
            playing[name] = kept[1]
            continue
        try:
            playing[name] = behavior(sessions, player, n_resamples=N_RESAMPLES)
        except ValueError as error:  # it reads what nobody tells it, its world is not known
            why.append(f"How the {name} behaves when it plays is not known: {error}")
            continue
        if name != NETWORK:
            known[name] = (player, playing[name])
    check()
    if not playing:
        alone = behavior(sessions, n_resamples=N_RESAMPLES)
        return Played({DATA: alone}, alone.text, tuple(why), words)
    compared = compare_behavior(sessions, playing, n_resamples=N_RESAMPLES)
    return Played(compared.behaviors, compared.text, tuple(why), words)
