"""The lab's orders about data: which source is picked, and making a run of it."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.table import Table, guess_columns
from cogrnn_lab.lab.engine.branch import Branch
from cogrnn_lab.lab.engine.recipe import suit_recipe
from cogrnn_lab.lab.engine.run import LabRun, add_reference, make_run
from cogrnn_lab.lab.layout import Page
from cogrnn_lab.lab.settings.network_choice import Nature, nature_of, nature_of_settings
from cogrnn_lab.lab.settings.state import PUBLISHED, TABLE, TASK

UNDER_WAY = "A discovery is under way: press Stop before you train."


class SourceOrders(Page):
    """The part of `Lab` that gets data of the picked source, and makes runs of them."""

    _quiet = 0  # how many exchanges of several settings are under way

    @contextlib.contextmanager
    def _quietly(self) -> Iterator[None]:
        """While several settings are exchanged, prepare no run for each; such changes may contain others."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def upload(self, name: str, content: bytes) -> None:
        """Take a CSV file as the data: its columns are guessed by name, and a new run is made.

        A file that is refused leaves nothing to train on, under whatever name.

        Arguments:
            name: The file's name, which errors tell.
            content: Its bytes, gzipped or not, one row per trial.
        """

        def order() -> None:
            try:
                table = self._supply.read(name, content)
            except Exception:
                self._refuse_table(name)
                raise
            self._take_table(table, guess_columns(table))
            self.reset()

        self.top.show_status(f"Reading {name} …")
        self.runner.do(order)

    def get_published(self) -> None:
        """Get the published set that is picked: downloaded once, then from the cache; and a new run on it."""

        def order() -> None:
            self._get_published()
            self.reset()

        self.runner.do(order)

    def _nature_changed(self, _) -> None:
        nature = nature_of_settings(self.state.data)
        if nature is not None and not self._quiet:  # else the data will tell
            self._follow(nature)

    def _follow(self, nature: Nature) -> None:
        """Go to the network and the recipe that suit data of this nature, and back."""
        if self._given_model is not None:
            return
        with self._quietly():
            other_recipe = suit_recipe(self.state, self.networks.nature, nature)
            sentences = (self.networks.follow(nature), other_recipe)
            self._notice = " ".join(filter(None, sentences)) or self._notice

    def _can_train(self) -> bool:
        """Tell whether there is something to train on; why not is shown."""
        nothing = self._supply.nothing(self.state.data)
        nothing = nothing or (UNDER_WAY if self._is_discovering else "")
        if nothing:
            self.top.show_status(nothing, error=True)
        return not nothing

    def _show_nothing(self, sentence: str) -> None:
        """A source without data: what was trained stays to be looked at, and nothing trains."""
        self.runner.pause()
        self.data_controls.show_nothing()
        self.top.show_status(self._with_notice(sentence))
        self._show_buttons()

    def _refuse_table(self, name: str) -> None:
        """An uploaded file was refused: the source is a table, and there is none."""
        with self._quietly():
            self.data_controls.table.offer(None, {})
            self.data_controls.file.value = f"{name} was refused"
            self.state.data.source = TABLE
        self._show_nothing(self._supply.missing(self.state.data))

    def _suit_network(self, run_id: int, dataset: Dataset, *, loaded: bool) -> None:
        """A network for data that are there now; that of a saved run is the one it was saved with."""
        nature = nature_of(dataset, on_task=self.state.data.source == TASK)
        if loaded:
            self.networks.take(nature)
        elif run_id == self.runner.run_id and nature != self.networks.nature:
            self.runner.drive.on_main(lambda: self._follow(nature))

    def _prepare(self, build: Callable[[int], LabRun]) -> None:
        """Have a run made; where that fails there is nothing to train."""
        self._supply.refusal = None
        self.runner.prepare(partial(self._attempt, build))

    def _attempt(self, build: Callable[[int], LabRun], run_id: int) -> LabRun:
        try:
            return build(run_id)
        except Exception as error:
            if run_id == self.runner.run_id:  # else a newer order is waiting
                self._supply.refusal = error
                if not self._supply.has_data:
                    self.data_controls.show_nothing(error)
            raise

    def _build(self, run_id: int, *, loaded: bool = False, branch: Branch | None = None) -> LabRun:
        self.top.show_status("Making the data …")
        data = self.state.data
        if loaded and data.source == PUBLISHED and self._supply.published.at_hand(data) is None:
            self._get_published()
        dataset = self._supply.dataset(self.state)
        self._suit_network(run_id, dataset, loaded=loaded)
        table = self._supply.table if self.state.data.source == TABLE else None
        run = make_run(run_id, self.state, dataset, table, self._given_model, branch)
        if run_id != self.runner.run_id:
            return run
        self.runner.drive.on_main(lambda: self._show_data(dataset, run.task, run.held_out_words))
        self.top.show_status("Compiling the training step …")
        run.trainer.compile()
        add_reference(run)
        return run

    def _get_published(self) -> None:
        self.top.show_status(f"Getting {self.state.data.published}: downloaded, unless it was before …")
        self._supply.published.get(self.state.data)

    def _take_table(self, table: Table, columns: dict[str, str]) -> None:
        """Make an uploaded table the source, without preparing a run."""
        with self._quietly():
            self._supply.take(table)
            self.data_controls.table.offer(table, columns)
            self.data_controls.file.value = table.name
            self.state.data.source = TABLE
