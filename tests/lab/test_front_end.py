"""What is sent to the front end can be read there."""

import math


def is_json(value) -> bool:
    """Whether JSON has this number: it knows neither NaN nor infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(is_json, value.values()))
    return all(map(is_json, value)) if isinstance(value, list | tuple) else True


def test_every_state_is_json(lab, train):
    from ipywidgets.widgets import widget

    train(lab, 5)
    wrong = [
        (type(one).__name__, name)
        for one in list(widget._instances.values())
        for name, value in one.get_state().items()
        if not is_json(value)
    ]
    assert wrong == []


def test_a_front_end_that_falls_behind_is_sent_less(clock):
    from cogrnn_lab.lab.page.pacing import Pacing

    pacing = Pacing(clock)
    assert pacing.is_ready(), "nobody has ever answered: nobody is waited for"
    pacing.note_drawn()
    pacing.echo.value = pacing.sent.value
    pacing.note_drawn()
    assert not pacing.is_ready()
    pacing.echo.value = pacing.sent.value
    assert pacing.is_ready()
    pacing.note_drawn()
    clock.now += 10
    assert pacing.is_ready(), "a front end that went away does not stop the drawing"
