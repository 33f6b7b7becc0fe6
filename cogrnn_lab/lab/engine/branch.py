"""A run that goes on from a network of another: where it came from, and the steps whose networks are kept."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.course.networks import knows_subjects
from cogrnn_lab.discovery.parts import deal
from cogrnn_lab.lab.engine.curve import Curve
from cogrnn_lab.schemas import Flag, ListOf, Maybe, Number, Plain, Record, Text, Whole

# Networks of these steps are kept to be looked at: each as many steps apart as they are from the ends.
KEPT_STEPS = (
    *range(0, 2_000, 50),
    *range(2_000, 20_000, 500),
    *range(20_000, 200_000, 5_000),
    *range(200_000, 2_000_001, 100_000),
)
# What `Branch.to_header` writes.
_STEPS = ("step", "valid_step", "scored_step", "stages", "marks")
_VALUES = ("loss", "task_loss", "likelihood", "valid_loss", "valid_likelihood")
_CURVE = Record(
    {},
    {
        **dict.fromkeys(_STEPS, ListOf(Whole())),
        **dict.fromkeys(_VALUES, ListOf(Number())),
        **dict.fromkeys(("chance", "stay"), Maybe(Number())),
        **dict.fromkeys(("reference", "classical"), Maybe(ListOf(Plain(), 2))),
        **dict.fromkeys(("measure", "loss_name", "before_words"), Text()),
        **dict.fromkeys(("has_classical", "of_choices"), Flag()),
        "boundary": Maybe(Whole()),
        "fitted": ListOf(Text()),
        "begins_at": Whole(),
    },
)
BRANCH = Record(
    {
        "words": Text(),
        "step": Whole(),
        "dealt": Maybe(Record({}, {"every_subject": Flag(), "hold_out": Maybe(Text())}, closed=True)),
        "curves": ListOf(_CURVE),
    }
)


@dataclass(frozen=True)
class Branch:
    """Where a run came from.

    Fields:
        words: Which network it began with, such as "level 3" or "step 1,200".
        step: Training steps that this network had taken on the curve of the run before.
        dealt: How the discovery dealt the sessions, as arguments of `deal`, where the network is one of its
            levels: it must not be scored on what it was trained on. None: as in the run before.
        curves: Learning curves of the runs before, the latest first.
    """

    words: str
    step: int = 0
    dealt: dict[str, Any] | None = None
    curves: tuple[Curve, ...] = field(default=(), compare=False)

    def split(self, dataset: Dataset) -> tuple[Dataset, Dataset] | None:
        """Sessions to train on and held-out ones, as the discovery dealt them; None where none did."""
        if self.dealt is None:
            return None
        parts = deal(dataset, **self.dealt)
        return parts.train, parts.choose

    def to_header(self) -> dict[str, Any]:
        """As JSON takes it."""
        curves = [asdict(curve) | {"before": []} for curve in self.curves]
        return {"words": self.words, "step": self.step, "dealt": self.dealt, "curves": curves}

    @classmethod
    def from_header(cls, header: dict[str, Any]) -> "Branch":
        """Make a branch from what `to_header` made."""
        curves = tuple(_curve(one) for one in header["curves"])
        return cls(header["words"], header["step"], header["dealt"], curves)


def _curve(content: dict[str, Any]) -> Curve:
    """A curve from its fields, of which a later version may have more."""
    known = {one.name for one in fields(Curve)}
    values: dict[str, Any] = {name: value for name, value in content.items() if name in known}
    for name in ("reference", "classical"):  # JSON knows lists alone
        values[name] = tuple(values[name]) if values.get(name) else None
    values["before"] = ()
    return Curve(**values)


def dealt_by(course: Any, model: Any) -> dict[str, Any]:
    """How a discovery in the lab dealt its sessions, as arguments of `deal`."""
    options = course.options or {}
    if options.get("report") is not None:
        raise ValueError(
            "this discovery was given sessions to report from outside, which no run of the lab has: train "
            "from its networks by cl.Trainer"
        )
    return {"every_subject": knows_subjects(model), "hold_out": options.get("hold_out")}
