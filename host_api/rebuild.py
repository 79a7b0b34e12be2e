"""Builds the projection anew from the journal's beginning: ``python -m host_api.rebuild``.

A host API that serves meanwhile may go on: both move the position only from where they found it, so each
event is applied once, by whoever comes first.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable
from host_api.core.feed_position import PositionMoved, read_position
from host_api.core.feed_projection import apply_batch, clear_projection
from host_api.core.logs import log_to_stderr
from host_api.core.programmes import FIRST_PROGRAMME_CODE, Programme
from host_api.core.settings import Settings
from host_api.core.switches.switch_settings import SwitchSettings, configured_switches
from host_api.core.switches.switches_file import SwitchesFault
from host_api.startup import EXIT_CANNOT_START, CannotStart, prepare, read_settings


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How far a rebuild came."""

    events: int
    position: int


async def rebuild(
    settings: Settings,
    on_progress: Callable[[int], None] = lambda position: None,
    *,
    programme: str = FIRST_PROGRAMME_CODE,
) -> RebuildReport:
    """Empty a programme's projection tables and replay its feed from zero until nothing newer is there.

    Parameters:
        on_progress: called with the position after each batch.
        programme: code of the programme.

    Raises:
        CannotStart: there is no such programme or it has no operations URL, or the database can't be used.
        FeedUnavailable: the feed can't be read; nothing has been emptied unless a batch was already applied.
        FeedNotUnderstood: the feed holds an event that this version can't apply.
    """
    try:
        feed = configured_switches(settings).get(programme, SwitchSettings()).feed
    except SwitchesFault as fault:
        raise CannotStart(str(fault)) from None
    if feed is None:
        raise CannotStart(
            f"the programme {programme} has no operations URL (VAFA_HOST_API_OPERATIONS_URL or"
            " …_SWITCHES_FILE); the feed is needed to rebuild"
        )
    database = Database(settings.sqlalchemy_url)
    await prepare(database, settings)
    try:
        async with database.reading() as session:
            programme_id = await session.scalar(select(Programme.id).where(Programme.code == programme))
        if programme_id is None:
            raise CannotStart(f"there is no programme {programme}")
        async with FeedClient(feed.operations_url, feed.token_path) as client:
            return await _replay(database, programme_id, client, on_progress)
    finally:
        await database.dispose()


async def _replay(
    database: Database, programme_id: int, client: FeedClient, on_progress: Callable[[int], None]
) -> RebuildReport:
    await client.poll(0, 0)  # an unreachable feed is found out before the tables are emptied
    from host_api.services.catalogue import projectors  # noqa: PLC0415  (takes seconds)

    parts = projectors()
    await clear_projection(database, programme_id, parts)
    position = applied = 0
    while True:
        events = await client.poll(position, 0)
        if not events:
            return RebuildReport(applied, position)
        try:
            position = await apply_batch(database, programme_id, parts, position, events)
            applied += len(events)
        except PositionMoved:
            async with database.reading(programme_id) as session:
                position = (await read_position(session)).position
        on_progress(position)


def main(programme: str | None = None) -> int:
    """Rebuild with the settings of the environment, by default for the first programme.

    One JSON line on stdout; 2 and one line on stderr when it can't.
    """
    code = programme or FIRST_PROGRAMME_CODE
    log_to_stderr()

    def show(position: int) -> None:
        print(f"\rposition {position}", end="", file=sys.stderr, flush=True)

    try:
        report = asyncio.run(rebuild(read_settings(), show, programme=code))
    except (CannotStart, FeedUnavailable, FeedNotUnderstood) as error:
        print(f"host_api: {error}", file=sys.stderr)
        return EXIT_CANNOT_START
    print(file=sys.stderr)
    print(
        json.dumps(
            {"rebuilt": "host_api", "programme": code, "events": report.events, "position": report.position}
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
