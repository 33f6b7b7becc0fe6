"""Everything that the analyses say of a network, in sentences that can be read aloud and figures beside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from cogrnn_lab.analysis import (
    BehaviorComparison,
    Equations,
    LatentRole,
    Wiring,
    compare_behavior,
    latent_roles,
    wiring,
)
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.findings import Discovery
from cogrnn_lab.discovery.story.experiments import Experiment, experiments
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of

NETWORK, EQUATIONS = "network", "equations"


@dataclass(frozen=True)
class Explanation:
    """What a network does and how that is known.

    Fields:
        network: The network that is explained.
        dataset: The sessions along which it is explained.
        discovery: The `Discovery` that it is of; None of a network or a run alone.
        sections: Sentences by heading, in the order of the story: "What it is", "Latents", "Experiments",
            "Equations", "Behavior", "Verdict".
        wiring: The graph; None of a network without bottlenecks.
        roles: What each latent that contributes stands for.
        experiments: For each of these what happens without it.
        behavior: The network's, and the equations', beside that of the data; None where they cannot play.
    """

    network: Network
    dataset: Dataset
    discovery: Discovery | None
    sections: Mapping[str, tuple[str, ...]]
    wiring: Wiring | None
    roles: tuple[LatentRole, ...]
    experiments: tuple[Experiment, ...]
    behavior: BehaviorComparison | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences, in the order of the story."""
        return tuple(sentence for own in self.sections.values() for sentence in own)

    @property
    def text(self) -> str:
        """The story in words, section by section."""
        return "\n\n".join(f"{heading}\n" + "\n".join(own) for heading, own in self.sections.items())

    def __repr__(self) -> str:
        return self.text

    @property
    def equations(self) -> Equations | None:
        """The discovery's equations; None where there are none."""
        return None if self.discovery is None else self.discovery.equations

    @property
    def figures(self) -> dict[str, Any]:
        """Matplotlib figures by name: "wiring", "rules", "choice", "worth", "equations", "behavior".

        They are drawn anew each time, those that there is something for.
        """
        import cogrnn_lab  # figures are drawn by rooms above this one, and only where they are asked for

        return cogrnn_lab.plots.explanation_figures(self)

    def report(self, folder: str | FilePath) -> FilePath:
        """Write the story for people: explanation.md with its figures, and explanation.html by itself.

        Arguments:
            folder: Where to; it is made where it does not exist.

        Returns:
            The path of explanation.html.
        """
        import cogrnn_lab

        return cogrnn_lab.reports.write_explanation(self, folder)


def explain(
    found: Network | HoldsNetwork | Discovery,
    dataset: Dataset,
    *,
    environment: Any = None,
    plays: bool = True,
    seed: int = 0,
    watch: Callable[[str], None] | None = None,
) -> Explanation:
    """Tell what a network computes: its wiring, what each latent stands for and is worth, how it behaves.

    Sentences are made from the numbers of the analyses, by rules; where these do not hold, they say that it
    is unclear.

    Arguments:
        found: A `Discovery`; or a `Run` or a network, which have no equations and no verdict.
        dataset: Sessions of choices: those that it was found from, or others that fit it.
        environment: What is played, as in `behavior`; by default that of the data, or one made of them.
        plays: Whether network and equations play by themselves, with and without each latent.
        seed: Of what is played, and of the resamples.
        watch: Function called with what is done now, in words.

    Returns:
        An `Explanation`.

    Raises:
        ValueError: The data are no choices, or do not fit the network.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=40)
        >>> story = cl.explain(cl.DisRNN(2, 2, 2, key=0), data, plays=False)
        >>> list(story.sections)
        ['What it is', 'Latents']
    """
    network: Any = network_of(found)
    discovery = found if isinstance(found, Discovery) else None
    if not dataset.n_classes:
        raise ValueError("a story is of choices, but the data set has none, only numbers")
    say = watch or _silence
    say("how the network is wired")
    graph, what = _graph(network, dataset)
    say("what each latent stands for")
    roles = latent_roles(network, dataset)
    tried = experiments(network, dataset, roles, environment=environment, plays=plays, seed=seed, say=say)
    sections: dict[str, tuple[str, ...]] = {"What it is": what, "Latents": _latents(roles, tried)}
    done = tuple(one.sentence for one in tried if one.sentence)
    if done:
        sections["Experiments"] = done
    if discovery is not None:
        sections["Equations"] = _equations(discovery)
    behavior = None
    if plays:
        say("behavior of the network as it plays, beside the data's")
        behavior, sections["Behavior"] = _behavior(network, discovery, dataset, environment, seed)
    if discovery is not None:
        sections["Verdict"] = discovery.sentences
    return Explanation(network, dataset, discovery, sections, graph, roles, tried, behavior)


def _silence(what: str) -> None:
    """Say nothing."""


def _graph(network: Any, dataset: Dataset) -> tuple[Wiring | None, tuple[str, ...]]:
    """The wiring and what it is, or why there is none."""
    try:
        graph = wiring(network, dataset)
    except ValueError as error:
        if getattr(network, "groups", None):
            raise
        return None, (f"There is no wiring: {error}.",)
    n = len(graph.latents)
    of = f"{n} latent{'' if n == 1 else 's'} that count{'s' if n == 1 else ''}"
    known = (
        f"The network has {of}, and does what {graph.mechanism} does."
        if graph.mechanism is not None
        else f"The network has {of}; it is unclear whether it does what a known strategy does."
    )
    return graph, (known, f"{graph.reason[0].upper()}{graph.reason[1:]}")


def _latents(roles: tuple[LatentRole, ...], tried: tuple[Experiment, ...]) -> tuple[str, ...]:
    if not roles:
        return ("No latent contributes to the choice: it does not depend on what happened before.",)
    return tuple(f"{role.text} {one.worth_in_words}" for role, one in zip(roles, tried, strict=True))


def _equations(found: Discovery) -> tuple[str, ...]:
    if found.equations is None:
        return (found.without_equations,)
    said = tuple(found.equations.text.splitlines())
    agreement = found.equations.fidelity.agreement
    if np.isfinite(agreement):
        said += (f"They explain {agreement:.1%} of the variance of a network's log odds (R²).",)
    return said


def _behavior(
    network: Any, found: Discovery | None, dataset: Dataset, environment: Any, seed: int
) -> tuple[BehaviorComparison | None, tuple[str, ...]]:
    """Behavior of network and equations as they play, and what it says; or why they cannot play."""
    players: dict[str, Any] = {NETWORK: network}
    if found is not None and found.equations is not None:
        players[EQUATIONS] = found.equations
    try:
        compared = compare_behavior(dataset, players, environment, seed=seed)
    except (TypeError, ValueError) as error:
        return None, (f"How it behaves when it plays is not known: {error}",)
    return compared, tuple(compared.text.splitlines())
