"""The notebooks on tasks made of trials run; apart, so that two processes share the notebooks."""

import pytest
from notebook_runs import ON_TRIAL_TASKS, run_small


@pytest.mark.parametrize("name", ON_TRIAL_TASKS)
def test_runs(name, tmp_path, run_async):
    run_async(run_small(name, tmp_path))
