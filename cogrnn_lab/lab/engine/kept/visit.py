"""The run of a visit, kept by itself while it trains: the next visit offers it where this one is lost."""

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from cogrnn_lab.lab.engine.kept.storage import RunFolder
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.studies.claims import claimed, is_claimed

KEEP_EVERY = 60.0  # seconds
LEAST_SHARE = 20  # of the time goes to training: a large run is kept more rarely
NAME, BEFORE = "last visit", " before"
MOST_VISITS = 100  # in one folder at the same time


class Visit:
    """Keeps the run of a visit as a saved run of its own, "last visit", as long as it trains.

    Of several labs on one folder each has a name of its own ("last visit 2"), by a lock that ends with its
    process, so that none writes over what another keeps. What the visit before has left under the name is
    moved to "last visit before" when this one is first kept.

    Arguments: `folder` of the saved runs; `tell`, which shows a sentence; `clock` in seconds.
    """

    def __init__(
        self, folder: RunFolder, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ):
        self._folder, self._tell, self._clock = folder, tell, clock
        self._claims = ExitStack()
        self._name: str | None = None
        self._due: float | None = None
        self._kept: tuple[int, int] | None = None  # run and step
        self._has_failed = False

    def offer(self) -> str:
        """A sentence on a visit that was lost, or ""."""
        there = [name for name in self._folder.names() if name.startswith(NAME) and not name.endswith(BEFORE)]
        lost = [name for name in there if not is_claimed(self._claim(name))]
        return f'The last visit is kept: Load opens "{lost[0]}".' if lost else ""

    def look(self, run: LabRun) -> None:
        """Keep the run where a minute has passed since it was kept, or since the visit began to train."""
        now = self._clock()
        if self._due is None:
            self._due = now + KEEP_EVERY
        if now >= self._due:
            self._keep(run)

    def rest(self, run: LabRun | None) -> None:
        """Keep the run as training pauses or ends, where it trained for more than a minute."""
        if run is not None and self._kept is not None and self._kept != (run.id, run.trainer.step_count):
            self._keep(run)

    def close(self) -> None:
        """Let the name go; what was kept stays."""
        self._claims.close()
        self._name = None

    def _keep(self, run: LabRun) -> None:
        began = self._clock()
        try:
            self._folder.save(self._own_name(), run)
            self._kept, self._has_failed = (run.id, run.trainer.step_count), False
        except Exception as error:  # a network of one's own may be none that can be written down
            if not self._has_failed:
                why = getattr(error, "strerror", None) or error
                self._tell(f"This visit could not be kept in {self._folder.root} ({why}); training goes on.")
            self._has_failed = True
        ended = self._clock()
        self._due = ended + max(KEEP_EVERY, LEAST_SHARE * (ended - began))

    def _own_name(self) -> str:
        """The name of this visit's run; the first time, what is there under it is moved away."""
        if self._name is None:
            numbered = (NAME if i == 1 else f"{NAME} {i}" for i in range(1, MOST_VISITS))
            own = next(name for name in numbered if self._is_ours(name))
            left, place = self._folder.root / own, self._folder.root / f"{own}{BEFORE}"
            if left.is_dir():
                shutil.rmtree(place, ignore_errors=True)
                left.rename(place)
            self._name = own  # from now on it may be saved over
        return self._name

    def _is_ours(self, name: str) -> bool:
        with ExitStack() as stack:
            is_ours = stack.enter_context(claimed(self._claim(name)))
            if is_ours:
                self._claims = stack.pop_all()
            return is_ours

    def _claim(self, name: str) -> Path:
        return self._folder.root / f".{name}.claim"
