"""A page that is opened while the lab is at work shows what is so, and meets no half-made widgets."""

import asyncio
import threading
import time

import ipywidgets as w
import pytest
from ipywidgets.widgets import widget as every

from cogrnn_lab.lab.app import Lab
from cogrnn_lab.lab.engine import drives
from cogrnn_lab.lab.engine.drives import CooperativeDrive, ThreadDrive
from cogrnn_lab.lab.page.openings import Doorbell, Openings


@pytest.fixture
def sent(monkeypatch):
    """Widgets whose whole state was sent."""
    sent = []
    send_state = w.Widget.send_state

    def note(self, key=None):
        if key is None:
            sent.append(self)
        return send_state(self, key)

    monkeypatch.setattr(w.Widget, "send_state", note)
    return sent


def test_every_page_that_is_opened_is_told_everything(sent):
    inner, hidden = w.Label("a"), w.Label("b")
    inner.layout.display = "none"
    root = w.VBox([w.Box([inner])])
    openings = Openings(root, [hidden])
    assert sent == []
    for _ in range(2):
        sent.clear()
        openings.widget.set_state({"value": "VBoxModel"})  # what the page does
        assert openings.widget.value == ""
        assert {root, root.children[0], inner, hidden, inner.layout} == set(sent)


def test_the_lab_tells_of_its_figures(lab, sent):
    lab.openings.widget.set_state({"value": "VBoxModel"})
    for part in (
        lab.top.message,
        lab.data_controls.summary,
        lab.display["update_rules"].lines[0].scales["x"],
    ):
        assert part in sent
    assert lab.display["subjects"].points in sent, "a figure that is not up"
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("runner", ["inline", "thread"])
def test_the_first_run_makes_no_widget(tmp_path, runner):
    """Places of panels that wait for a page were made with the run: one that was being opened then did not
    know what they are made of, and showed an error in their place for ever."""
    made = set()

    class SmallLab(Lab):
        def _listen(self):
            self.state.data.set_quietly(n_sessions=8, n_trials=20)
            self.state.training.batch_size = 4
            made.update(every._instances)
            super()._listen()

    lab = SmallLab(runner=runner, folder=tmp_path)
    lab.wait()
    assert lab.run_state == "ready", lab.top.message.value
    assert [every._instances[name] for name in set(every._instances) - made] == []
    lab.close()


def test_a_busy_main_thread_is_waited_for_once(run_async, monkeypatch):
    monkeypatch.setattr(drives, "MAIN_IS_BUSY", 0.3)
    made, waited = [], []

    def work(drive: ThreadDrive) -> None:
        for _ in range(3):
            began = time.monotonic()
            drive.on_main(lambda: made.append(threading.current_thread()))
            waited.append(time.monotonic() - began)

    async def main():
        drive = ThreadDrive()
        worker = threading.Thread(target=work, args=(drive,))
        worker.start()
        worker.join()  # a cell that keeps the main thread
        await asyncio.sleep(0.05)
        again = threading.Thread(target=work, args=(drive,))
        again.start()
        while again.is_alive():
            await asyncio.sleep(0.01)
        assert made[:3] == [worker] * 3
        assert threading.current_thread() in made[3:]

    run_async(main())
    assert waited[0] >= 0.3
    assert max(waited[1:3]) < 0.3
    assert len(made) == 6, "nothing is made twice"


def test_another_thread_wakes_the_cooperative_drive(run_async):
    turns = []

    async def main():
        drive = CooperativeDrive(pause=0.0)
        drive.start(lambda: bool(turns.append(threading.current_thread())))
        drive.wake()
        await asyncio.sleep(0.01)
        before = len(turns)
        other = threading.Thread(target=drive.wake)
        other.start()
        other.join()
        await asyncio.sleep(0.01)
        assert len(turns) == before + 1
        assert set(turns) == {threading.current_thread()}

    run_async(main())


def test_a_page_that_has_asked_is_told_what_changed_since(sent, clock):
    """It was told the whole lab a second time."""
    bell = Doorbell(clock)
    still, moved, hidden = w.Label("a"), w.Label("b"), w.Label("c")
    openings = Openings(w.VBox([still, moved]), [hidden], bell, clock)
    later = w.Label("made when a panel was shown")
    clock.now += 5.0
    moved.value = "before it asked"
    clock.now += 5.0
    bell.get_state()  # as the page asks all widgets
    clock.now += 5.0
    bell.get_state()  # another page
    hidden.value = "while it made them"
    openings._root.children = (still, moved, later)
    sent.clear()
    bell.set_state({"value": "VBoxModel"})
    assert set(sent) == {openings._root, hidden, later}
    clock.now += 5.0
    sent.clear()
    bell.set_state({"value": "VBoxModel"})  # the first page, or the other one: it cannot be told
    assert set(sent) == {openings._root, hidden, later}
    clock.now += 1000.0
    bell.get_state()
    sent.clear()
    bell.set_state({"value": "VBoxModel"})
    assert sent == [], "nothing has changed since"
    assert bell.asked == []


def test_the_bell_of_a_lab_is_asked_before_its_other_widgets(lab):
    own = [one for one in every._instances.values() if one.comm is not None]
    first = own.index(lab._bell)
    for part in (lab.top.message, lab.display["wiring"].plot, lab.data_controls.summary):
        assert own.index(part) > first
    lab._bell.asked.clear()
    lab._bell.get_state("value")
    assert lab._bell.asked == []
    lab._bell.get_state()
    assert len(lab._bell.asked) == 1
