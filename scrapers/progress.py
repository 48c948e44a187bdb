"""Progress bars on a terminal: one for the run, one for each portal under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from scrapers.portal_run import PortalRun
    from scrapers.run import Run

MOST = 20
"""So many portals are drawn at a time."""


class Bars:
    """Draws a run; `draw` is called every second."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[note]}"), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self.whole = self.progress.add_task("portals", total=len(run.portals), note="")
        self.tasks: dict[str, TaskID] = {}
        self.progress.start()

    def draw(self) -> None:
        """Bring the bars up to date."""
        done = [run for run in self.run.portals if run.finished]
        self.progress.update(
            self.whole, completed=len(done), note=f"{sum(r.tally['new'] for r in self.run.portals)} new"
        )
        for run in done:
            task = self.tasks.pop(run.portal.id, None)
            if task is not None:
                self.progress.remove_task(task)
        for run in self.run.portals:
            if run.begun and not run.finished and (run.portal.id in self.tasks or len(self.tasks) < MOST):
                self._draw(run)

    def _draw(self, run: PortalRun) -> None:
        done, total = run.progress()
        task = self.tasks.get(run.portal.id)
        note = f"{run.tally['new']} new, {run.tally['changed']} changed, {run.tally['failed']} failed"
        if task is None:
            self.tasks[run.portal.id] = self.progress.add_task(run.portal.id, total=total, completed=done, note=note)
        else:
            self.progress.update(task, total=total, completed=done, note=note)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.progress.stop()
