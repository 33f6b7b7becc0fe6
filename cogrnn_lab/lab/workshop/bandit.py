"""The workshop on a two-armed bandit: what latents are, what they cost, what they are worth, and a mystery.

No answer is written down here: each is read off the network, the agent and the settings of the lab.
"""

from typing import Any

import numpy as np

from cogrnn_lab.discovery.yardsticks import EQUATIONS, NETWORK
from cogrnn_lab.lab.settings.state import MYSTERY
from cogrnn_lab.lab.workshop import readings as read
from cogrnn_lab.lab.workshop.question import DO, NUMBER, ONE, SOME, NotAnswered, Question, Verdict
from cogrnn_lab.lab.workshop.shipped import ACTOR_CRITIC, FORGETTING, Q_LEARNING

NEAR = 0.1  # by which a learning rate may be off
ALIKE = 0.002  # likelihoods that differ by less stay the same
HARDLY = 0.2  # share of another change below which a change is hardly any
REPEATS_ALIKE = 0.03
STEPS, ENOUGH = 100, 50.0  # of training; points of a guess

STAYS, MOVES = "it hardly changes", "it changes, too"
FALLS, SAME, RISES = "it falls", f"it stays within {ALIKE}", "it rises"
BETTER, NO_SURE, WORSE = "the network is", "neither is, surely", "the classical model is"
OPPOSITE, SAME_WAY = "in opposite directions", "in the same direction"
ONLY_0, ONLY_1 = "only a reward of choice 0 moves it", "only a reward of choice 1 moves it"
AFTER_WINS, AFTER_LOSSES, BOTH = "after a reward", "after no reward", "after both about equally often"
BELOW_CHANCE, TO_CHANCE, LOWER = (
    "it falls below chance",
    "it falls to chance",
    "it falls, not as far as chance",
)
TELLING = ("finding", "wiring", "equations")  # panels that say it in words


def latents(lab: Any) -> list[str]:
    """Names of the latents of the network."""
    return [read.latent_name(i) for i in range(read.chosen_network(lab).n_latents)]


def open_latents(lab: Any) -> list[str]:
    """Names of those that are open at the chosen level."""
    return [read.latent_name(i) for i in read.open_at(lab, read.chosen_level(lab))]


def _of(right: str, answer: Any, told: str, else_told: str) -> Verdict:
    """The verdict on one option."""
    return Verdict(True, told) if answer == right else Verdict(False, else_told)


def _need_chosen_level(lab: Any) -> None:
    chosen = read.chosen_level(lab)
    if lab.state.view.level != chosen:
        raise NotAnswered(
            f"Figures show another network than the chosen one: set the level to {chosen}, under How much "
            "must it know?"
        )


