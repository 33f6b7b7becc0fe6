"""Simulation: a data set of an agent's behavior in one compiled call."""

from collections.abc import Iterator, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcome_scale import PLAIN, OutcomeScale, warn_of_unlike_rewards
from cogrnn_lab.data.previous_trial import outcome_inputs, previous_trial_names
from cogrnn_lab.data.reading.shown import FOREGONE, PREVIOUS_FOREGONE
from cogrnn_lab.random_numbers import as_seed, keys_of, session_keys, uniforms
from cogrnn_lab.tasks.agents.agent import PAID, Agent, Outcome
from cogrnn_lab.tasks.agents.library.scaled_outcomes import name_in_words, scale_within
from cogrnn_lab.tasks.agents.subject_parameters import (
    SubjectParameters,
    Values,
    for_each_session,
    subject_parameters,
)
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.bandits.environment import Environment
from cogrnn_lab.tasks.player_checks import (
    AGENT,
    ENVIRONMENT,
    check_logits,
    check_player,
    check_reward,
    check_state,
)
from cogrnn_lab.tasks.signals import Signal, record_signals


def simulate(
    agent: Agent | SubjectParameters,
    environment: Environment,
    *,
    n_sessions: int,
    n_trials: int,
    seed: int = 0,
    signals: Signal | Sequence[Signal] = (),
) -> Dataset:
    """Let an agent play an environment.

    Inputs of the data set are the previous choice and the previous reward (zeros on the first trial; one-hot
    choices for more than two arms). Its `columns` hold "choice", "reward", "p_choice" (the probability that
    the agent gave to that choice), "instructed" where choices were prescribed (these are inputs but no
    targets), what the environment describes, as "p_reward_1", and the parameters in which subjects differ, as
    "learning_rate".

    An agent that learns from the outcome of the other arm is told what it would have paid on that trial
    (column "foregone", input "previous foregone outcome"). An environment that shows stimuli, such as
    `StimulusBandits`, shows them to the agent before each choice and in further inputs, one-hot.

    Arguments:
        agent: The agent. Parameters that are arrays, all of one length, make as many subjects, which differ
            in them. Changing a parameter does not recompile anything; neither in the environment.
        environment: The environment.
        n_sessions: Sessions of each subject.
        n_trials: Trials of each session.
        seed: The same seed gives the same data. A session does not depend on the number of sessions, nor the
            sessions of the first subject on the number of subjects.
        signals: Activity to be recorded, such as `RewardPredictionError()`; the data set is then mixed, as in
            `record_signals`.

    Returns:
        A categorical `Dataset`, the subjects one after the other.

    Raises:
        TypeError: Where the agent or the environment is something else, such as its class.
        ValueError: Where sizes are below 1 or not those of the environment, or every trial is instructed.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning([0.2, 0.6]), cl.DriftingBandit(), n_sessions=3, n_trials=20)
        >>> len(data.subjects), data.n_sessions
        (2, 6)
    """
    for size, name in ((n_sessions, "n_sessions"), (n_trials, "n_trials")):
        checked_count(size, name)
    check_player(agent, AGENT)
    check_player(environment, ENVIRONMENT)
    environment.check_sizes(n_sessions, n_trials)
    keep_compilations()
    players = subject_parameters(agent)
    _check_match(players.agent, environment)
    dataset = _played(players, environment, n_sessions, n_trials, as_seed(seed))
    nothing = isinstance(signals, list | tuple) and not signals
    return dataset if nothing else record_signals(agent, dataset, signals, seed=seed)


