"""Everything that the lab can be set to, as one tree of traitlets: the Python twin of every control."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import traitlets as t

from cogrnn_lab.data import published_names, splits
from cogrnn_lab.lab.settings.catalog import (
    ACCUMULATORS,
    CLICK_TRAINS,
    FORMER_PARAMETERS,
    GIVEN_BY_DATA,
    MODELS,
    SIGNALS,
    SIZES,
)
from cogrnn_lab.lab.settings.section import Number, OneOf, Section
from cogrnn_lab.tasks.mystery import KINDS
from cogrnn_lab.tasks.registry import AGENTS, ENVIRONMENTS, FORMER_NAMES, TASKS
from cogrnn_lab.training import Penalties
from cogrnn_lab.training.recipe import DEFAULT_RECIPE

SIMULATED, TABLE, GIVEN = "simulated agent", "table (CSV)", "given data set"
TASK, PUBLISHED, CLICKS = "trial task", "published data set", "Poisson clicks"
MYSTERY = "mystery agent"
AUTOMATIC = "automatic"
WAYS = {
    AUTOMATIC: "automatic",
    splits.SESSIONS: "sessions",
    splits.SUBJECTS: "whole subjects",
    splits.BLOCKS: "blocks of trials",
}
SPLITS = {0: "none", 2: "every 2nd", 3: "every 3rd", 5: "every 5th", 10: "every 10th"}
MOST_PENALTY = 10.0
NOISE = "noise"  # the scale of the noise, which stands beside the penalties
TRAJECTORIES, SUBJECTS, RECORDED = "Trajectories", "Subjects", "Signals"
PHASE_PLANE, BEHAVIOR, EXPERIMENTS = "Phase plane", "Behavior", "Experiments"
ADVANTAGE, PRUNING = "Advantage", "Pruning"


class TableState(Section):
    """Columns of the uploaded table by their meaning; an empty name means that there is none.

    `missed` and `classes` are labels of the choice; empty where the table tells which they are. With a column
    of second choices (`second`) the table is of two-step trials, whose second state is in `state` or told by
    `transition`.
    """

    subject = t.Unicode("")
    session = t.Unicode("")
    choice = t.Unicode("")
    reward = t.Unicode("")
    trial = t.Unicode("")
    stimulus = t.Unicode("")
    foregone = t.Unicode("")
    second = t.Unicode("")
    state = t.Unicode("")
    transition = t.Unicode("")
    missed = t.List(t.Unicode())
    classes = t.List(t.Unicode())

    def blank(self) -> dict[str, Any]:
        """Give the settings of which nothing is picked."""
        return {name: [] if isinstance(trait, t.List) else "" for name, trait in self.traits().items()}


class DataState(Section):
    """Where the choices come from."""

    source = t.Enum((SIMULATED, CLICKS, TABLE, PUBLISHED, TASK, MYSTERY, GIVEN), SIMULATED)
    mystery = t.Int(1, min=0)  # which mystery agent
    agent = t.Instance(OneOf)
    environment = t.Instance(OneOf)
    n_sessions = t.Int(400, min=2, max=20_000)
    n_trials = t.Int(200, min=2, max=5_000)
    seed = t.Int(0, min=0)
    n_subjects = t.Int(1, min=1, max=200)
    varied = t.Unicode("")  # the parameter of the agent in which subjects differ, evenly spaced
    lowest = t.Float(0.1)  # its value in the first subject ...
    highest = t.Float(0.9)  # ... and in the last
    signal = t.Enum(tuple(SIGNALS), "none")  # what is recorded beside the choices
    recording = t.Instance(OneOf)  # the numbers of that signal
    accumulator = t.Instance(OneOf)  # who listens to clicks
    clicks = t.Instance(OneOf)
    n_click_trials = t.Int(2000, min=4, max=100_000)
    published = t.Enum(published_names(), published_names()[0])
    published_subject = t.Unicode("")  # one of them; empty: all
    table = t.Instance(TableState, ())
    task = t.Instance(OneOf)
    stages = t.List(t.Dict())  # of a curriculum: the numbers of the task in each; empty: the task as it is
    advance = t.Float(0.9, min=0.0, max=1.0)  # the accuracy at which the next stage begins

    def __init__(self):
        signals = {name: make for name, make in SIGNALS.items() if make is not None}
        super().__init__(
            agent=OneOf(AGENTS, former=FORMER_NAMES | FORMER_PARAMETERS),
            environment=OneOf(ENVIRONMENTS),
            task=OneOf(TASKS),
            recording=OneOf(signals),
            accumulator=OneOf(ACCUMULATORS),
            clicks=OneOf(CLICK_TRAINS),
        )

    @t.observe("signal")
    def _record(self, change) -> None:
        if change.new in self.recording.constructors:
            self.recording.kind = change.new

    def can_vary(self) -> list[str]:
        """Parameters of the agent in which subjects can differ."""
        return self.agent.per_subject

    def varies(self) -> str:
        """The one in which they do, "" where there is one subject or none can differ."""
        names = self.can_vary()
        several = self.source == SIMULATED and self.n_subjects > 1
        return (self.varied or (names[0] if names else "")) if several else ""


class TrainingState(Section):
    """The recipe: a warm-up without noise and penalties, then training with both."""

    warmup_rate = t.Float(DEFAULT_RECIPE.warm_up_rate, min=1e-6, max=1.0)
    learning_rate = t.Float(DEFAULT_RECIPE.rate, min=1e-6, max=1.0)  # after the warm-up
    batch_size = t.Int(DEFAULT_RECIPE.batch_size, min=1, max=4096)
    warmup_steps = t.Int(DEFAULT_RECIPE.warm_up, min=0, max=1_000_000)
    steps = t.Int(DEFAULT_RECIPE.steps, min=0, max=10_000_000)  # after the warm-up
    seed = t.Int(0, min=0)
    hold_out = t.Enum(tuple(WAYS), AUTOMATIC)  # what is held out; automatic: sessions, else blocks
    held_out = t.Enum(tuple(SPLITS), 2)  # every how many-th of them is held out; 0: none


class ViewState(Section):
    """Selections of what is looked at: nothing here changes the run."""

    follow = t.Bool(True)  # until something is picked: show what is most open
    latent = t.Int(0, min=0)  # the selected latent
    input = t.Int(-1, min=-1)  # the selected input, -1: none
    background = t.Dict(key_trait=t.Int(), value_trait=t.Float())  # latent -> value held in the update rules
    pair = t.Tuple(t.Int(), t.Int(), default_value=(0, 1))  # axes of the choice map and of the phase plane
    components = t.Bool(False)  # these number principal components, in the phase plane alone
    observation = t.Int(0, min=0)  # after which the phase plane shows the changes, of the typical ones
    choice_map = t.Bool(False)
    alternative = t.Int(1, min=1)  # compared with the first one, in the map
    bits = t.Bool(False)  # bottlenecks in bits per trial instead of openness
    log_loss = t.Bool(False)
    classical = t.Bool(False)  # fit classical models beside the network
    session = t.Int(0, min=0)
    trial = t.Int(0, min=0)  # where Play is
    color = t.Enum(("choice", "reward", "time"), "choice")
    trials = t.List(t.Int())  # brushed trials
    behavior_curve = t.Unicode("")  # of `Behavior`, by name; empty: around block switches where there are any
    history_term = t.Enum(("choice x reward", "choice"), "choice x reward")  # of the history regression
    rival = t.Unicode("")  # that the network is compared with choice by choice; empty: the first there is
    advantage_by = t.Enum(("history", "run length", "position"), "history")  # by what came before
    pruning_order = t.Enum(("openness", "bits"), "openness")  # in which channels are closed, lowest first
    part = t.Unicode("")  # of the network that is experimented on: "latent 1", "latent 1 -> choice"; "": none
    action = t.Enum(("close", "scale", "hold"), "close")  # what is done to it
    factor = t.Float(1.0, min=0.0, max=2.0)  # that what it passes is multiplied by, where it is scaled
    held = t.Float(0.0)  # the value at which a latent is held
    tab = t.Unicode(TRAJECTORIES)  # of the panels that share a place: one of `tabs`
    subject = t.Int(0, min=0)  # whose rules are shown
    embedding = t.List(t.Float())  # rules of an embedding of one's own; empty: those of the subject
    embedding_pair = t.Tuple(t.Int(), t.Int(), default_value=(0, 1))  # axes of the plane of embeddings
    signal = t.Int(0, min=0)  # which recorded signal
    lesion = t.List(t.Int())  # units that send nothing, as the network counts them
    condition = t.Unicode("")  # parameter of the trials by which activity is sorted
    difficulty = t.Unicode("")  # and by which correct choices are
    equations = t.Bool(True)  # search for equations whenever the network rests, and now and then
    seeds = t.Int(3, min=1, max=20)  # networks that a discovery trains at each price
    level = t.Int(-1, min=-1)  # whose network all figures show: a level of the discovery, -1: in training
    step = t.Int(-1, min=-1)  # or that of an earlier step of training, -1: the present one
    run_name = t.Unicode("run 1")  # under which runs are saved
    guess: Any = t.Instance(OneOf)  # which agent the mystery agent is thought to be
    revealed = t.Bool(False)  # whether the mystery agent is told

    def __init__(self):
        self._offers: dict[str, Sequence] = {}
        self.orders: dict[str, Callable[..., Any]] = {}  # what buttons on panels call, by name
        self.workshop: Any = None  # the `Workshop`, where there is one
        # names of panels that a run would have, but which would tell the answer to the question that is asked
        self.withheld: Callable[[Any], Sequence[str]] = lambda run: ()
        super().__init__(guess=OneOf({name: AGENTS[name] for name in KINDS}))

    def offer(self, name: str, values: Sequence, value: Any = None) -> None:
        """Limit a setting to these values from now on, as the present run has no others.

        It becomes `value` where that is given, else the first of them where it is none of them now.
        """
        self._offers[name] = values
        now = getattr(self, name) if value is None else value
        setattr(self, name, now if now in values else values[0])

    @t.validate(
        "tab", "session", "latent", "subject", "alternative", "signal", "condition", "difficulty", "level",
        "step", "observation",
    )  # fmt: skip
    def _offered(self, proposal) -> Any:
        name, value = proposal.trait.name, proposal.value
        values = self._offers.get(name)
        if values is None or value in values:
            return value
        some = f"{values[0]} to {values[-1]}" if isinstance(values, range) else ", ".join(map(str, values))
        raise t.TraitError(
            f"{name} is {value!r}, expected {'' if isinstance(values, range) else 'one of '}{some}"
        )


class OpenPenalties(Section):
    """Penalties to which a network may add its own."""

    def check(self, names: Iterable[str]) -> None:
        """Refuse a network's own penalty that is called as another control or a method of this section."""
        taken = [
            name for name in names if name == NOISE or (name not in self.traits() and hasattr(self, name))
        ]
        if taken:
            raise ValueError(
                f'a penalty of the network is called "{taken[0]}", which the lab has another use for; '
                "give it another name in penalty_terms(), costs() or groups"
            )

    def offer(self, names: Iterable[str]) -> None:
        """Take on the penalties that are not there yet, with weight 0, as `Penalties` has them."""
        new = [name for name in names if name not in self.traits()]
        if new:
            self.add_traits(**{name: Number(0.0, min=0.0, max=MOST_PENALTY) for name in new})


