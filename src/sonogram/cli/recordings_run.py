"""The work of `predict` and `transcribe`: many recordings, continued after an interruption."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram import __version__
from sonogram.cli.options import sound_source
from sonogram.cli.outputs import is_stream
from sonogram.cli.prediction_formats import Entry
from sonogram.cli.progress import Step, report_progress
from sonogram.cli.report import Failures, continuable, echo, print_part, warn
from sonogram.errors import SonogramError
from sonogram.files import Input, ResultJournal, atomic_file, cannot_write, lock_file

if TYPE_CHECKING:
    from sonogram.audio import SoundSource
    from sonogram.inference.recordings import OnProgress

__all__ = ["Run", "explain", "journal_of", "write_pieces", "write_results"]

_PROGRESS_SECONDS = 0.2
"""Least time between two steps within a recording."""


_AGAIN = ", then run the same command again: finished recordings are kept"


@contextmanager
def explain(place: str, more: str = _AGAIN) -> Iterator[None]:
    """Turn an OSError of the output into one line with the remedy.

    Raises:
        SonogramError: The output cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise cannot_write(place, error, more) from None


@contextmanager
def journal_of(
    output: str | None, targets: Mapping[str, Path], name: str, model: str, settings: Mapping[str, Any]
) -> Iterator[ResultJournal | None]:
    """Yield the journal of a run, the file OUT.partial, which is deleted when the run ends without an error.

    Without -o and for a pipe there is none.

    Args:
        output: The option -o.
        targets: Output file of each recording; the journal is in the folder `output` then.
        name: Name of the journal in that folder.
        model: Model file.
        settings: All other options that change the results; a `Path` stands for the content of that file.

    Raises:
        SonogramError: As of `_open_journal`.
    """
    if output is None or is_stream(output):
        yield None
        return
    target = Path(output, name) if targets else Path(output)
    with _open_journal(target, model, settings) as journal:
        yield journal
        journal.remove()


@contextmanager
def _open_journal(output: Path, model: str, settings: Mapping[str, Any]) -> Iterator[ResultJournal]:
    """Yield the journal of a run that writes to `output`: the file OUT.partial next to it.

    Raises:
        SonogramError: Another program writes there, the journal belongs to other settings, or something
            cannot be read or written.
    """
    used = {name: _digest(value) if isinstance(value, Path) else value for name, value in settings.items()}
    used = {"sonogram": __version__, "model": _digest(model), **used}
    path = output.with_name(f"{output.name}.partial")
    with ExitStack() as stack:
        with explain(str(path)):
            stack.enter_context(lock_file(output, "prediction"))
            journal = ResultJournal(path, used)
        stack.callback(journal.close)
        yield journal


def _digest(path: str | Path) -> str:
    """Return the SHA-256 of the content of a file."""
    try:
        with open(path, "rb") as file:
            state = sha256()
            while block := file.read(1 << 20):
                state.update(block)
            return state.hexdigest()
    except FileNotFoundError:
        raise SonogramError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror}); check it") from None


