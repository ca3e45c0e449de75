"""Progress bars for long steps; on a pipe they stay silent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain.plain_text import plain


@contextmanager
def bars(console: Console | None = None) -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """Yield `start(name, total)`, which answers `advance(count)`."""
    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def start(name: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(plain(name), total=total)
            return lambda count: progress.advance(task, count)

        yield start
