"""The outbox: each record reaches the switch once and in order, whatever happens to replies and processes."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core import outbox
from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings, HostLinkState
from host_api.core.outbox import NumberedRecord, OutboxRow, OutboxState, SubjectKind, SwitchState
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.programmes import FIRST_PROGRAMME
from protocol.dialect import FileName, FileUpdateCode
from protocol.message import Message
from tests.host_api.eventually import eventually
from tests.host_api.fixed_cipher import CIPHER
from tests.host_api.switch_peer import HOST_ID, MASTER_KEY, SwitchPeer

pytestmark = pytest.mark.anyio


@pytest.fixture
def master_key_path(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.write_text(MASTER_KEY.hex() + "\n", "ascii")
    return path


def _quick_backoff() -> Backoff:
    return Backoff(first_s=0.001, limit_s=0.02)


def _worker(
    database: Database, peer: SwitchPeer, master_key_path: Path, *, response_timeout_s: float = 5.0
) -> tuple[OutboxWorker, HostLinkPool]:
    return _worker_at(database, peer.endpoint, master_key_path, response_timeout_s=response_timeout_s)


def _worker_at(
    database: Database,
    endpoint: tuple[str, int],
    master_key_path: Path,
    *,
    response_timeout_s: float = 5.0,
    idle_poll_s: float = 0.05,
) -> tuple[OutboxWorker, HostLinkPool]:
    settings = HostLinkSettings(
        endpoint, HOST_ID, master_key_path, connect_timeout_s=5.0, response_timeout_s=response_timeout_s
    )
    links = HostLinkPool(settings, new_backoff=_quick_backoff)
    worker = OutboxWorker(
        database,
        FIRST_PROGRAMME,
        links,
        lambda: CIPHER,
        new_backoff=_quick_backoff,
        idle_poll_s=idle_poll_s,
    )
    return worker, links


@asynccontextmanager
async def _running(*pairs: tuple[OutboxWorker, HostLinkPool]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for pair in pairs for part in pair]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _enqueue(database: Database, *numbers: int, cards: int = 1000) -> None:
    """A record for each number, of so many cards in turn."""
    for number in numbers:
        async with database.writing(FIRST_PROGRAMME) as session:
            card = number % cards
            record = {"DF20": f"{card:012d}", "DF21": "A", "DF29": f"{number:012d}"}
            sent = NumberedRecord(card, f"9364{card:012d}", record)
            await outbox.enqueue_numbered(session, CIPHER, SubjectKind.CARD, [sent])


def _check_order(peer: SwitchPeer, cards: int) -> None:
    """Each card's records came in order, whatever overtook whatever else."""
    for card in range(cards):
        of_card = [number for number in _references(peer) if number % cards == card]
        assert of_card == sorted(of_card)


async def _rows(database: Database) -> list[OutboxRow]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


async def _wait_until_empty(database: Database, timeout_s: float = 20) -> None:
    async def is_empty() -> bool:
        async with database.reading(FIRST_PROGRAMME) as session:
            return (await outbox.depth(session)).waiting == 0

    await eventually(is_empty, timeout_s)


def _hide(path: Path) -> Path:
    return path.rename(path.with_suffix(".hidden"))


def _unhide(hidden: Path, path: Path) -> None:
    hidden.rename(path)


def _reference(message: Message) -> int:
    return int(message.tag_text(120, "DF29"))


def _references(peer: SwitchPeer) -> list[int]:
    return [int(record.tags["DF29"]) for record in peer.applied]


async def test_records_arrive_in_order_and_the_card_number_is_forgotten(
    database: Database, master_key_path: Path
) -> None:
    async with SwitchPeer() as peer:
        worker, links = _worker(database, peer, master_key_path)
        await _enqueue(database, 1, 2, 3)
        async with _running((worker, links)):
            await _wait_until_empty(database)
            assert links.state is HostLinkState.CONNECTED
    assert _references(peer) == [1, 2, 3]
    assert [record.card_number for record in peer.applied] == [f"9364{number:012d}" for number in (1, 2, 3)]
    rows = await _rows(database)
    assert [(row.state, row.response_code, row.card_number_sealed) for row in rows] == [
        ("done", "00", None)
    ] * 3


