"""What a discovery is asked for, checked before networks are trained for hours."""

from collections.abc import Mapping, Sequence
from typing import Any

from cogrnn_lab.analysis.choice_equations.search.settings import check_search_settings
from cogrnn_lab.counts import checked_count
from cogrnn_lab.discovery.choice import check_rule


def check_asked(
    *,
    rule: Any,
    n_latents: Any,
    seeds: Any,
    equations: Any,
    classical: Any = None,
    gru_units: Any = None,
    models: Sequence[Any] = (),
) -> None:
    """Refuse arguments of `discover` that are of no use once the path is trained.

    Arguments: as `discover` has them; `models`, the networks that are tried.
    """
    check_rule(rule, n_latents)
    checked_count(seeds, "seeds", of="networks")
    most: list[int] = [model.n_latents for model in models if hasattr(model, "n_latents")]
    if n_latents is not None and most and n_latents > min(most):
        raise ValueError(
            f"n_latents is {n_latents}, but the network has {min(most)} latents, so that no level has as "
            "many; give a model with more"
        )
    if not isinstance(equations, bool | Mapping):
        raise ValueError(
            f"equations is {equations!r}; expected True, False, or settings of cl.equations such as "
            '{"n_starts": 8}'
        )
    if isinstance(equations, Mapping):
        check_search_settings(equations)
        if "choose_every" in equations:
            raise ValueError(
                "choose_every has no effect in a discovery, which deals the sessions that it chooses by "
                "itself; leave it out"
            )
    if classical is not None and not isinstance(classical, Mapping):
        raise ValueError(
            f"classical is a {type(classical).__name__}; expected agents by name, such as "
            '{"Q-learning": cl.QLearning()}, or {} for none'
        )
    if gru_units is not None:
        try:
            checked_count(gru_units, "gru_units", of="units")
        except ValueError as error:
            raise ValueError(f"{error} gru_units=None is no GRU.") from None
