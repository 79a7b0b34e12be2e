"""Orders about the switch as a whole: drain, snapshot."""

import asyncio
from collections.abc import Mapping

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Fact, Plan, Refused, WorkFailed
from switch.console.story.titles import Words
from switch.journal.format import segment_paths
from switch.snapshot.files import snapshot_paths


async def drain(controls: Controls, _: Mapping[str, str]) -> Plan:
    """No request is taken any more; what came in is answered. The switch serves again after a restart."""
    if controls.is_draining():
        raise Refused(409, "the switch drains already")
    statuses = controls.gate.statuses()
    facts = (
        Fact(
            "connections",
            Words("Connections that will be closed", "اتصال‌هایی که بسته می‌شوند"),
            sum(sum(status.connections.values()) for status in statuses),
        ),
        Fact(
            "terminals",
            Words("Terminals signed on", "پایانه‌های واردشده"),
            sum(status.terminals for status in statuses),
        ),
        Fact(
            "in_flight",
            Words("Requests that will still be answered", "درخواست‌هایی که هنوز پاسخ می‌گیرند"),
            sum(status.waiting + status.decided for status in statuses),
        ),
        Fact("until_restart", Words("It lasts until a restart", "تا راه‌اندازی دوباره می‌ماند"), True),
    )

    async def work() -> None:
        if not await controls.drain():
            raise WorkFailed(
                Words(
                    "some links did not take their replies in time, and were closed",
                    "برخی پیوندها پاسخ‌ها را به‌هنگام نگرفتند و بسته شدند",
                )
            )

    told = Words("all that came in is answered", "به هر چه رسیده بود پاسخ داده شد")
    change = Change(told=told)
    # It begins under its own hands: what it rests on may not be asked at its end.
    return Plan((), facts, tuple, lambda _: change, work)


async def take_snapshot(controls: Controls, _: Mapping[str, str]) -> Plan:
    """The journal goes on in a new segment, and an image is made of all before it."""
    try:
        images, segments = await asyncio.to_thread(_files, controls)
    except OSError as error:
        raise Refused(503, f"the journal's directory can't be read: {error.strerror}") from None
    facts = (
        Fact("position", Words("Position of the journal", "جایگاه دفتر"), controls.state.position),
        Fact("newest_snapshot", Words("Position of the newest snapshot", "جایگاه تازه‌ترین عکس"), images),
        Fact("segments", Words("Segments of the journal", "بخش‌های دفتر"), segments),
    )
    made: list[int] = []

    async def work() -> None:
        try:
            position = await controls.snapshots.make()
        except OSError as error:
            why = Words(f"no process could be started: {error.strerror}", "فرایندی به راه نیفتاد")
            raise WorkFailed(why) from None
        if position is None:
            raise WorkFailed(
                Words("no snapshot was made; the log tells why", "عکسی گرفته نشد؛ گزارش را ببینید")
            )
        made.append(position)

    def change(_: int) -> Change:
        position = made[-1] if made else 0
        if not position:
            return Change(told=Words("there was nothing new to keep", "چیز تازه‌ای برای نگه‌داشتن نبود"))
        return Change(told=Words(f"snapshot at position {position}", f"عکس در جایگاه {position}"))

    return Plan((), facts, tuple, change, work, controls.journal.begin_segment)


def _files(controls: Controls) -> tuple[int, int]:
    images = snapshot_paths(controls.journal_directory)
    newest = int(images[-1].stem) if images else 0
    return newest, len(segment_paths(controls.journal_directory))
