"""A lab without a browser: a clock that the test moves, and a runner that trains when the test says so."""

import pytest


class FakeClock:
    """Time stands still until the test lets it pass."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def small_state():
    """Makes settings of a run that compiles and trains in a moment."""
    from cogrnn_lab.lab.settings.state import LabState

    def make() -> LabState:
        state = LabState()
        state.data.set_quietly(n_sessions=12, n_trials=30)
        state.training.set_quietly(batch_size=4, warmup_steps=6, steps=10)
        state.model.parameters.set_quietly(
            n_latents=3, update_width=4, update_depth=1, choice_width=3, choice_depth=1
        )
        return state

    return make


@pytest.fixture(scope="module")
def lab_in_tab(tmp_path_factory):
    """Makes labs that were paused after three steps, with one of the tabs in view, for a whole module."""
    import cogrnn_lab as cl

    made = []

    def make(tab: str, n_latents: int = 2):
        state = cl.lab.LabState()
        state.data.set_quietly(n_sessions=12, n_trials=30)
        state.training.set_quietly(batch_size=4, warmup_steps=6, steps=10)
        state.model.parameters.set_quietly(
            n_latents=n_latents, update_width=4, update_depth=1, choice_width=3, choice_depth=1
        )
        lab = cl.Lab(state=state, runner="inline", folder=tmp_path_factory.mktemp("runs"))
        made.append(lab)
        lab.runner.drive.chunk_seconds = 1e-9
        lab.train()
        lab.runner.drive.turn(3)
        lab.pause()
        lab.state.view.tab = tab
        return lab

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def make_lab(clock, small_state, tmp_path):
    """Makes small labs (few sessions, two latents) and closes them afterwards."""
    import cogrnn_lab as cl

    made = []

    def make(state=None, **options):
        lab = cl.Lab(
            state=small_state() if state is None else state,
            runner="inline",
            clock=clock,
            folder=tmp_path / "runs",
            **options,
        )
        lab.runner.drive.chunk_seconds = 1e-9  # one step a chunk
        made.append(lab)
        return lab

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(make_lab):
    """A prepared lab."""
    lab = make_lab()
    assert lab.run_state == "ready", lab.top.message.value
    return lab


@pytest.fixture
def train(clock):
    """Train a lab for some chunks, a tenth of a second each."""

    def train(lab, chunks: int):
        lab.train()
        for _ in range(chunks):
            clock.now += 0.1
            lab.runner.drive.turn()

    return train
