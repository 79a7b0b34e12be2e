"""The projection: every event exactly once, whoever kills it; the same rows after a rebuild."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Table, select, text

from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable, parse_lines
from host_api.core.feed_position import PositionMoved, read_position
from host_api.core.feed_projection import FeedProjection, FeedSettings, FeedState, apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from host_api.rebuild import rebuild
from host_api.services.catalogue import projectors
from host_api.services.transactions.models import Balance, Lot, Transaction, TransactionGrant, Transfer
from protocol.feed import FEED_EVENT, NEVER_S
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import TOKEN, FeedPeer, grant, lot, maintenance, transaction

pytestmark = pytest.mark.anyio

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def token_path(tmp_path: Path) -> Path:
    path = tmp_path / "feed.token"
    path.write_text(TOKEN + "\n", "ascii")
    return path


def _history(count: int) -> list[dict[str, object]]:
    """Purchases of five members, some declined, some reversed, with other events between."""
    random_source = random.Random(7)
    points = dict.fromkeys(range(1, 6), 0)
    lines: list[dict[str, object]] = []
    position = 0
    last_sale: dict[int, str] = {}
    for _ in range(count):
        position += random_source.choice([1, 1, 2])
        member = random_source.randint(1, 5)
        kind = random_source.random()
        if kind < 0.1:
            lines.append(
                {
                    "version": 3,
                    "position": position,
                    "kind": "file",
                    "at_ms": 5,
                    "file": "CARD",
                    "action": "1",
                }
                | {"response_code": "00"}
            )
        elif kind < 0.15:
            lines.append(
                {"version": 3, "position": position, "kind": "rule_table", "at_ms": 5, "table_version": 2}
                | {"digest": "ab" * 32}
            )
        elif kind < 0.2 and points[member] > 0:
            points[member] -= 50
            lines.append(
                maintenance(position, lot(f"member:{member}", -50), lot("gift_card:7", 10, purse="gift"))
            )
        elif kind < 0.25:
            lines.append(transaction(position, member=None, response_code="14"))
        elif kind < 0.4 and member in last_sale:
            points[member] -= 250
            lines.append(
                transaction(
                    position,
                    member=member,
                    points=points[member],
                    mti="0400",
                    reverses=last_sale.pop(member),
                    lots=[lot(f"member:{member}", -250)],
                    grants=[],
                )
            )
        else:
            points[member] += 250
            last_sale[member] = f"{position:012d}"
            lines.append(transaction(position, member=member, points=points[member]))
    return lines


async def _all_rows(database: Database) -> Rows:
    rows: Rows = {}
    async with database.reading(FIRST_PROGRAMME) as session:
        for model in (Transaction, Transfer, TransactionGrant, Lot, Balance):
            table = model.__table__
            assert isinstance(table, Table)
            result = await session.execute(select(table).order_by(*table.primary_key.columns))
            rows[table.name] = [tuple(map(str, row)) for row in result]
        position = await read_position(session)
        rows["position"] = [(position.position, position.last_event_at_ms)]
    return rows


def _projection(
    database: Database, peer: FeedPeer, token_path: Path, *, long_poll_ms: int = 200
) -> FeedProjection:
    return FeedProjection(
        database,
        FIRST_PROGRAMME,
        projectors(),
        FeedSettings(peer.url, token_path),
        new_backoff=lambda: Backoff(0.001, 0.02),
        long_poll_ms=long_poll_ms,
    )


@asynccontextmanager
async def _running(*projections: FeedProjection) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(projection.run()) for projection in projections]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_position(database: Database, position: int, timeout_s: float = 30) -> None:
    async def is_there() -> bool:
        return await _position(database) >= position

    await eventually(is_there, timeout_s)


async def _position(database: Database) -> int:
    async with database.reading(FIRST_PROGRAMME) as session:
        return (await read_position(session)).position


async def _until_polls(peer: FeedPeer, polls: int) -> None:
    await eventually(lambda: peer.polls >= polls)


def _write_token(path: Path, token: str) -> None:
    path.write_text(token, "ascii")


async def _reference_rows(database: Database, lines: list[dict[str, object]]) -> Rows:
    """What the lines give when they are applied one at a time."""
    position = 0
    for line in lines:
        position = await apply_batch(
            database, FIRST_PROGRAMME, projectors(), position, [FEED_EVENT.validate_python(line)]
        )
    return await _all_rows(database)


@pytest.fixture(scope="module")
async def expected(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Rows of `_history(120)` on a database of their own."""
    tmp_path = tmp_path_factory.mktemp("expected")
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'expected'}", var_directory=tmp_path / "expected-var"
    )
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    rows = await _reference_rows(database, _history(120))
    await database.dispose()
    return rows


