"""Answers that take seconds of work: another thread does it, and the loop goes on serving."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from switch.gate.commit import GroupCommit, ReplySink

if TYPE_CHECKING:
    from switch.gate.exchange import Now


class Deferred(NamedTuple):
    """A request whose reply comes later, and not in its turn.

    `work` may run in any thread; `finish` then gives the framed reply, in the loop's thread, and stages what
    it journals.
    """

    work: Callable[[], None]
    finish: Callable[["Now"], bytes]


def answer_later(  # noqa: PLR0917
    deferred: Deferred,
    link: ReplySink,
    loop: asyncio.AbstractEventLoop,
    commit: GroupCommit,
    take_staged: Callable[[], list[bytes]],
    now: Callable[[], "Now"],
    on_failure: Callable[[Exception], None],
) -> None:
    """Have a request's work done; its reply leaves when what it journals is durable."""

    def finish(done: asyncio.Future[None]) -> None:
        if done.cancelled():
            return
        try:
            done.result()
            reply = deferred.finish(now())
        except Exception as error:  # the state may be half changed: no reply can be trusted any more
            on_failure(error)
            return
        commit.submit(take_staged(), {link: [reply]})

    loop.run_in_executor(None, deferred.work).add_done_callback(finish)
