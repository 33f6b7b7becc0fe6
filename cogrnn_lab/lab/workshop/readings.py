"""What the figures of a lab show, as numbers: the right answers of a workshop are made of these."""

from typing import Any

import numpy as np

from cogrnn_lab.analysis import latents, perturb, typical_observations, update_rules
from cogrnn_lab.analysis.reading.update_rules import UpdateRule
from cogrnn_lab.data.previous_trial import PREVIOUS_CHOICE, PREVIOUS_REWARD
from cogrnn_lab.discovery import Discovery
from cogrnn_lab.lab.engine.experiment import SETTINGS, Trial
from cogrnn_lab.lab.workshop.question import NotAnswered

OPEN = 0.1  # openness from which a latent is called open
USUAL = (0.05, 0.95)  # quantiles between which a latent usually is


def latent_name(latent: int) -> str:
    """The name of a latent, as figures write it."""
    return f"latent {latent + 1}"


def found_in(lab: Any) -> Discovery:
    """The finished discovery of the run.

    Raises:
        NotAnswered: There is none.
    """
    run = lab.runner.run
    if run is None or run.course.found is None:
        raise NotAnswered("These figures are of a run without a discovery.")
    return run.course.found


def chosen_level(lab: Any) -> int:
    """The level of the path that the data have chosen."""
    return int(found_in(lab).level)


def chosen_network(lab: Any) -> Any:
    """The network that the data have chosen."""
    return found_in(lab).model


def open_at(lab: Any, level: int) -> list[int]:
    """The latents that are open at a level of the path."""
    own = found_in(lab).path.levels[level].openness[lab.runner.run.course.seed(level)]
    return [int(i) for i in np.flatnonzero(own > OPEN)]


def likelihood_at(lab: Any, level: int) -> float:
    """The likelihood of the sessions that the level was chosen by."""
    found_in(lab)
    course = lab.runner.run.course
    return float(course.levels[level].likelihood["choose"][course.seed(level)])


def rule_of(lab: Any, latent: int) -> UpdateRule:
    """The update rule of a latent of the chosen network, as its figure draws it."""
    model, run = chosen_network(lab), lab.runner.run
    rules = update_rules(
        model, [latent], observations=typical_observations(run.train), input_names=run.dataset.input_names,
        background=np.zeros(model.n_latents),
    )  # fmt: skip
    return rules[latent]


def changes(lab: Any, rule: UpdateRule, choice: int, reward: int) -> tuple[np.ndarray, np.ndarray]:
    """The values that a latent usually has, and its changes from there after a choice and its reward."""
    names, run = list(lab.dataset.input_names), lab.runner.run
    wanted = {names.index(PREVIOUS_CHOICE): choice, names.index(PREVIOUS_REWARD): reward}
    rows = [all(row[i] == value for i, value in wanted.items()) for row in np.asarray(rule.observations)]
    along = latents(chosen_network(lab), run.train)
    low, high = np.quantile(along.states[..., rule.latent][along.valid], USUAL)
    values = np.asarray(rule.values)
    usual = (values >= low) & (values <= high)
    if usual.sum() < 3:  # hardly ever elsewhere: what the figure draws around it
        usual = np.argsort(abs(values - (low + high) / 2)) < 3
    return values[usual], np.asarray(rule.base)[rows.index(True)][usual]


def reward_effects(lab: Any) -> dict[int, np.ndarray]:
    """{open latent: (alternative,)} how much it matters to the latent whether a choice was rewarded."""
    found = {}
    for latent in open_at(lab, chosen_level(lab)):
        rule = rule_of(lab, latent)
        effects = [
            np.abs(changes(lab, rule, choice, 1)[1] - changes(lab, rule, choice, 0)[1]).mean()
            for choice in (0, 1)
        ]
        found[latent] = np.array(effects)
    return found


def value_latent(lab: Any, choice: int = 0) -> int:
    """The open latent that a reward of this choice moves most, compared with no reward."""
    effects = reward_effects(lab)
    return max(effects, key=lambda latent: effects[latent][choice])


def learning_rate(lab: Any, latent: int, choice: int = 0) -> float:
    """How much of its way to the target a latent goes on a trial with this choice: minus a line's slope."""
    rule = rule_of(lab, latent)
    slopes = [np.polyfit(*changes(lab, rule, choice, reward), 1)[0] for reward in (0, 1)]
    return -float(np.mean(slopes))


def unchosen_share(lab: Any, latent: int, choice: int = 0) -> float:
    """How much a latent changes on trials with the other choice, as a share of its changes with this one."""
    rule = rule_of(lab, latent)
    moves = [
        np.mean([np.abs(changes(lab, rule, own, reward)[1]).mean() for reward in (0, 1)])
        for own in (choice, 1 - choice)
    ]
    return float(moves[1] / moves[0])


def without(lab: Any, latent: int) -> tuple[float, float]:
    """Likelihood of a choice with the chosen network as it is, and with a latent closed, as Experiments."""
    model = chosen_network(lab)
    effect: Any = perturb(model, lab.display.view.sample, Trial(latent_name(latent)).on(model), **SETTINGS)
    return float(effect.likelihood_before), float(effect.likelihood_after)


def stays_after(dataset: Any) -> tuple[float, float]:
    """Shares of trials on which the choice before is repeated: after a reward, and after none."""
    choices, rewards = np.asarray(dataset.choices), np.asarray(dataset.rewards)
    both = (choices[:, 1:] >= 0) & (choices[:, :-1] >= 0)
    same, paid = choices[:, 1:] == choices[:, :-1], rewards[:, :-1] > 0
    return float(same[both & paid].mean()), float(same[both & ~paid].mean())