async def test_killed_at_random_points_applies_everything_once(
    database: Database, token_path: Path, expected: Rows
) -> None:
    lines = _history(120)
    last = int(str(lines[-1]["position"]))
    random_source = random.Random(11)
    kills = reached = 0
    async with FeedPeer(lines, batch=2) as peer, asyncio.timeout(120):
        while reached != last:
            # However slow the machine is: who asks for a second batch has applied a first one.
            polls = peer.polls + random_source.randint(1, 8)
            # A process that is killed leaves no connection behind.
            own = Database(database.url)
            async with _running(_projection(own, peer, token_path)):
                await _until_polls(peer, polls)
                await asyncio.sleep(random_source.uniform(0.0, 0.02))
            await own.dispose()
            kills += 1
            reached = await _position(database)
    assert kills > 3
    assert await _all_rows(database) == expected


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_size_of_batches_does_not_matter(
    database: Database, token_path: Path, expected: Rows, batch: int
) -> None:
    lines = _history(120)
    async with FeedPeer(lines, batch=batch) as peer, _running(_projection(database, peer, token_path)):
        await _until_position(database, int(str(lines[-1]["position"])))
    assert await _all_rows(database) == expected


async def test_two_projectors_do_not_double_apply(
    database: Database, token_path: Path, expected: Rows
) -> None:
    lines = _history(120)
    async with FeedPeer(lines, batch=2) as peer:
        projections = [_projection(database, peer, token_path) for _ in range(3)]
        async with _running(*projections):
            await _until_position(database, int(str(lines[-1]["position"])))
    assert await _all_rows(database) == expected


async def test_batch_read_elsewhere_is_refused_whole(database: Database) -> None:
    events = [FEED_EVENT.validate_python(transaction(position)) for position in (1, 2)]
    assert await apply_batch(database, FIRST_PROGRAMME, projectors(), 0, events) == 2
    before = await _all_rows(database)
    with pytest.raises(PositionMoved):
        await apply_batch(database, FIRST_PROGRAMME, projectors(), 0, events)
    assert await _all_rows(database) == before


async def test_failing_batch_leaves_nothing(database: Database) -> None:
    class Broken:
        async def apply(self, session: object, events: object) -> None:
            raise ZeroDivisionError

        async def clear(self, session: object) -> None: ...

    before = await _all_rows(database)
    with pytest.raises(ZeroDivisionError):
        await apply_batch(
            database,
            FIRST_PROGRAMME,
            [*projectors(), Broken()],
            0,
            [FEED_EVENT.validate_python(transaction(1, points=250))],
        )
    assert await _all_rows(database) == before


async def _lots(database: Database) -> dict[tuple[str, str, int, int], int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(Lot))
        return {(row.account, row.purse, row.available_from_s, row.expires_at_s): row.amount for row in rows}


async def test_lots_of_everyone_move_by_whatever_moves_them(database: Database) -> None:
    lines = [
        transaction(
            1, member=1, lots=[lot("member:1", 300, expires_at_s=2_000_000_000), lot("member:2", 25)]
        ),
        transaction(
            2, member=1, lots=[lot("member:1", -100, expires_at_s=2_000_000_000), lot("member:2", 100)]
        ),
        maintenance(
            3, lot("member:1", -200, expires_at_s=2_000_000_000), lot("household:4", 7, purse="coins")
        ),
        transaction(4, member=2, lots=[lot("member:2", -40, available_from_s=0, expires_at_s=0)]),
    ]
    await apply_batch(
        database, FIRST_PROGRAMME, projectors(), 0, [FEED_EVENT.validate_python(line) for line in lines]
    )
    assert await _lots(database) == {
        ("member:2", "points", 0, NEVER_S): 125,
        ("member:2", "points", 0, 0): -40,
        ("household:4", "coins", 0, NEVER_S): 7,
    }
    async with database.reading(FIRST_PROGRAMME) as session:
        balances = {(row.account, row.purse): row.position for row in await session.scalars(select(Balance))}
    assert balances == {("member:1", "points"): 3, ("member:2", "points"): 4, ("household:4", "coins"): 3}


async def test_more_accounts_than_a_statement_may_name(database: Database) -> None:
    lots = [lot(f"member:{number}", 1) for number in range(1, 1202)]
    for position in (1, 2):
        event = FEED_EVENT.validate_python(maintenance(position, *lots))
        await apply_batch(database, FIRST_PROGRAMME, projectors(), position - 1, [event])
    assert set((await _lots(database)).values()) == {2}
    assert len(await _lots(database)) == 1201


async def test_grants_are_kept_in_their_order(database: Database) -> None:
    discount = grant("member:12", 100, rule="D-1", type="discount", purse=None, desired=500, reason="bill")
    event = FEED_EVENT.validate_python(transaction(1, grants=[discount, grant("member:12")]))
    await apply_batch(database, FIRST_PROGRAMME, projectors(), 0, [event])
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(TransactionGrant).order_by(TransactionGrant.sequence))
        found = [(row.rule, row.type, row.purse, row.desired, row.granted, row.reason) for row in rows]
    assert found == [
        ("D-1", "discount", None, 500, 100, "bill"),
        ("EARN-01", "earn", "points", 250, 250, "granted"),
    ]