def _which_open(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    picked, right = set(answer or ()), set(open_latents(lab))
    if picked == right:
        return Verdict(True, f"{len(right)} of {len(latents(lab))} are open; the others carry nothing.")
    return Verdict(
        False,
        f"Picked, but closed: {len(picked - right)}. Open, but not picked: {len(right - picked)}.",
    )


def _which_is_the_value(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    right = read.value_latent(lab, 0)
    share = read.reward_effects(lab)[right]
    return _of(
        read.latent_name(right), answer,
        f"Whether choice 0 was rewarded moves it by {share[0]:.2f} on average, and a reward of choice 1 by "
        f"{share[1]:.2f}: it keeps what choice 0 is worth.",
        "Compare the two lines after choice 0, rewarded and not, in the rule of each open latent: in one of "
        "them they are farther apart.",
    )  # fmt: skip


def _what_of_the_unchosen(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    share = read.unchosen_share(lab, read.value_latent(lab, 0))
    return _of(
        STAYS if share < HARDLY else MOVES, answer,
        f"After choice 1 it moves {share:.0%} as much as after choice 0.",
        "Look at the two lines after choice 1 in the rule of that latent: how far are they from zero?",
    )  # fmt: skip


def _learning_rate(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    true = float(lab.runner.run.settings["data"]["agent"]["parameters"]["learning_rate"])
    found = read.learning_rate(lab, read.value_latent(lab, 0))
    if abs(float(answer) - true) <= NEAR + 1e-9:  # .3 is a tenth from .4, but not in floating point
        return Verdict(True, f"The agent has {true:.2f}; the lines of the network fall by {found:.2f}.")
    return Verdict(
        False,
        f"That is off by more than {NEAR}. Take two points of a line after choice 0: by how much does the "
        "change fall while the latent rises by 1?",
    )


def _one_fewer(lab: Any, answer: Any) -> Verdict:
    level, chosen = lab.state.view.level, read.chosen_level(lab)
    if level < 0:
        raise NotAnswered(
            "Figures show the network in training: move the level, under How much must it know?"
        )
    n, at_chosen = len(read.open_at(lab, level)), len(read.open_at(lab, chosen))
    told = f"Open latents: {n} at level {level}, {at_chosen} at the chosen level {chosen}."
    if level > chosen and 0 < n < at_chosen:
        return Verdict(True, told)
    return Verdict(False, told)


def _first_with_fewer(lab: Any) -> int:
    """The cheapest level beyond the chosen one at which fewer latents are open."""
    chosen, levels = read.chosen_level(lab), read.found_in(lab).path.levels
    n = len(read.open_at(lab, chosen))
    for level in range(chosen + 1, len(levels)):
        if len(read.open_at(lab, level)) < n:
            return level
    raise NotAnswered("No level of this path has fewer open latents than the chosen one.")


def _what_it_costs(lab: Any, answer: Any) -> Verdict:
    level = _first_with_fewer(lab)
    change = read.likelihood_at(lab, level) - read.likelihood_at(lab, read.chosen_level(lab))
    right = SAME if abs(change) < ALIKE else FALLS if change < 0 else RISES
    return _of(
        right, answer, f"From level {read.chosen_level(lab)} to level {level} it changes by {change:+.4f}.",
        "Set the level to both and read the likelihood beside it.",
    )  # fmt: skip


def _without_it(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    latent, view = read.value_latent(lab, 0), lab.state.view
    name = read.latent_name(latent)
    if (view.part, view.action) != (name, "close"):
        raise NotAnswered("That latent is not closed: in Experiments pick the one of choice 0, and close.")
    before, after = read.without(lab, latent)
    chance = 1.0 / (lab.dataset.n_classes or 2)
    right = (
        SAME if abs(after - before) < ALIKE
        else BELOW_CHANCE if after < chance - ALIKE else TO_CHANCE if after < chance + ALIKE else LOWER
    )  # fmt: skip
    return _of(
        right, answer, f"Without {name} the likelihood goes from {before:.4f} to {after:.4f}; chance is "
        f"{chance:.4f}.", f"Experiments tells it in words. Chance is {chance:.2f}.",
    )  # fmt: skip


def _best(lab: Any) -> str:
    """The best classical model."""
    best = read.found_in(lab).measured.best_classical
    if best is None:
        raise NotAnswered("No classical model was fitted beside this network.")
    return best


def _is_it_worth(lab: Any, answer: Any) -> Verdict:
    measured, best = read.found_in(lab).measured, _best(lab)
    difference, low, high = measured.advantage(best, of=NETWORK)
    right = BETTER if low > 0 else WORSE if high < 0 else NO_SURE
    return _of(
        right, answer,
        f"The network's likelihood minus that of {best} is {difference:+.4f}, with a 95 % interval from "
        f"{low:+.4f} to {high:+.4f}.",
        "What was found tells the difference and its interval: it is sure where that has no zero in it.",
    )  # fmt: skip


def _which_way(lab: Any, answer: Any) -> Verdict:
    _need_chosen_level(lab)
    latent = max(read.reward_effects(lab).items(), key=lambda item: item[1].max())[0]
    rule = read.rule_of(lab, latent)
    shifts = np.array([
        (read.changes(lab, rule, choice, 1)[1] - read.changes(lab, rule, choice, 0)[1]).mean()
        for choice in (0, 1)
    ])  # fmt: skip
    weak = np.abs(shifts) < HARDLY * np.abs(shifts).max()
    right = ONLY_1 if weak[0] else ONLY_0 if weak[1] else SAME_WAY if shifts.prod() > 0 else OPPOSITE
    return _of(
        right, answer,
        f"A reward shifts {read.latent_name(latent)} by {shifts[0]:+.2f} after choice 0 and by "
        f"{shifts[1]:+.2f} after choice 1."
        + (" One number, the difference of the two values, is enough." if right == OPPOSITE else ""),
        "For each choice, is the line of the rewarded trials above or below that of the unrewarded ones?",
    )  # fmt: skip


def _when_it_repeats(lab: Any, answer: Any) -> Verdict:
    wins, losses = read.stays_after(lab.dataset)
    right = BOTH if abs(wins - losses) < REPEATS_ALIKE else AFTER_WINS if wins > losses else AFTER_LOSSES
    return _of(
        right, answer, f"It repeats {wins:.0%} of its choices after a reward and {losses:.0%} after none.",
        "Behavior shows it, as the bars of the data under win-stay and lose-shift.",
    )  # fmt: skip


def _classical_names(lab: Any) -> list[str]:
    found = read.found_in(lab)
    return sorted(found.measured.choosing)


def _best_classical(lab: Any, answer: Any) -> Verdict:
    measured, best = read.found_in(lab).measured, _best(lab)
    agent = lab.runner.run.settings["data"]["agent"]["kind"]
    if answer != best:
        return Verdict(False, "What was found names the best of the classical models.")
    same = "it is the one that made these choices" if agent == best else f"{agent} made these choices"
    return Verdict(True, f"Its likelihood is {measured.likelihood(best):.4f}, and {same}.")


def _how_few_numbers(lab: Any, answer: Any) -> Verdict:
    found = read.found_in(lab)
    equations = found.equations
    if equations is None:
        raise NotAnswered("No equations were found for this network.")
    n = equations.complexity
    gain = found.measured.advantage(EQUATIONS)
    if round(float(answer)) != n or float(answer) != round(float(answer)):
        return Verdict(False, "The first line of the equations tells how many numbers describe the choices.")
    return Verdict(
        True, f"{n}, and the network's likelihood minus theirs is {gain[0]:+.4f}: a sentence can replace it."
    )


def _train(lab: Any, answer: Any) -> Verdict:
    step = 0 if lab.trainer is None else lab.trainer.step_count
    if step >= STEPS:
        return Verdict(True, f"{step:,} steps: the curves under Learning are those of your own network.")
    return Verdict(False, f"Your network has taken {step:,} steps so far.")


def _guess(lab: Any, answer: Any) -> Verdict:
    run = lab.runner.run
    if run is None or run.settings["data"]["source"] != MYSTERY:
        raise NotAnswered(f'Press More controls, pick "{MYSTERY}" as the source under Data, and your number.')
    score = lab.display["mystery"].score
    if score is None:
        raise NotAnswered("Train or discover, make your guess in the panel Mystery agent, and press Reveal.")
    told = f"{score.points:.0f} of 100 points; {ENOUGH:.0f} are enough. Another number is another agent."
    return Verdict(score.points >= ENOUGH, told)


QUESTIONS = (
    Question(
        "open", "What is kept",
        "A network has learned to predict the choices of animal A. Every latent costs, so that it kept only "
        "those that it needs. Which latents are open?",
        "Bottlenecks: dark is open, pale is closed. Latents are the first column.",
        SOME, _which_open, Q_LEARNING, latents, TELLING,
    ),
    Question(
        "value", "A value",
        "Which latent keeps what choice 0 is worth: for which does it matter whether that was rewarded?",
        "Click a latent in Bottlenecks and look at its Update rule: a line for each choice and its reward.",
        ONE, _which_is_the_value, Q_LEARNING, open_latents, TELLING,
    ),
    Question(
        "unchosen", "The other option",
        "What happens to that latent on a trial on which choice 1 was made instead?",
        "A line at zero means that nothing changes.",
        ONE, _what_of_the_unchosen, Q_LEARNING, lambda lab: [STAYS, MOVES], TELLING,
    ),
    Question(
        "learning_rate", "Learning rate",
        "How large is the learning rate of animal A? After choice 0, that latent goes a part of the way to "
        "its target: the part is the learning rate.",
        "It is the slope of the two falling lines, without its sign. A tenth more or less is close enough.",
        NUMBER, _learning_rate, Q_LEARNING, withheld=TELLING,
    ),
    Question(
        "fewer", "A higher price",
        "Raise the price of information until fewer latents are open than at the chosen level, but not none.",
        "How much must it know?: move the level to the right, and watch Bottlenecks.",
        DO, _one_fewer, Q_LEARNING,
    ),
    Question(
        "cost", "What it costs",
        "What does that do to the likelihood of choices that the network was not trained on, compared with "
        "the chosen level?",
        "The number stands beside the level. The chosen level has a ring around its dot.",
        ONE, _what_it_costs, Q_LEARNING, lambda lab: [FALLS, SAME, RISES],
    ),
    Question(
        "without", "Without it",
        "Go back to the chosen level, and close the latent of choice 0 (Experiments). What becomes of the "
        "likelihood of a choice?",
        "Experiments is one of the tabs below: pick the latent, then close.",
        ONE, _without_it, Q_LEARNING, lambda lab: [SAME, LOWER, TO_CHANCE, BELOW_CHANCE],
    ),
    Question(
        "worth", "What it is worth",
        "Which one predicts sessions better that nothing has seen: the network, or the best of the classical "
        "models?",
        "What was found tells the difference with its interval.",
        ONE, _is_it_worth, Q_LEARNING, lambda lab: [BETTER, NO_SURE, WORSE],
    ),
    Question(
        "direction", "Another animal",
        "Animal B is another one. In the rule of its most open latent: how do a reward of choice 0 and a "
        "reward of choice 1 move it?",
        "Compare the rewarded with the unrewarded trials for each choice.",
        ONE, _which_way, FORGETTING, lambda lab: [OPPOSITE, SAME_WAY, ONLY_0, ONLY_1], TELLING,
    ),
    Question(
        "repeats", "Habits",
        "When does animal B repeat its choice more often?",
        "Behavior, one of the tabs below, shows what follows a reward and what follows none.",
        ONE, _when_it_repeats, FORGETTING, lambda lab: [AFTER_WINS, AFTER_LOSSES, BOTH],
    ),
    Question(
        "classical", "A known model",
        "Which classical model describes animal B best?",
        "It stands under What was found, in words and beside its bar.",
        ONE, _best_classical, FORGETTING, _classical_names,
    ),
    Question(
        "numbers", "In equations",
        "Animal C chooses in yet another way. With how many numbers do the equations describe its choices?",
        "Equations are a panel of their own; the first line counts the numbers.",
        NUMBER, _how_few_numbers, ACTOR_CRITIC,
    ),
    Question(
        "train", "Your own network",
        f"Train a network yourself, {STEPS} steps or more. Move β for all meanwhile, and watch what closes.",
        "Train is at the top of the page.",
        DO, _train,
    ),
    Question(
        "mystery", "Mystery agent",
        "Find out which agent hides behind the number that you were given, and its numbers. Reveal it: "
        f"{ENOUGH:.0f} points are enough.",
        "More controls shows Data: pick the mystery agent as the source, then train or discover.",
        DO, _guess,
    ),
)  # fmt: skip