async def test_new_record_wakes_the_idle_worker(database: Database, master_key_path: Path) -> None:
    async with SwitchPeer() as peer:
        worker, links = _worker_at(database, peer.endpoint, master_key_path, idle_poll_s=3600)
        async with _running((worker, links)):
            await eventually(lambda: links.state is HostLinkState.CONNECTED)
            await _enqueue(database, 1)
            worker.wake()
            await peer.wait_for(lambda: len(peer.applied) == 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_retry_storm_neither_doubles_nor_reorders(
    database: Database, master_key_path: Path, seed: int
) -> None:
    random_source = random.Random(seed)
    fates = ["serve", "lose", "cut", "forge", "96", "91", "63"]
    weights = [6, 3, 3, 1, 1, 1, 1]
    async with SwitchPeer(fate=lambda count: random_source.choices(fates, weights)[0]) as peer:
        await _enqueue(database, *range(1, 31), cards=7)
        async with _running(_worker(database, peer, master_key_path)):
            await _wait_until_empty(database, 60)
    assert sorted(_references(peer)) == list(range(1, 31))
    _check_order(peer, cards=7)
    assert peer.conflicts == 0
    assert len(peer.received) > 30
    assert len(set(peer.received)) == 30
    assert {row.state for row in await _rows(database)} == {"done"}


async def test_unanswered_record_is_sent_again_after_the_timeout(
    database: Database, master_key_path: Path
) -> None:
    async with SwitchPeer(fate=lambda count: "silent" if count == 1 else "serve") as peer:
        await _enqueue(database, 1, 2)
        async with _running(_worker(database, peer, master_key_path, response_timeout_s=0.2)):
            await _wait_until_empty(database)
    assert _references(peer) == [1, 2]
    assert peer.received[2] == peer.received[0] != peer.received[1]


def _more_received(peer: SwitchPeer) -> Callable[[], bool]:
    """Whether the switch has received anything since now."""
    before = len(peer.received)
    return lambda: len(peer.received) > before


async def test_worker_killed_at_random_points_loses_and_doubles_nothing(
    database: Database, master_key_path: Path
) -> None:
    random_source = random.Random(5)
    async with SwitchPeer(fate=lambda count: "lose" if count % 4 == 0 else "serve") as peer:
        await _enqueue(database, *range(1, 41), cards=9)
        async with asyncio.timeout(60):
            while [row for row in await _rows(database) if row.state == "waiting"]:
                # However slow the machine is, each life sends something.
                has_sent = _more_received(peer)
                async with _running(_worker(database, peer, master_key_path)):
                    await eventually(has_sent)
                    await asyncio.sleep(random_source.uniform(0.0, 0.03))
    assert sorted(_references(peer)) == list(range(1, 41))
    _check_order(peer, cards=9)
    assert len(set(peer.received)) == 40


async def test_two_workers_on_one_database_do_no_harm(database: Database, master_key_path: Path) -> None:
    async with SwitchPeer(fate=lambda count: "lose" if count % 5 == 0 else "serve") as peer:
        await _enqueue(database, *range(1, 21), cards=7)
        async with _running(
            _worker(database, peer, master_key_path), _worker(database, peer, master_key_path)
        ):
            await _wait_until_empty(database)
    assert sorted(_references(peer)) == list(range(1, 21))
    _check_order(peer, cards=7)
    assert peer.conflicts == 0


async def test_refused_record_is_parked_and_the_next_ones_go_on(
    database: Database, master_key_path: Path
) -> None:
    async with SwitchPeer(refuse=lambda message: "25" if _reference(message) == 2 else None) as peer:
        await _enqueue(database, 1, 2, 3)
        async with _running(_worker(database, peer, master_key_path)):
            await _wait_until_empty(database)
    assert _references(peer) == [1, 3]
    async with database.reading(FIRST_PROGRAMME) as session:
        standings = await outbox.standings(session, SubjectKind.CARD, [1, 2, 3, 4])
        depth = await outbox.depth(session)
    assert {number: (entry.state, entry.response_code) for number, entry in standings.items()} == {
        1: (SwitchState.ACTIVE, "00"),
        2: (SwitchState.REFUSED, "25"),
        3: (SwitchState.ACTIVE, "00"),
    }
    assert (depth.waiting, depth.refused) == (0, 1)


async def test_replaced_record_counts_as_arrived(database: Database, master_key_path: Path) -> None:
    async with SwitchPeer(refuse=lambda message: "26") as peer:
        await _enqueue(database, 1)
        async with _running(_worker(database, peer, master_key_path)):
            await _wait_until_empty(database)
    assert [(row.state, row.response_code) for row in await _rows(database)] == [("done", "26")]


async def test_lasting_malfunction_of_one_record_does_not_stop_the_others_for_ever(
    database: Database, master_key_path: Path
) -> None:
    async with SwitchPeer(refuse=lambda message: "96" if _reference(message) == 1 else None) as peer:
        await _enqueue(database, 1, 2)
        async with _running(_worker(database, peer, master_key_path)):
            await _wait_until_empty(database)
    assert [(row.state, row.response_code) for row in await _rows(database)] == [
        ("refused", "96"),
        ("done", "00"),
    ]
    assert (await _rows(database))[0].attempts == 8


async def test_what_depends_on_each_other_waits_and_the_rest_goes_together(
    database: Database, master_key_path: Path
) -> None:
    """No answer comes until the switch has all that may be under way; then it gets the next ones."""
    gate = asyncio.Event()
    async with SwitchPeer(ignore=lambda message: not gate.is_set()) as peer:
        async with database.writing(FIRST_PROGRAMME) as session:
            for member in (1, 2, 3):
                outbox.enqueue(
                    session,
                    subject_kind=SubjectKind.MEMBER,
                    subject_id=member,
                    file_name=FileName.MEMBER,
                    record={"DF20": f"{member:012d}", "DF05": "n", "DF21": "A"},
                )
        await _enqueue(database, 1, 2, 3, 8, 9, cards=7)  # 8 is of the card of 1
        async with database.writing(FIRST_PROGRAMME) as session:
            taken = NumberedRecord(10, f"9364{2:012d}", {}, FileUpdateCode.DELETE)
            await outbox.enqueue_numbered(session, CIPHER, SubjectKind.CARD_CODE, [taken])
        async with _running(_worker(database, peer, master_key_path, response_timeout_s=0.5)):
            await peer.wait_for(lambda: len(peer.received) == 3)
            assert {message.text(101).strip() for message in peer.messages} == {"MEMBER"}
            gate.set()
            await _wait_until_empty(database)
    cards = [(record.card_number or "")[-1] for record in peer.applied[3:]]
    # The first three together, then 8 and 9, and what takes 9's number last of all.
    assert sorted(cards[:3]) == ["1", "2", "3"]
    assert (sorted(cards[3:5]), cards[5]) == (["1", "2"], "2")
    rows = await _rows(database)
    assert {row.state for row in rows} == {"done"}
    # What the switch was silent about was counted, and one transaction closed each lot.
    assert [row.attempts for row in rows[:3]] == [2, 2, 2]
    assert len({row.finished_at for row in rows[3:6]}) == 1


async def test_record_that_is_no_message_is_parked(database: Database, master_key_path: Path) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        outbox.enqueue(
            session,
            subject_kind=SubjectKind.MEMBER,
            subject_id=1,
            file_name=FileName.MEMBER,
            record={"DF20": "not digits"},
        )
    await _enqueue(database, 2)
    async with SwitchPeer() as peer, _running(_worker(database, peer, master_key_path)):
        await _wait_until_empty(database)
    assert [row.state for row in await _rows(database)] == ["refused", "done"]


@pytest.mark.parametrize("code", ["58", "63"])
async def test_refused_sign_on_is_told_and_tried_again(
    database: Database, master_key_path: Path, code: str
) -> None:
    async with SwitchPeer(sign_on_code=code) as peer:
        await _enqueue(database, 1)
        worker, links = _worker(database, peer, master_key_path)
        async with _running((worker, links)):
            await eventually(lambda: peer.sign_ons >= 3)
            assert worker.last_error is not None
            assert code in worker.last_error
            peer.sign_on_code = "00"
            await _wait_until_empty(database)
            await eventually(lambda: worker.last_error is None)


async def test_missing_key_and_missing_switch_are_told_and_survived(
    database: Database, master_key_path: Path
) -> None:
    peer = SwitchPeer()
    await peer.start()
    endpoint = peer.endpoint
    await peer.stop()
    worker, links = _worker_at(database, endpoint, master_key_path)
    hidden = _hide(master_key_path)
    await _enqueue(database, 1)

    async with _running((worker, links)):
        await eventually(lambda: "master key file" in (worker.last_error or ""))
        _unhide(hidden, master_key_path)
        await eventually(lambda: "no connection to the switch" in (worker.last_error or ""))
        revived = SwitchPeer()
        await revived.start(endpoint[1])
        await _wait_until_empty(database)
    await revived.stop()
    assert _references(revived) == [1]


def test_identity_of_a_message_comes_from_its_row() -> None:
    from datetime import UTC, datetime

    row = OutboxRow(id=1, sent_at=datetime(2026, 3, 21, 6, 31, 12, tzinfo=UTC))
    assert (row.stan, row.transmitted_at) == ("000001", "0321063112")
    assert OutboxRow(id=300_000).stan == "300000"
    assert OutboxRow(id=300_001).stan == "000001"


async def test_a_message_that_the_switch_may_have_forgotten_goes_out_as_a_new_one(
    database: Database, master_key_path: Path
) -> None:
    async with SwitchPeer(fate=lambda count: "94" if count == 1 else "serve") as peer:
        await _enqueue(database, 1, 2)
        async with _running(_worker(database, peer, master_key_path)):
            await _wait_until_empty(database)
    assert sorted(_references(peer)) == [1, 2]
    assert {row.state for row in await _rows(database)} == {"done"}


async def test_closed_row_keeps_its_answer(database: Database) -> None:
    await _enqueue(database, 1)
    async with database.writing(FIRST_PROGRAMME) as session:
        await outbox.finish(session, [1], OutboxState.DONE, "00")
    async with database.writing(FIRST_PROGRAMME) as session:
        await outbox.finish(session, [1], OutboxState.REFUSED, "96")
    assert [(row.state, row.response_code) for row in await _rows(database)] == [("done", "00")]


def test_backoff_is_bounded_and_starts_again() -> None:
    backoff = Backoff(first_s=0.1, limit_s=2.0)
    delays = [backoff.next_delay_s() for _ in range(200)]
    assert 0.05 <= delays[0] <= 0.1
    assert max(delays) <= 2.0
    assert len(set(delays[10:])) > 1
    backoff.reset()
    assert backoff.next_delay_s() <= 0.1
