"""Each transaction of the feed is told once as an event, also when the projection is built anew."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select, text

from host_api.core import schema_migration
from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.events.publication import publish
from host_api.core.feed_position import PositionMoved
from host_api.core.feed_projection import FeedProjection, FeedSettings, apply_batch, clear_projection
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import TOKEN, FeedPeer, lot, maintenance, transaction

pytestmark = pytest.mark.anyio

LINES = [
    maintenance(position, lot("member:1", -5)) if position % 7 == 0 else transaction(position)
    for position in range(1, 61)
]
TOLD = [position for position in range(1, 61) if position % 7]


async def _told(database: Database) -> list[int]:
    """Journal positions of the events, in the order of the events."""
    async with database.writing(FIRST_PROGRAMME) as session:
        await publish(session, 1000)
    async with database.reading(FIRST_PROGRAMME) as session:
        payloads = await session.scalars(select(Event.payload).order_by(Event.sequence))
        return [int(str(payload["position"])) for payload in payloads]


async def _apply(database: Database, expected: int, lines: list[dict[str, object]]) -> int:
    events = [FEED_EVENT.validate_python(line) for line in lines]
    return await apply_batch(database, FIRST_PROGRAMME, projectors(), expected, events)


async def test_a_rebuild_tells_nothing_again_and_goes_on_where_telling_stopped(database: Database) -> None:
    position = 0
    for first in range(0, 40, 8):
        position = await _apply(database, position, LINES[first : first + 8])
    assert await _told(database) == [number for number in TOLD if number <= 40]
    await clear_projection(database, FIRST_PROGRAMME, projectors())
    # Other batches than before, one of them across the mark.
    position = 0
    for first in range(0, 60, 7):
        position = await _apply(database, position, LINES[first : first + 7])
    assert await _told(database) == TOLD


async def test_what_is_told_is_what_the_feed_says(database: Database) -> None:
    await _apply(database, 0, [transaction(3, response_code="51", merchant_id="ما")])
    await _told(database)
    async with database.reading(FIRST_PROGRAMME) as session:
        event = (await session.scalars(select(Event))).one()
    assert (event.type, event.subject_kind, event.subject_id) == (
        "transaction.recorded",
        "transaction",
        "000000000003",
    )
    wanted = {"approved": False, "response_code": "51", "operation": "purchase", "member_id": 12}
    assert wanted.items() <= event.payload.items()
    assert event.payload["merchant_id"] == "ما"  # whatever the feed has, the projection goes on


async def test_two_batches_of_the_same_tell_once(database: Database) -> None:
    async def try_batch() -> None:
        with suppress(PositionMoved):
            await _apply(database, 0, LINES[:20])

    await asyncio.gather(*(try_batch() for _ in range(4)))
    assert await _told(database) == [number for number in TOLD if number <= 20]


async def test_killed_and_rebuilt_at_random_points_tells_everything_once(
    database: Database, tmp_path: Path
) -> None:
    source = random.Random(9)
    token_path = tmp_path / "feed.token"
    await asyncio.to_thread(token_path.write_text, TOKEN, "ascii")
    async with FeedPeer(LINES, batch=5) as peer:
        settings = FeedSettings(peer.url, token_path)
        for life in range(12):
            projection = FeedProjection(
                database,
                FIRST_PROGRAMME,
                projectors(),
                settings,
                new_backoff=lambda: Backoff(0.001, 0.02),
                long_poll_ms=100,
            )
            polls = peer.polls + source.randint(1, 5)
            task = asyncio.create_task(projection.run())

            async def is_enough(polls: int = polls, last: bool = life == 11) -> bool:
                return await _told(database) == TOLD if last else peer.polls >= polls

            await eventually(is_enough)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if life % 4 == 2:
                await clear_projection(database, FIRST_PROGRAMME, projectors())
    assert await _told(database) == TOLD


async def test_what_was_projected_before_there_were_events_is_not_told(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(Settings(database_url=database_url, var_directory=tmp_path / "var").sqlalchemy_url)
    async with database.migrating() as connection:
        await connection.run_sync(schema_migration.upgrade, "0003")
        await connection.execute(text("UPDATE feed_position SET position = 40, last_event_at_ms = 5"))
    async with database.migrating() as connection:
        await connection.run_sync(schema_migration.upgrade, "head")
    # A later revision has the journal read from its beginning; what lies before the mark stays untold.
    await _apply(database, 0, LINES)
    assert await _told(database) == [number for number in TOLD if number > 40]
    await database.dispose()