def _check_match(agent: Agent, environment: Environment) -> None:
    """Refuse an agent that learns from what the environment does not tell."""
    name, unknown = type(agent).__name__, set(agent.learns_from) - {"reward", FOREGONE}
    if unknown:
        raise ValueError(
            f"{name} learns from {', '.join(sorted(unknown))}, which no bandit tells; simulate_two_step "
            "plays a two-step task."
        )
    if FOREGONE in agent.learns_from and environment.n_arms != 2:
        raise ValueError(
            f"{name} learns from the outcome of the other alternative; the environment has "
            f"{environment.n_arms} arms, expected 2."
        )
    if agent.stimuli > 1 and agent.stimuli != environment.stimuli:
        shown = environment.stimuli if environment.stimuli > 1 else "none"
        raise ValueError(
            f"{name} keeps values for {agent.stimuli} stimuli, but the environment shows {shown}; "
            f"cl.StimulusBandits(environment, {agent.stimuli}) shows as many."
        )


def _played(
    players: SubjectParameters, environment: Environment, n_sessions: int, n_trials: int, seed: int
) -> Dataset:
    """The data set of all subjects' choices."""
    n_subjects = players.n_subjects
    subject = np.repeat(np.arange(n_subjects, dtype=np.int32), n_sessions)
    session = np.tile(np.arange(n_sessions, dtype=np.int32), n_subjects)
    keys = session_keys(seed, n_sessions, 3, n_subjects)
    own = players.of_sessions(subject)
    arrays, columns = _arrays(players.agent, own, environment, keys, session, n_trials)
    return _dataset(
        players.agent,
        environment,
        arrays,
        columns | _constant_columns(own, columns, n_trials),
        subject,
        session,
    )


def simulate_like(
    dataset: Dataset,
    players: SubjectParameters,
    player: Int[np.ndarray, " session"],
    environment: Environment,
    place: Int[np.ndarray, " session"],
    seed: int,
) -> Dataset:
    """Let agents play as many sessions as a data set has, each as long, under the same names.

    Arguments:
        dataset: The sessions.
        players: One agent or several.
        player: (session,) which of them plays.
        environment: What they play.
        place: (session,) number of the session for the environment.
        seed: As in `simulate`: the same numbers of sessions and trials, and the same seed, give the same.

    Returns:
        The data set; nothing is missed.

    Raises:
        ValueError: The environment does not fit.
    """
    check_player(environment, ENVIRONMENT)
    if environment.n_arms != dataset.n_classes:
        raise ValueError(
            f"the environment has {environment.n_arms} arms, but the data have {dataset.n_classes} "
            "alternatives."
        )
    subject = np.asarray(dataset.subject)
    number = np.searchsorted(dataset.subjects, subject)
    within = np.array([(subject[:i] == own).sum() for i, own in enumerate(subject)], np.int32)
    environment.check_sizes(int(place.max()) + 1, dataset.n_trials)
    keep_compilations()
    _check_match(players.agent, environment)
    keys = np.stack([keys_of(seed, number, within, purpose) for purpose in range(3)])
    own = players.of_sessions(player)
    arrays, columns = _arrays(players.agent, own, environment, keys, place.astype(np.int32), dataset.n_trials)
    new = _dataset(players.agent, environment, arrays, columns, subject, within)
    valid = np.asarray(dataset.valid)
    instructed = np.asarray(dataset.columns.get("instructed", np.zeros(valid.shape))) == 1
    # Choices that the data leave to others, as those of held-out blocks, do not count here either.
    left_out = (dataset.choices >= 0) & ~np.asarray(dataset.mask)[..., 0] & ~instructed
    mask = new.mask & (valid & ~left_out)[..., None]
    if not mask.any():
        raise ValueError("every trial is instructed, so that no choice is left to the model.")
    names = new.input_names
    if dataset.class_names is not None:
        names = (*(told := previous_trial_names(dataset.class_names)), *names[len(told) :])
    return new._replace(
        inputs=np.where(valid[..., None], new.inputs, np.float32(0)),
        targets=np.where(mask, new.targets, np.float32(0)),
        mask=mask,
        valid=valid,
        input_names=names,
        subject_names=dataset.subject_names,
        session_names=dataset.session_names,
        class_names=dataset.class_names or new.class_names,
        outcome_scale=dataset.outcomes,
    )


