"""The newest entries of a journal, and those that come, until whoever asked has had enough."""

import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from protocol.feed import Event
from switch.journal.entries import unpack
from switch.journal.follower import JournalFollower
from switch.journal.format import RawEntry
from switch.operations.feed import event_of
from switch.snapshot.reading import kept_beginning
from tools.journal.naming import JournalNames, names_before

POLL_MS = 200


def show_tail(directory: Path, count: int, show: Callable[[Event], None], *, follow: bool) -> None:
    """Have the newest `count` entries shown, and with `follow` every one that becomes durable.

    Ends at KeyboardInterrupt, which SIGTERM is as well, and when nobody reads standard output any more.
    Raises JournalFault and EntryFault for a journal that can't be trusted, OSError for one that can't be
    read, BrokenPipeError where `show` does.
    """
    names, beginning = names_before(directory), kept_beginning(directory)
    newest: deque[RawEntry] = deque(maxlen=count)
    with closing(JournalFollower(directory, beginning=beginning)) as follower, _terminated_as_interrupted():
        for raw in _noted(follower, names):
            newest.append(raw)
        for raw in newest:
            show(_event(raw, names))
        while follow and _is_read():
            for raw in _noted(follower, names):
                show(_event(raw, names))


def _noted(follower: JournalFollower, names: JournalNames) -> Iterator[RawEntry]:
    for batch in follower.batches():
        for raw in batch.entries:
            names.note(raw)
            yield raw


def _event(raw: RawEntry, names: JournalNames) -> Event:
    return event_of(raw.position, unpack(raw.kind, raw.version, raw.body), names.naming)


def _is_read() -> bool:
    """Wait until it is time to look again; False where the other end of standard output has gone."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return not poll.poll(POLL_MS)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)
