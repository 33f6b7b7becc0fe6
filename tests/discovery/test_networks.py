"""Of several kinds of network the simplest is kept that the choosing sessions do not tell from a richer."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from made_discovery import made_path

import cogrnn_lab as cl
from cogrnn_lab.discovery.course.networks import told_from_simpler, tried


def people(n_subjects: int, n_sessions: int) -> cl.Dataset:
    data = cl.simulate(
        cl.QLearning(), cl.DriftingBandit(), n_sessions=n_subjects * n_sessions, n_trials=10, seed=1
    )
    names = tuple(f"p{i}" for i in range(n_subjects))
    subject = np.repeat(np.arange(n_subjects, dtype=np.int32), n_sessions)
    return data._replace(subject=subject, subject_names=names)


def with_network(path: cl.Path, model: cl.Network, nll: np.ndarray) -> cl.Path:
    """A path of this network whose levels have this nll (unit,) of the choosing sessions."""
    levels = tuple(replace(own, nll=own.nll | {"choose": np.stack([nll, nll])}) for own in path.levels)
    return replace(path, warm_up=replace(path.warm_up, models=(model, model)), levels=levels)


def test_a_network_that_knows_subjects_is_tried_where_there_are_sessions_of_each():
    kinds = [type(model).__name__ for model in tried(None, people(3, 5), 0)]
    assert kinds == ["DisRNN", "MultisubjectDisRNN"]
    assert tried(None, people(3, 5), 0)[1].n_subjects == 3
    assert len(tried(None, people(3, 4), 0)) == 1
    assert len(tried(None, people(1, 20), 0)) == 1
    gru = cl.GRU(2, 2, 2, key=jax.random.key(0))
    assert tried(gru, people(3, 5), 0) == (gru,)


@pytest.mark.parametrize(("gained", "kept"), [(0.3, 1), (0.02, 0), (-0.3, 0)])
def test_the_richer_one_is_kept_where_it_is_better_by_more_than_a_standard_error(gained, kept):
    sizes = {"update_width": 2, "update_depth": 1, "choice_depth": 0, "key": jax.random.key(0)}
    one = cl.DisRNN(2, 2, 1, **sizes)
    knowing = cl.MultisubjectDisRNN(2, 2, 1, n_subjects=3, **sizes)
    noise = np.array([0.2, -0.2, 0.1, -0.1, 0.15, -0.15])
    simple = with_network(made_path(), one, np.full(6, 6.0))
    rich = with_network(made_path(), knowing, 6.0 - gained + noise)
    levels = [path.choose() for path in (simple, rich)]
    taken, said = told_from_simpler([simple, rich], levels)
    assert taken == kept
    relation = "better" if gained > 0 else "worse"
    assert (
        f"chosen by {relation} than one network for all subjects by {abs(gained) / 10:.4f} nats per choice"
        in said
    )
    name = ("one network for all subjects", "a network that knows its 3 subjects")[kept]
    assert said.endswith(f"so {name} is kept.")


@pytest.mark.slow  # trains both; the rule is tested above
def test_subjects_that_differ_are_told_apart(tmp_path):
    """One side each: no network for all can know on which side a subject prefers to be."""
    each = [
        cl.simulate(
            cl.SideBias(cl.QLearning(0.3, 1.0), bias), cl.DriftingBandit(), n_sessions=15, n_trials=60, seed=i
        )._replace(subject_names=(f"p{i}",))
        for i, bias in enumerate((2.0, -2.0))
    ]
    data = each[0].concat(each[1])
    settings = {
        "seeds": 1,
        "levels": (0.5, 2.0),
        "warm_up": cl.WarmUp(most=300, check_every=50),
        "settling": cl.Settling(most=200, check_every=100),
        "gru_units": None,
        "classical": {"win-stay lose-shift": cl.WinStayLoseShift()},
        "equations": {"n_latents": (1,), "n_starts": 1, "terms": ()},
    }
    sizes = {"update_width": 3, "update_depth": 1, "choice_depth": 0, "key": jax.random.key(0)}
    models = [cl.DisRNN(2, 2, 2, **sizes), cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, **sizes)]
    found = cl.discover(data, model=models, folder=tmp_path, **settings)
    assert isinstance(found.model, cl.MultisubjectDisRNN)
    assert "so a network that knows its 2 subjects is kept" in found.verdict
    assert found.by_subject is not None
    assert "equations by subject" in set(found.yardsticks["model"])
    again = cl.load_discovery(tmp_path)
    assert again.text == found.text
    assert again.by_subject.numbers.equals(found.by_subject.numbers)
    assert sorted(path.name for path in tmp_path.glob("path*")) == ["path-1.npz", "path-2.npz", "path.npz"]
