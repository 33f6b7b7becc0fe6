"""The notebooks on tasks made of trials run; apart, so that two processes share the notebooks."""

import pytest
from notebook_runs import ON_TRIAL_TASKS, kernel, run_small


@pytest.fixture(scope="module")
def shared():
    """The kernel of all of them: most of the time of so small a run would be its imports."""
    with kernel() as manager:
        yield manager


@pytest.mark.parametrize("name", ON_TRIAL_TASKS)
def test_runs(name, tmp_path, run_async, shared):
    run_async(run_small(name, tmp_path, shared))