def _penalty_state() -> type[OpenPenalties]:
    """One trait for each weight of the recipe's `Penalties`, and the noise."""
    traits: dict[str, Any] = {
        name: Number(weight, min=0.0, max=MOST_PENALTY)
        for name, weight in DEFAULT_RECIPE.penalties.as_dict().items()
    }
    traits[NOISE] = Number(DEFAULT_RECIPE.noise, min=0.0, max=1.0)
    traits["__doc__"] = (
        "Weights of the penalties, by bottleneck group, of l2, and the scale of the bottlenecks' noise."
    )
    return type("PenaltyState", (OpenPenalties,), traits)


PenaltyState = _penalty_state()


class LabState(Section):
    """All settings of the lab. `to_dict` and `update` write and read them; seeds are included.

    Arguments:
        networks: Constructors of networks of your own by name, beside those of the lab and those that
            `register_network` added, with arguments as it says.

    Example:
        >>> import cogrnn_lab as cl
        >>> state = cl.lab.LabState()
        >>> state.data.agent.kind = "Bari 2019"
        >>> state.penalties.latent = 0.01
    """

    data: Any = t.Instance(DataState)
    model: Any = t.Instance(OneOf)
    penalties: Any = t.Instance(PenaltyState)
    training = t.Instance(TrainingState)
    view = t.Instance(ViewState).tag(transient=True)

    def __init__(self, networks: Mapping[str, Callable[..., Any]] | None = None):
        super().__init__(
            data=DataState(),
            model=OneOf(MODELS | dict(networks or {}), given=GIVEN_BY_DATA, sizes=SIZES),
            penalties=PenaltyState(),
            training=TrainingState(),
            view=ViewState(),
        )

    def weights(self, names: tuple[str, ...]) -> Penalties:
        """The penalties of a model that has these, as the trainer takes them."""
        return Penalties(**{name: getattr(self.penalties, name, 0.0) for name in names})
