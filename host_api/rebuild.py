"""Builds the projection anew from the journal's beginning: ``python -m host_api.rebuild``.

A host API that serves meanwhile may go on: both move the position only from where they found it, so each
event is applied once, by whoever comes first.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from host_api.core.database import Database
from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable
from host_api.core.feed_position import PositionMoved, read_position
from host_api.core.feed_projection import apply_batch, clear_projection
from host_api.core.logs import log_to_stderr
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.server import EXIT_CANNOT_START, CannotStart, prepare, read_settings
from host_api.services.catalogue import projectors


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How far a rebuild came."""

    events: int
    position: int


async def rebuild(
    settings: Settings, on_progress: Callable[[int], None] = lambda position: None
) -> RebuildReport:
    """Empty the projection tables and replay the feed from zero until nothing newer is there.

    Parameters:
        on_progress: called with the position after each batch.

    Raises:
        CannotStart: no operations URL is set, or the database can't be used.
        FeedUnavailable: the feed can't be read; nothing has been emptied unless a batch was already applied.
        FeedNotUnderstood: the feed holds an event that this version can't apply.
    """
    if settings.operations_url is None:
        raise CannotStart("VAFA_HOST_API_OPERATIONS_URL is not set; the feed is needed to rebuild")
    database = Database(settings.sqlalchemy_url)
    await prepare(database, settings)
    try:
        async with FeedClient(settings.operations_url, settings.feed_token_path) as client:
            return await _replay(database, client, on_progress)
    finally:
        await database.dispose()


async def _replay(
    database: Database, client: FeedClient, on_progress: Callable[[int], None]
) -> RebuildReport:
    parts = projectors()
    await client.poll(0, 0)  # an unreachable feed is found out before the tables are emptied
    await clear_projection(database, FIRST_PROGRAMME, parts)
    position = applied = 0
    while True:
        events = await client.poll(position, 0)
        if not events:
            return RebuildReport(applied, position)
        try:
            position = await apply_batch(database, FIRST_PROGRAMME, parts, position, events)
            applied += len(events)
        except PositionMoved:
            async with database.reading(FIRST_PROGRAMME) as session:
                position = (await read_position(session)).position
        on_progress(position)


def main() -> int:
    """Rebuild with the settings of the environment; one JSON line on stdout, 2 when it can't."""
    log_to_stderr()

    def show(position: int) -> None:
        print(f"\rposition {position}", end="", file=sys.stderr, flush=True)

    try:
        report = asyncio.run(rebuild(read_settings(), show))
    except (CannotStart, FeedUnavailable, FeedNotUnderstood) as error:
        print(f"host_api: {error}", file=sys.stderr)
        return EXIT_CANNOT_START
    print(file=sys.stderr)
    print(json.dumps({"rebuilt": "host_api", "events": report.events, "position": report.position}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
