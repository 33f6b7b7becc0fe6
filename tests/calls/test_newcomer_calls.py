"""Every call of the table works or ends in our sentence, as for a user."""

import json
import subprocess
import sys

import pytest

from tests.calls.newcomer_calls import TABLE, WORKS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(repository) -> dict[str, tuple[str, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.calls.newcomer_calls"], cwd=repository, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("call", TABLE)
def test_it_works_or_ends_in_our_sentence(call, outcomes):
    kind, sentence = outcomes[call]
    if TABLE[call] == WORKS:
        assert (kind, sentence) == ("", "")
    else:
        assert kind in ("TypeError", "ValueError")
        assert TABLE[call] in sentence
