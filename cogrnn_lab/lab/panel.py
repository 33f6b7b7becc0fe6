"""Panels: what a figure of the lab declares of itself, and the registry from which the lab takes them."""

import pkgutil
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import ipywidgets as w

from cogrnn_lab.lab.markup import join
from cogrnn_lab.lab.page.code_fold import code_html
from cogrnn_lab.lab.page.style import panel, title

if TYPE_CHECKING:
    from cogrnn_lab.lab.engine.run import LabRun
    from cogrnn_lab.lab.page.first_widgets import FirstRun
    from cogrnn_lab.lab.settings.state import ViewState
    from cogrnn_lab.lab.view import View

BUILT_IN = "cogrnn_lab.lab.panels"

_registry: dict[str, type["Panel"]] = {}


class Panel:
    """An analysis of the network in training and its figure, as one panel on the lab's page.

    A subclass makes its `widget` once, in `__init__` (`frame` helps), and changes what that shows in `draw`:
    a page that is open would miss widgets made later. An object is made when a page first shows its place, so
    `is_for` may be asked before `__init__` has run: it looks at the run, not at widgets.

    Arguments:
        state: What is looked at, as traitlets (`lab.state.view`).

    Example:
        >>> import cogrnn_lab as cl
        >>> import ipywidgets as w
        >>> class Norms(cl.lab.Panel):
        ...     name, title = "norms", "Size of the latents"
        ...     concerns = ("session",)
        ...
        ...     def __init__(self, state):
        ...         super().__init__(state)
        ...         self.words = w.Label()
        ...         self.widget = self.frame((), self.words)
        ...
        ...     def draw(self, run, view):
        ...         states = cl.latents(run.trainer.model, run.dataset.select([view.state.session])).states
        ...         self.words.value = f"{abs(states).max():.3f}"
        >>> lab = cl.Lab(runner="inline", panels=[Norms])  # or, for every lab: cl.lab.register(Norms)
        >>> lab.close()
    """

    name: ClassVar[str] = ""  # by which the display knows it; no other panel has it
    title: ClassVar[str] = ""
    help: ClassVar[str] = ""  # one sentence or two, on hover
    place: ClassVar[float] = 100.0  # panels stand in this order
    tab: ClassVar[str | None] = None  # those with a tab share one place, which shows one of them
    under: ClassVar[str] = ""  # name of the panel in whose place it stands too, below it
    is_wide: ClassVar[bool] = False  # it takes a row of its own, as those with a tab do
    is_first: ClassVar[bool] = (
        False  # it is made with the lab, as every page shows it; others when first seen
    )
    concerns: ClassVar[tuple[str, ...]] = ()  # traits of `lab.state.view` that put it out of date
    every: ClassVar[float] = 1.0  # seconds between two drawings while the network trains
    is_cheap: ClassVar[bool] = False  # drawn before the others, of which one more may follow in the same turn

    widget: w.Widget
    _heading: Any = None
    _heading_alone: Any = ""

    def __init__(self, state: "ViewState"):
        self.state: Any = state
        self.ask: Callable[[], None] = lambda: None  # set by the display: have this panel drawn

    def frame(self, head: Iterable[w.Widget] = (), *content: w.Widget, tip_left: bool = False) -> w.Widget:
        """Make the framed panel: its title with the help mark and `head` in one line, then `content`."""
        self._heading = title(self.title, self.help, tip_left=tip_left)
        self._heading_alone = self._heading.value
        return panel([self._heading, *head], *content, classes=self.classes())

    @classmethod
    def classes(cls) -> tuple[str, ...]:
        """Style classes of what stands in the panel's place."""
        return ("cog-wide",) if cls.is_wide or cls.tab is not None else ()

    def show_code(self, code: str) -> None:
        """Fold the code of the figure away beside the title.

        Arguments:
            code: The code; "" where there is none.
        """
        if self._heading is None:  # the panel has a frame of its own
            return
        value = join((self._heading_alone, code_html(code))) if code else self._heading_alone
        if value != self._heading.value:  # else what was unfolded would fold
            self._heading.value = value

    def is_for(self, run: "LabRun") -> bool:
        """Tell whether there is anything to show of this run; by default where choices are explained."""
        return run.task is None

    def begin(self, run: "LabRun", view: "View") -> None:
        """Take on another run that this panel is for: offer what can be picked in it."""

    def draw(self, run: "LabRun", view: "View") -> None:
        """Analyse the network as it is now, and show it."""
        raise NotImplementedError(f"{type(self).__name__} has no draw(run, view)")

    def code(self, run: "LabRun", view: "View") -> str:
        """Give the expression of the public API that makes this panel's figure; "" where there is none.

        It may use `cl`, `model` (the network that figures show), `run`, `dataset`, `train`, `held_out`,
        `found` (the discovery), `agent` (that made simulated choices), and on a trial task `task` and `batch`
        (fresh trials).

        Arguments:
            run: The present run.
            view: What is looked at.

        Returns:
            The expression. One that begins with "cl.plots." is exported as a figure.
        """
        return ""

    @classmethod
    def is_in_first_run(cls) -> bool:
        """Whether the panel is on the page before there is a run."""
        return cls.make_first is not Panel.make_first

    def make_first(self, first: "FirstRun") -> None:
        """Make the widgets that the first drawing of a default run needs, before any page is open."""


Kind = TypeVar("Kind")  # a class; what is none is told in words by `checked`


def register(kind: Kind) -> Kind:
    """Add a kind of panel to every lab that is made from now on; also a decorator of the class.

    A class of the same name that was registered before is replaced, as when a notebook's cell is run again.

    Arguments:
        kind: A subclass of `Panel` with a `name` and a `title`.

    Returns:
        The class itself.

    Raises:
        TypeError: `kind` is no subclass of `Panel`.
        ValueError: It has no name or title, or that of a panel of the package.
    """
    own = checked(kind)
    known = _registry.get(own.name)
    if known is not None and known.__module__.startswith(BUILT_IN) and known is not own:
        raise ValueError(
            f'name = "{own.name}" is that of a panel of the lab itself; give {own.__name__} another name'
        )
    _registry[own.name] = own
    return kind


def checked(kind: Any) -> type[Panel]:
    """Check that a class can be a panel; raises as `register`."""
    if not (isinstance(kind, type) and issubclass(kind, Panel)):
        raise TypeError(
            f"{kind!r} is no kind of panel; expected a subclass of cl.lab.Panel (the class, no object)"
        )
    for what in ("name", "title"):
        if not getattr(kind, what):
            raise ValueError(f'{kind.__name__} has no {what}; expected {what} = "..." in the class')
    return kind


def registered(more: Iterable[type[Panel]] = ()) -> list[type[Panel]]:
    """List all kinds of panels in the order of their places: the package's, registered ones, and `more`."""
    package = import_module(BUILT_IN)
    for module in pkgutil.walk_packages(package.__path__, f"{BUILT_IN}."):
        import_module(module.name)
    kinds = dict(_registry)
    for kind in more:
        if checked(kind).name in kinds and kinds[kind.name] is not kind:
            raise ValueError(f'there are two panels of the name "{kind.name}"; give {kind.__name__} another')
        kinds[kind.name] = kind
    return sorted(kinds.values(), key=lambda kind: kind.place)