class Run:
    """The results of one run.

    Args:
        process: Returns the results of recordings, in their order, as plain data for JSON.
        items: The recordings.
        progress: How to show the progress, see `report_progress`.
        journal: Results of earlier runs, to which those of this run are added; None keeps none.
        on_done: Called with each result.
    """

    def __init__(
        self,
        process: Callable[[Iterable[tuple[str, SoundSource]], OnProgress], Generator[Entry, None, None]],
        items: Sequence[Input],
        progress: str,
        journal: ResultJournal | None,
        on_done: Callable[[Entry], None] | None = None,
    ) -> None:
        self._process, self._items = process, items
        self._progress, self._journal, self._on_done = progress, journal, on_done
        self._errors: dict[str, str] = {}
        self._running: dict[str, tuple[float, float | None]] = {}
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._reported = 0.0
        self.failures = Failures()
        self.num_done = 0
        """Number of recordings with a result."""

    @property
    def paths(self) -> list[str]:
        """The recordings."""
        return [item.path for item in self._items]

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        """Yield an iterator over the recordings, in their order, each as soon as it is done."""
        earlier = set() if self._journal is None else {path for path in self.paths if path in self._journal}
        if earlier:
            warn(f"continuing: {len(earlier)} of {len(self._items)} recordings were done before")
        todo = ((item.path, sound_source(item.path)) for item in self._items if self._is_new(item, earlier))
        with continuable(self._journal is not None), report_progress(self._progress) as report:
            found = self._process(todo, lambda *part: self._note(report, *part))
            try:
                yield self._all(found, earlier, report)
            finally:
                found.close()

    def all_entries(self) -> Iterator[Entry]:
        """Yield all recordings from the journal, in their order."""
        assert self._journal is not None
        for item in self._items:
            error = self._errors.get(item.path)
            yield self._journal[item.path] if error is None else {"path": item.path, "error": error}

    def _is_new(self, item: Input, earlier: set[str]) -> bool:
        return not item.problem and item.path not in earlier

    def _all(self, found: Any, earlier: set[str], report: Callable[[Step], None]) -> Iterator[Entry]:
        for item in self._items:
            entry: Entry
            if item.problem:
                entry = {"path": item.path, "error": item.problem}
            elif item.path in earlier:
                assert self._journal is not None
                entry = self._journal[item.path]
            else:
                entry = next(found)
                if self._journal is not None and "error" not in entry:
                    with explain(str(self._journal.path)):
                        self._journal.add(entry)
                self._seconds += entry.get("duration", 0.0)
            self._count(entry, report)
            yield entry

    def _count(self, entry: Entry, report: Callable[[Step], None]) -> None:
        failures = []
        if "error" in entry:
            self._errors[entry["path"]] = entry["error"]
            self.failures.count += 1
            failures = [(entry["path"], entry["error"])]
        else:
            self.num_done += 1
            if self._on_done is not None:
                self._on_done(entry)
        with self._lock:
            self._running.pop(entry["path"], None)
        self._report(report, failures)

    def _note(self, report: Callable[[Step], None], path: str, done: float, seconds: float | None) -> None:
        """Take how far a recording is; called from threads."""
        with self._lock:
            self._running[path] = done, seconds
            now = time.monotonic()
            if now - self._reported < _PROGRESS_SECONDS:
                return
            self._reported = now
        self._report(report, [])

    def _report(self, report: Callable[[Step], None], failures: list[tuple[str, str]]) -> None:
        with self._lock:
            running = list(self._running.values())
            step = Step(
                len(self._items),
                self.num_done,
                self.failures.count,
                self._seconds + sum(done for done, _ in running),
                failures,
                sum(min(done / seconds, 1.0) for done, seconds in running if seconds),
            )
            report(step)


def write_results(
    run: Run,
    entries: Iterator[Entry],
    render: Callable[[Iterable[Entry]], Iterator[str]],
    output: str | None,
    targets: Mapping[str, Path],
    keep_errors: bool,
) -> None:
    """Print or write the results: a file for each recording as it is done, or one when all are done.

    Args:
        run: The run.
        entries: Its results as they come.
        render: Returns the text of results, in pieces.
        output: The option -o; None prints the results as they come, as it writes them to a pipe.
        targets: Output file of each recording by its path; none if all share one.
        keep_errors: Whether the text states errors. Otherwise an existing file stays if nothing can be read.
    """
    if output is None:
        for piece in render(entries):
            print_part(piece)
    elif targets:
        for entry in entries:
            if "error" not in entry:
                write_pieces(str(targets[entry["path"]]), render([entry]))
    elif is_stream(output):
        write_pieces(output, render(entries))
    else:
        for _ in entries:
            pass
        if run.num_done or keep_errors:
            write_pieces(output, render(run.all_entries()))


def write_pieces(output: str, pieces: Iterable[str]) -> None:
    """Write a text to a file, whole or not at all; to a pipe or a device as it comes."""
    if is_stream(output):
        with explain(output, ""), open(output, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.writelines(pieces)
        return
    with explain(output), atomic_file(output) as file:
        for piece in pieces:
            file.write(piece.encode("utf-8", errors="surrogateescape"))
    echo(output)
