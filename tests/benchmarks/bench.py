"""What a row of the table works with: processes of both sides, and how often to measure."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .comparison import Comparison, Measure, in_turns
from .peer_environments import DISENTANGLED_RNNS, Peer, python_of
from .processes import FOLDER, WorkProcess

OURS = FOLDER / "ours.py"

# What is compiled is compiled anew, unless a row is about keeping it.
NO_CACHE = {"COGRNN_LAB_COMPILATION_CACHE": "off"}


class Bench:
    """Starts a process of a side when it is first asked for; leaving the context ends them.

    Arguments: `peers` the folder of the peers' environments; `repeats` how often each side is measured;
    `processor_time` whether the time that cores worked is measured instead of the time that passed.
    """

    def __init__(self, peers: Path, repeats: int, processor_time: bool = False):
        self.peers, self.repeats, self.processor_time = peers, repeats, processor_time
        self._started: dict[str, WorkProcess] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def ours(self) -> WorkProcess:
        """The process of this package that rows share."""
        return self._shared("ours", None)

    def peer(self, peer: Peer = DISENTANGLED_RNNS) -> WorkProcess:
        """The process of a peer that rows share."""
        return self._shared(peer.distribution, peer)

    def fresh(self, peer: Peer | None = None, **variables: str) -> WorkProcess:
        """A new process of a peer (None: of this package); to be used as a context."""
        if peer is not None:
            return WorkProcess(python_of(peer, self.peers), peer.script, **variables)
        return WorkProcess(sys.executable, OURS, **(NO_CACHE | variables))

    def compare(self, work: str, peer: Peer = DISENTANGLED_RNNS, **sizes: Any) -> Comparison:
        """The same work of the same sizes on both sides, after a warm-up; seconds for one training step."""
        ours = self.prepared(self.ours, work, **sizes)
        theirs = self.prepared(self.peer(peer), work, **sizes)
        return in_turns(ours, theirs, self.repeats)

    def prepared(self, process: WorkProcess, work: str, **sizes: Any) -> Measure:
        """Measures a work that was prepared and done twice; seconds a step where `steps` are taken a time."""
        process.ask(work, times=1, **sizes)

        def measure() -> float:
            answer = process.ask(work, **sizes)
            seconds = answer.processor if self.processor_time else answer.seconds
            return seconds[0] / sizes.get("steps", 1)

        return measure

    def _shared(self, name: str, peer: Peer | None) -> WorkProcess:
        if name not in self._started:
            self._started[name] = self._open.enter_context(self.fresh(peer))
        return self._started[name]
