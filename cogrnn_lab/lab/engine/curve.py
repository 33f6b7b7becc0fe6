"""The learning curve of a run, one entry per chunk of training steps."""

from dataclasses import dataclass, field


@dataclass
class Curve:
    """Learning curve of a run, with one entry per chunk of training steps."""

    step: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # with penalties, nats per choice
    task_loss: list[float] = field(default_factory=list)
    likelihood: list[float] = field(default_factory=list)
    valid_step: list[int] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    scored_step: list[int] = field(default_factory=list)
    valid_likelihood: list[float] = field(default_factory=list)
    stages: list[int] = field(default_factory=list)  # of a curriculum, at each check
    marks: list[int] = field(default_factory=list)  # steps at which a slider was moved
    boundary: int | None = None  # step at which the penalties set in
    chance: float | None = None  # normalized likelihood of guessing
    reference: tuple[str, float] | None = (
        None  # name and normalized likelihood of what the network is compared with
    )
    stay: float | None = None  # normalized likelihood of the better stay baseline
    classical: tuple[str, float] | None = None  # the best classical model so far, and its likelihood
    fitted: list[str] = field(default_factory=list)  # classical models that were fitted so far
    measure: str = "normalized likelihood"  # or the accuracy on fresh trials of a task
    loss_name: str = "loss (nats per choice)"
    has_classical: bool = True  # classical models of choice can be fitted to the same sessions
    of_choices: bool = True  # the loss is that of choices alone, so that it tells their likelihood
    begins_at: int = 0  # step of the run before from whose network this one goes on
    before: tuple["Curve", ...] = ()  # curves of the runs before, the latest first
    before_words: str = ""  # what they are

    @property
    def compared(self) -> dict[str, tuple[str, float] | None]:
        """References of the network, by the name of their line."""
        return {"reference": self.reference, "classical": self.classical}

    @property
    def n_steps(self) -> int:
        """Training steps so far, also while figures show another network."""
        return self.step[-1] if self.step else 0

    @property
    def last_step(self) -> int:
        """Where the curve ends on the axis of steps."""
        return self.begins_at + self.n_steps

    def at(self, steps: list[int]) -> list[int]:
        """Where steps of this run are on the axis of steps, on which the run before has its own."""
        return [self.begins_at + step for step in steps]

    @property
    def is_on_task(self) -> bool:
        """Whether the measure is that of a trial task."""
        return self.measure == "accuracy"

    def add(self, report) -> None:
        """Take one report of the trainer."""
        for check in report.checks:
            if self.stages and self.stages[-1] != check.stage:
                self.marks.append(self.scored_step[-1])
            self.stages.append(check.stage)
            self.score(check.step, check.performance)
        self.step.append(report.step)
        self.loss.append(report.loss)
        self.task_loss.append(report.task_loss)
        self.likelihood.append(report.likelihood)
        if report.valid_loss is not None:
            self.valid_step.append(report.step)
            self.valid_loss.append(report.valid_loss)
            if self.of_choices:
                self.score(report.step, report.valid_likelihood)

    def score(self, step: int, value: float) -> None:
        """Add a value of the measure, on held-out sessions or on fresh trials."""
        self.scored_step.append(step)
        self.valid_likelihood.append(value)