def _arrays(
    agent: Agent,
    own: Values,
    environment: Environment,
    keys: UInt32[np.ndarray, "purpose session 2"],
    session: Int[np.ndarray, " session"],
    n_trials: int,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Fields of the data set and its columns, (session, trial, ...); instructions only where there are."""
    shared = traced(agent), traced(environment)
    time_major = jax.device_get(_simulated(shared, own, keys, session, n_trials))
    arrays, columns = jax.tree.map(lambda array: array.swapaxes(0, 1), time_major)
    if not arrays["mask"].any():
        raise ValueError(
            "every trial is instructed, so that no choice is left to the agent; lower p_instructed."
        )
    if arrays["mask"].all():
        del columns["instructed"]
    return arrays, columns


def _dataset(
    agent: Agent,
    environment: Environment,
    arrays: dict[str, np.ndarray],
    columns: dict[str, np.ndarray],
    subject: np.ndarray,
    session: np.ndarray,
) -> Dataset:
    """The data set of simulated trials; `session` numbers the sessions of each subject."""
    known = getattr(agent, "class_names", None) or ()  # of a network that plays
    arms = tuple(str(arm) for arm in range(environment.n_arms))
    class_names = known if len(known) == environment.n_arms else arms
    arrays["inputs"], further = _with_what_is_told(arrays["inputs"], columns, environment.stimuli)
    return Dataset._trusted(
        **arrays,
        valid=np.ones(arrays["mask"].shape[:2], bool),
        subject=subject,
        kind="categorical",
        n_classes=environment.n_arms,
        input_names=(*previous_trial_names(class_names), *further),
        outcome_scale=scale_of_player(agent, columns["reward"]),
        stimulus_inputs=(further[-environment.stimuli :],) if environment.stimuli > 1 else (),
        target_names=("choice",),
        action_mask=None,
        columns=columns,
        subject_names=tuple(str(one) for one in range(int(subject.max()) + 1)),
        session_names=tuple(str(one + 1) for one in session),
        class_names=class_names,
        time_step=None,
    )


def scale_of_player(agent: Agent, rewards: Float[np.ndarray, "..."]) -> OutcomeScale | None:
    """The scale on which the agent took rewards; None where it says none, so that their range does.

    It is told where the rewards of the environment are hardly those of the agent's scale.
    """
    scaling = scale_within(agent)
    if scaling is not None:
        warn_of_unlike_rewards(scaling.scale, rewards, f"the agent ({name_in_words(agent)})")
        return scaling.scale
    return None if agent.reward_units == PAID else PLAIN


def _with_what_is_told(
    inputs: np.ndarray, columns: dict[str, np.ndarray], n_stimuli: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Inputs, and names of the further ones: the foregone outcome before, and the coming stimulus one-hot."""
    further: dict[str, np.ndarray] = {}
    if FOREGONE in columns:
        further[PREVIOUS_FOREGONE] = np.pad(columns[FOREGONE][:, :-1], ((0, 0), (1, 0)))
    if n_stimuli > 1:
        stimulus = columns["stimulus"]
        further |= {f"stimulus = {k}": (stimulus == k).astype(np.float32) for k in range(n_stimuli)}
    told = [values.astype(np.float32)[..., None] for values in further.values()]
    return (np.concatenate([inputs, *told], axis=-1) if told else inputs), tuple(further)


def _constant_columns(own: Values, taken: Values, n_trials: int) -> dict[str, np.ndarray]:
    """Parameters of each session along its trials."""
    for name, _ in _entries(own):
        if name in taken:
            raise ValueError(
                f'the parameter "{name}" has the name of a column of simulated data; rename it in the class '
                "of the agent."
            )
    return {
        name: np.ascontiguousarray(np.broadcast_to(values[:, None], (len(values), n_trials)))
        for name, values in _entries(own)
    }


def _entries(own: Values) -> Iterator[tuple[str, np.ndarray]]:
    """Numbers of each session by name; the entries of parameters that are arrays are counted from 1."""
    for name, values in own.items():
        if values.ndim == 1:
            yield name, values
        else:
            yield from ((f"{name}_{i + 1}", column) for i, column in enumerate(values.T))


@eqx.filter_jit
def _simulated(
    players: tuple[Agent, Environment],
    own: Values,
    keys: UInt32[Array | np.ndarray, "purpose session 2"],
    session: Int[Array | np.ndarray, " session"],
    n_trials: int,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Fields of the data set and its columns, (trial, session, ...).

    All chance is drawn before the scan, which keeps the scan short.
    """
    agent, environment = players
    choice_keys, chance_keys, start_keys = jax.random.wrap_key_data(jnp.asarray(keys))
    uniform = jax.vmap(lambda k: uniforms(k, (n_trials,)), out_axes=1)(choice_keys)
    chance = jax.vmap(lambda k: environment.draw(k, n_trials), out_axes=1)(chance_keys)
    world = jax.vmap(environment.start)(jnp.asarray(session), start_keys)
    agent_state = for_each_session(lambda one, _: one.initial_state(environment.n_arms), agent, own)(session)

    def trial(agent: Agent, carry: PyTree, drawn: PyTree) -> tuple[PyTree, dict[str, Array]]:
        return _trial(agent, environment, carry, drawn)

    trials = for_each_session(trial, agent, own)
    _, columns = jax.lax.scan(trials, (agent_state, world), (uniform, chance))
    before = outcome_inputs(columns["choice"][:-1], columns["reward"][:-1], environment.n_arms)
    free = (columns["instructed"] == 0)[..., None]
    arrays = {
        "inputs": jnp.concatenate([jnp.zeros((1, *before.shape[1:])), before]),
        "targets": jnp.where(free, columns["choice"][..., None].astype(jnp.float32), 0.0),
        "mask": free,
    }
    return arrays, columns


def _trial(
    agent: Agent, environment: Environment, carry: PyTree, drawn: PyTree
) -> tuple[PyTree, dict[str, Array]]:
    agent_state, world = carry
    uniform, (instruct_chance, step_chance) = drawn
    if environment.stimuli > 1:
        agent_state = agent.see(agent_state, environment.stimulus(world))
    logits = agent.logits(agent_state)
    check_logits(logits, agent, environment.n_arms)
    probabilities = jax.nn.softmax(logits)
    instruction = environment.instruct(world, instruct_chance)
    choice = jnp.where(instruction < 0, _sample(probabilities, uniform), instruction)
    reward, next_world = environment.step(world, choice, step_chance)
    check_reward(reward, environment)
    check_state(next_world, world, environment, "step", "reset")
    reward = jnp.asarray(reward, jnp.float32)
    further = _further(agent, environment, world, choice, step_chance)
    outcome = Outcome(reward, **further) if further else reward
    learned = agent.update(agent_state, choice, outcome)
    check_state(learned, agent_state, agent, "update", "initial_state")
    record = {
        "choice": choice,
        "reward": reward,
        "instructed": (instruction >= 0).astype(jnp.int32),
        **({"stimulus": environment.stimulus(world)} if environment.stimuli > 1 else {}),
        **further,
        **environment.describe(world),
        "p_choice": jnp.sum(jnp.where(jnp.arange(environment.n_arms) == choice, probabilities, 0.0)),
    }
    return (learned, next_world), record


def _further(
    agent: Agent, environment: Environment, world: PyTree, choice: Array, chance: PyTree
) -> dict[str, Float[Array, ""]]:
    """What else the agent learns from: the reward that the other arm would have paid on this trial."""
    if "foregone" not in agent.learns_from:
        return {}
    foregone, _ = environment.step(world, 1 - choice, chance)
    check_reward(foregone, environment)
    return {FOREGONE: jnp.asarray(foregone, jnp.float32)}


def _sample(probabilities: Float[Array, " arm"], uniform: Float[Array, ""]) -> Int[Array, ""]:
    """The arm in whose share of [0, 1) the number falls."""
    choice, total = jnp.zeros((), jnp.int32), jnp.zeros(())
    for arm in range(probabilities.size - 1):
        total = total + probabilities[arm]
        choice = choice + (uniform >= total)
    return choice