async def test_rebuild_gives_the_same_rows(
    database: Database, settings: Settings, token_path: Path, expected: Rows
) -> None:
    lines = _history(120)
    last = int(str(lines[-1]["position"]))
    async with FeedPeer(lines, batch=50) as peer:
        async with _running(_projection(database, peer, token_path)):
            await _until_position(database, last)
        async with database.writing(FIRST_PROGRAMME) as session:
            await session.execute(text("UPDATE lots SET amount = amount + 1"))
            await session.execute(text("DELETE FROM transfers"))
        positions: list[int] = []
        report = await rebuild(
            settings.model_copy(update={"operations_url": peer.url, "feed_token_file": token_path}),
            positions.append,
        )
    assert (report.events, report.position) == (len(lines), last)
    assert positions == sorted(positions)
    assert await _all_rows(database) == expected


async def test_rebuild_while_a_projector_follows(
    database: Database, settings: Settings, token_path: Path, expected: Rows
) -> None:
    lines = _history(120)
    last = int(str(lines[-1]["position"]))
    rebuild_settings = settings.model_copy(update={"feed_token_file": token_path})
    async with FeedPeer(lines, batch=4) as peer:
        projection = _projection(database, peer, token_path, long_poll_ms=20)
        async with _running(projection):
            await _until_position(database, last // 2)
            await rebuild(rebuild_settings.model_copy(update={"operations_url": peer.url}))
            await _until_position(database, last)
    assert await _all_rows(database) == expected


async def test_rebuild_without_a_feed_empties_nothing(
    database: Database, settings: Settings, token_path: Path
) -> None:
    await apply_batch(
        database, FIRST_PROGRAMME, projectors(), 0, [FEED_EVENT.validate_python(transaction(1))]
    )
    before = await _all_rows(database)
    async with FeedPeer() as peer:
        gone = peer.url
    with pytest.raises(FeedUnavailable):
        await rebuild(settings.model_copy(update={"operations_url": gone, "feed_token_file": token_path}))
    assert await _all_rows(database) == before


async def test_unknown_version_stops_the_projection(database: Database, token_path: Path) -> None:
    lines = [transaction(1, points=250), transaction(2, version=4), transaction(3, points=500)]
    async with FeedPeer(lines, batch=1) as peer:
        projection = _projection(database, peer, token_path)
        await asyncio.wait_for(projection.run(), 60)
    assert projection.state is FeedState.STOPPED
    assert projection.last_error is not None
    assert "version 4" in projection.last_error
    rows = await _all_rows(database)
    assert rows["position"][0][0] == 1
    assert len(rows["transactions"]) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"not json", "not JSON"),
        (b'{"position":8}', "version missing"),
        (b'{"version":true,"position":8}', "version"),
        (b'{"version":3,"position":8,"kind":"coupon","at_ms":1}', "malformed"),
        (
            b'{"version":3,"position":7,"kind":"file","at_ms":1,"file":"CARD","action":"1","response_code":"00"}',
            "back",
        ),
    ],
)
def test_what_is_not_understood_is_named(line: bytes, words: str) -> None:
    with pytest.raises(FeedNotUnderstood, match=words):
        parse_lines([line], 7)


async def test_long_poll_brings_news_at_once_and_the_lag_is_told(
    database: Database, token_path: Path
) -> None:
    async with FeedPeer() as peer:
        projection = _projection(database, peer, token_path, long_poll_ms=30_000)
        async with _running(projection):
            await eventually(lambda: projection.state is FeedState.FOLLOWING and peer.polls == 2)
            assert projection.lag_ms(None) == 0
            await peer.add(transaction(1, points=250))
            await _until_position(database, 1, timeout_s=5)
            assert projection.seconds_since_contact is not None


async def test_wrong_token_is_told_and_a_new_one_taken_up(database: Database, token_path: Path) -> None:
    _write_token(token_path, "wrong")
    async with FeedPeer([transaction(1)]) as peer:
        projection = _projection(database, peer, token_path)
        async with _running(projection):
            await eventually(lambda: "401" in (projection.last_error or ""))
            _write_token(token_path, TOKEN)
            await _until_position(database, 1)
            await eventually(lambda: projection.last_error is None)


async def test_client_bounds_and_orders_what_it_reads(token_path: Path) -> None:
    async with FeedPeer(_history(20)) as peer, FeedClient(peer.url, token_path) as client:
        events = await client.poll(0, 0)
        assert [event.position for event in events] == [line["position"] for line in peer.lines]
        assert await client.poll(events[-1].position, 0) == []
