"""Discovery as a recipe: what a model comparison does anew in every fold, choice of the penalty included."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
from jaxtyping import PRNGKeyArray

from cogrnn_lab.analysis import Equations
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.choice import ONE_STANDARD_ERROR
from cogrnn_lab.discovery.course.asked import check_asked
from cogrnn_lab.discovery.course.explained import explained
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.discovery.course.level_by_equations import level_with_equations
from cogrnn_lab.discovery.course.networks import knows_subjects, told_from_simpler
from cogrnn_lab.discovery.parts import deal, with_choosing
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.path_training import penalty_path
from cogrnn_lab.discovery.schedule import GivenPrices, PriceLadder, Settling, WarmUp
from cogrnn_lab.models import DisRNN, Network
from cogrnn_lab.models.description import started_anew
from cogrnn_lab.training import Penalties, Run

NETWORK, EQUATIONS = "network", "equations"
Maker = Callable[[Dataset, PRNGKeyArray], Network]


@dataclass(frozen=True)
class DiscoveryRecipe:
    """Recipe of a discovery: called with training data, it trains the path and chooses by them alone.

    `cl.compare({"discovered": cl.DiscoveryRecipe(), ...}, dataset)` gives the likelihood of what discovery
    chooses, without the sessions on which it is scored: the number to set beside classical models.

    Arguments:
        make: Function of a data set and a key that makes an untrained network for such data; by default a
            `DisRNN` with five latents. Of several, from the simplest network to the richest, a richer one is
            kept where it predicts the sessions chosen by better, as in `discover`.
        predicts: "network", what is scored is the chosen network; or "equations", those found from it.
        seeds: How many networks are trained.
        rule: How the level is chosen; see `Path.choose`.
        n_latents: How many latents the network is to have, instead of a rule.
        equations: Settings of `cl.equations`, which have a say in the level, as in `discover`; False: the
            networks alone choose it.
        options: Further arguments of `penalty_path`, such as {"batch_size": 64}.
        hold_out: What is chosen by: "sessions", whole "subjects" or "blocks" of trials, as in `discover`.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.DiscoveryRecipe(seeds=2, options={"levels": (0.3, 1.0)}).predicts
        'network'
    """

    make: Maker | Sequence[Maker] | None = None
    predicts: str = NETWORK
    seeds: int = 5
    rule: str = ONE_STANDARD_ERROR
    n_latents: int | None = None
    equations: bool | Mapping[str, Any] = True
    options: Mapping[str, Any] = field(default_factory=dict)
    hold_out: str | None = None

    def __post_init__(self):
        if self.predicts not in (NETWORK, EQUATIONS):
            raise ValueError(f'predicts is {self.predicts!r}, expected "{NETWORK}" or "{EQUATIONS}"')
        if self.predicts == EQUATIONS and self.equations is False:
            raise ValueError('predicts is "equations", but equations is False; expected True or settings')
        check_asked(seeds=self.seeds, rule=self.rule, n_latents=self.n_latents, equations=self.equations)

    def __call__(self, train: Dataset, valid: Dataset | None = None, seed: int = 0) -> Run | Equations:
        """Discover from these sessions alone.

        Arguments:
            train: Training sessions. Of four, three are trained on and one is chosen by.
            valid: Sessions to choose by instead, as `compare` gives them with `valid_every`.
            seed: Of the first network; the others have the following ones.

        Returns:
            The `Run` of the chosen network, or the `Equations`.

        Raises:
            ValueError: There are too few choices, or no equations can be found of them.
        """
        models = [make(train, jax.random.key(seed)) for make in self._makers]
        if valid is None:
            every = any(map(knows_subjects, models))
            parts = deal(train, reported=False, every_subject=every, hold_out=self.hold_out)
        else:
            parts = with_choosing(train, valid)
        paths = [
            penalty_path(model, parts.train, parts.choose, seeds=self.seeds, seed=seed, **self.options)
            for model in models
        ]
        levels = [path.choose(self.rule, n_latents=self.n_latents) for path in paths]
        kept, _ = told_from_simpler(paths, levels)
        path, level = paths[kept], levels[kept]
        search = {} if isinstance(self.equations, bool) else self.equations
        # rivals only tell in words how good the equations are, and no words are given here
        search = {"seed": seed, **search, "rivals": False}
        find = partial(explained, path, level, parts, search, Finished(None))
        if self.predicts == NETWORK:
            if self.equations is not False:
                level = level_with_equations(path, level, lambda: find()[0], parts)
            return path.at(level)
        found, why = find()
        if found is None:
            raise ValueError(why)
        return found

    @property
    def _makers(self) -> Sequence[Maker]:
        if self.make is None:
            return (_default,)
        return (self.make,) if callable(self.make) else tuple(self.make)


def _default(train: Dataset, key: PRNGKeyArray) -> Network:
    return DisRNN(train.n_inputs, int(train.n_classes or 0), key=key)


def _anew(model: Any, data: Dataset, key: PRNGKeyArray) -> Any:
    return started_anew(model, key)


def recipe_of(
    path: Path,
    rule: str,
    tried: Sequence[Network] = (),
    hold_out: str | None = None,
    search: Mapping[str, Any] | None = None,
) -> DiscoveryRecipe:
    """The recipe by which paths were made, and network and level chosen.

    Arguments: `path` that was kept; `rule` of its level; `tried` networks, from the simplest on, if not that
    of the path alone; `hold_out`, what was dealt; `search`, settings of the search for equations, None for
    none.
    """
    settings = path.settings
    models = tried or (path.warm_up.models[0],)
    levels = settings["levels"]
    prices = GivenPrices(tuple(levels["prices"])).prices if "prices" in levels else PriceLadder(**levels)
    n_latents = int(rule.split()[0]) if rule.endswith(" latents") else None
    return DiscoveryRecipe(
        make=tuple(partial(_anew, model) for model in models),
        seeds=settings["seeds"],
        rule=ONE_STANDARD_ERROR if n_latents is not None else rule,
        n_latents=n_latents,
        equations=False if search is None else dict(search),
        options={
            "levels": prices,
            "base": Penalties(**settings["base"]),
            "groups": tuple(settings["groups"]),
            "warm_up": WarmUp(**settings["warm_up"]),
            "settling": Settling(**settings["settling"]),
            "batch_size": settings["batch_size"],
        },
        hold_out=hold_out,
    )
