"""What was chosen, what was paid and what was missed: columns first, then targets and inputs."""

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.data.session_columns import session_columns

NAN = np.nan


def trials(**columns) -> cl.Dataset:
    """One session of four trials and one of padding; the third choice does not count."""
    return cl.Dataset(
        np.array([[[0, 0], [0, 1], [1, 0], [1, 0.5], [0, 0]]]),
        np.array([[[0], [1], [1], [0], [0]]]),
        mask=np.array([[1, 1, 0, 1, 0]], bool),
        valid=np.array([[1, 1, 1, 1, 0]], bool),
        n_classes=2,
        input_names=("previous choice", "previous reward"),
        columns={name: np.array([column]) for name, column in columns.items()},
    )


def test_without_columns_targets_and_inputs_say_it():
    data = trials()
    assert data.choices.tolist() == [[0, 1, -1, 0, -1]]
    assert data.missed.tolist() == [[False, False, True, False, False]]
    np.testing.assert_array_equal(data.rewards, np.float32([[1, 0, 0.5, NAN, NAN]]))


def test_columns_win_where_they_hold_a_number():
    data = trials(choice=[1, NAN, 1, -1, 0], reward=[NAN, 3, NAN, 2, 9])
    assert data.choices.tolist() == [[1, 1, 1, -1, -1]]
    np.testing.assert_array_equal(data.rewards, np.float32([[1, 3, 0.5, 2, NAN]]))


def test_they_are_read_only_and_of_a_selection():
    data = trials()
    with pytest.raises(ValueError, match="read-only"):
        data.choices[0, 0] = 1
    both = data.concat(trials(choice=[1, 1, 1, 1, -1]))
    assert both.choices.tolist() == [[0, 1, -1, 0, -1], [1, 1, 1, 1, -1]]
    assert both.select(1).choices.tolist() == [[1, 1, 1, 1, -1]]


@pytest.mark.parametrize("odd", [2, 0.5])
def test_what_is_no_alternative_is_refused(odd):
    with pytest.raises(ValueError, match=rf'column "choice" holds {odd:g} in session 0, trial 1'):
        trials(choice=[0, odd, 1, 0, -1]).choices


def test_numbers_are_no_choices():
    data = cl.Dataset(np.zeros((1, 3, 1)), np.zeros((1, 3, 1)), kind="continuous")
    with pytest.raises(ValueError, match="continuous; it has no choices"):
        data.choices
    assert session_columns(data, 0).choices.tolist() == [-1, -1, -1]


def test_the_lab_and_the_table_read_joined_data_so_too():
    both = trials().concat(trials(choice=[1, 1, 1, 1, -1], reward=[0, 0, 1, 1, -1]))
    shown = session_columns(both, 0)
    assert shown.choices.tolist() == [0, 1, -1, 0]
    np.testing.assert_array_equal(shown.rewards, [1, 0, 0.5, NAN])
    frame = both.to_dataframe()
    assert frame.choice.tolist() == [0, 1, -1, 0, 1, 1, 1, 1]
    np.testing.assert_array_equal(frame.reward, [1, 0, 0.5, NAN, 0, 0, 1, 1])
