"""Each movement comes about once or not at all, and its service hears which, whatever happens on the way."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core import outbox
from host_api.core.audit import AuditEntry
from host_api.core.database import Database
from host_api.core.ledger import movements
from host_api.core.ledger.bank import (
    MOST_WISHES,
    ReferenceUsedOtherwise,
    Wish,
    request_many,
    request_points,
)
from host_api.core.ledger.movements import credit, debit, release, transfer
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.outbox import SubjectKind
from host_api.core.programmes import FIRST_PROGRAMME
from protocol.dialect import FileName
from protocol.message import Message
from tests.host_api.core.ledger_bench import CALLER, LedgerBench
from tests.host_api.eventually import eventually
from tests.host_api.switch_peer import CLUB_TERMINAL, SwitchPeer

pytestmark = pytest.mark.anyio

MEMBER, OTHER = 12, 13


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
def bench(database: Database, tmp_path: Path, peer: SwitchPeer) -> LedgerBench:
    return LedgerBench(database, tmp_path, peer.endpoint)


def _has_received_more(peer: SwitchPeer) -> Callable[[], bool]:
    before = len(peer.received)
    return lambda: len(peer.received) > before


async def _until_fewer(left: Callable[[], Awaitable[int]], before: int) -> None:
    async def are_fewer() -> bool:
        return await left() < before

    await eventually(are_fewer)


async def _check(bench: LedgerBench, peer: SwitchPeer) -> None:
    """Bank of requests, switch and service agree."""
    rows = await bench.rows()
    assert {row.state for row in rows} <= {"approved", "declined", "reversed"}
    assert await bench.books() == {row.id: row.state for row in rows}
    assert sorted(posted.rrn for posted in peer.standing) == sorted(
        row.rrn or "" for row in rows if row.state == "approved"
    )
    assert peer.conflicts == 0


async def test_an_approved_movement_is_told_with_its_balances(bench: LedgerBench, peer: SwitchPeer) -> None:
    life = bench.life()
    async with bench.running(life):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "complaint: missing"))
        outcome = await life.board.outcome(FIRST_PROGRAMME, request_id, 20)
    assert outcome is not None
    assert (outcome.state, outcome.response_code, outcome.amount) == (RequestState.APPROVED, "00", 500)
    assert (outcome.balances, outcome.member_id) == ({"91": 500}, MEMBER)
    assert outcome.told == {"DF07": "00000001"}  # nothing personal is kept
    row = await bench.row(request_id)
    assert (row.rrn, row.attempts, row.next_attempt_at) == (outcome.rrn, 1, None)
    assert [record.tags["DF28"] for record in peer.applied] == [CLUB_TERMINAL]
    await _check(bench, peer)


async def test_what_the_service_does_with_an_outcome_is_audited(bench: LedgerBench) -> None:
    async with bench.running(bench.life()):
        await bench.ask(credit(MEMBER, 91, 500, "r"))
        await bench.all_over()
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry)))
    assert [(entry.table_name, entry.caller_name) for entry in entries] == [("merchants", "ledger")]


async def test_a_declined_movement_ends_without_a_reversal(bench: LedgerBench, peer: SwitchPeer) -> None:
    async with bench.running(bench.life()):
        request_id = await bench.ask(debit(MEMBER, 91, 500, "r"))
        await bench.all_over()
    row = await bench.row(request_id)
    assert (row.state, row.response_code, row.reversal_at) == ("declined", "51", None)
    await _check(bench, peer)


async def test_a_card_number_is_forgotten_when_all_is_over(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.refuse = lambda message: "14" if message.mti == "0200" else None
    number = "6280000000000017"
    async with bench.running(bench.life()):
        request_id = await bench.ask(movements.load(96, 5, merchant_id="SHOP1", card_number=number))
        assert number.encode() not in ((await bench.row(request_id)).card_number_sealed or number.encode())
        await bench.all_over()
    assert (await bench.row(request_id)).card_number_sealed is None
    assert [message.text(2) for message in peer.messages if message.mti == "0200"] == [number]


async def test_a_storm_of_lost_replies_neither_loses_nor_doubles(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    source = random.Random(1)
    fates = ["serve", "lose", "cut", "forge", "96", "91", "63", "late"]
    peer.fate = lambda count: source.choices(fates, [10, 2, 2, 1, 1, 1, 1, 2])[0]
    async with bench.running(bench.life()):
        for number in range(12):
            await bench.ask(credit(MEMBER + number % 3, 91, 100 + number, "r"))
            await bench.ask(
                transfer(MEMBER + number % 3, OTHER, 91, 10) if number % 3 else debit(99, 91, 1, "r")
            )
        await bench.all_over()
    await _check(bench, peer)
    assert len(peer.received) > len(set(peer.received))


async def test_two_processes_at_once_do_no_harm(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.fate = lambda count: "lose" if count % 7 == 0 else "serve"
    async with bench.running(bench.life(), bench.life()):
        for number in range(24):
            await bench.ask(credit(MEMBER, 91, 1 + number, "r"))
        await bench.all_over()
    await _check(bench, peer)
    assert peer.balances[MEMBER] == sum(range(1, 25))


async def test_killed_at_random_points_nothing_is_lost_or_doubled(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    source = random.Random(5)
    peer.fate = lambda count: "lose" if count % 5 == 0 else "serve"
    bench.response_timeout_s = 0.2
    for number in range(24):
        await bench.ask(credit(MEMBER, 91, 1 + number, "r"), patience_s=None)

    async def left() -> int:
        return sum(RequestState(row.state).is_open for row in await bench.rows())

    async with asyncio.timeout(60):
        life = 0
        while before := await left():
            life += 1
            async with bench.running(bench.life()):
                if life % 2:
                    await peer.wait_for(_has_received_more(peer))
                else:  # however slow the machine is, something comes to an end
                    await _until_fewer(left, before)
                await asyncio.sleep(source.uniform(0.0, 0.03))
    await _check(bench, peer)
    assert {row.state for row in await bench.rows()} == {"approved"}
    assert peer.balances[MEMBER] == sum(range(1, 25))


async def test_what_is_not_answered_in_time_is_taken_back(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.fate = lambda count: "silent" if peer.messages[-1].mti[:3] == "020" else "serve"
    bench.response_timeout_s = 0.1
    async with bench.running(bench.life()):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"), patience_s=1.5)
        await bench.all_over()
    row = await bench.row(request_id)
    assert (row.state, row.response_code, row.reversal_code) == ("reversed", None, "00")
    assert row.rrn == next(iter(peer.posted.values())).rrn  # the reversal told which one it undid
    assert peer.balances[MEMBER] == 0
    assert {message.mti for message in peer.messages} >= {"0200", "0201", "0400"}
    await _check(bench, peer)


async def test_a_reversal_is_repeated_until_it_is_acknowledged(bench: LedgerBench, peer: SwitchPeer) -> None:
    fates = iter(["lose", "91", "cut", "63", "silent", "96"])
    peer.ignore = lambda message: message.mti[:3] == "020"
    peer.fate = lambda count: next(fates, "serve") if peer.messages[-1].mti[:3] == "040" else "serve"
    bench.response_timeout_s = 0.1
    async with bench.running(bench.life()):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"), patience_s=1.2)
        await bench.all_over()
    row = await bench.row(request_id)
    assert (row.state, row.rrn, row.reversal_attempts) == ("reversed", None, 7)
    assert len({(m.text(11), m.text(7)) for m in peer.messages if m.mti[:3] == "040"}) == 1
    await _check(bench, peer)


async def test_a_reversal_that_can_not_be_had_is_doubtful_and_told(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    peer.ignore = lambda message: message.mti[:3] == "020"
    peer.refuse = lambda message: "25" if message.mti == "0400" else None
    bench.response_timeout_s = 0.1
    async with bench.running(bench.life()):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"), patience_s=1.2)
        await bench.all_over()
    assert await bench.books() == {request_id: "doubtful"}


async def test_what_never_left_in_its_time_was_never_made(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.sign_on_code = "91"
    life = bench.life()
    async with bench.running(life):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"), patience_s=0.1)
        outcome = await life.board.outcome(FIRST_PROGRAMME, request_id, 20)
        assert outcome is not None
        assert (outcome.state, outcome.response_code) == (RequestState.DECLINED, None)
        peer.sign_on_code = "00"
        await eventually(lambda: len(peer.applied) == 1)
    assert [message.mti[:3] for message in peer.messages] == ["030"]


async def test_a_release_is_repeated_for_ever_since_it_can_not_be_taken_back(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    peer.fate = lambda count: "cut" if count < 12 else "serve"
    async with bench.running(bench.life()):
        request_id = await bench.ask(release(MEMBER, "000000000017"), patience_s=0.01)
        await bench.all_over()
    row = await bench.row(request_id)
    assert (row.state, row.deadline_at, row.reversal_at) == ("approved", None, None)


async def test_a_movement_follows_the_records_that_were_made_before_it(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    fates = iter(["96"] * 4)
    peer.fate = lambda count: next(fates, "serve")
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        outbox.enqueue(
            session,
            subject_kind=SubjectKind.MEMBER,
            subject_id=MEMBER,
            file_name=FileName.MEMBER,
            record={"DF20": f"{MEMBER:012d}", "DF21": "A"},
        )
    await bench.ask(credit(MEMBER, 91, 500, "r"))
    async with bench.running(bench.life()):
        await bench.all_over()
    kinds = [message.mti for message in peer.messages]
    assert kinds.index("0200") == len(kinds) - 1
    assert [record.file for record in peer.applied] == ["MEMBER", "TERMINAL"]


async def test_a_service_that_fails_hears_the_outcome_again(bench: LedgerBench, peer: SwitchPeer) -> None:
    bench.bookkeeper.failures = 1
    life = bench.life()
    async with bench.running(life):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"))
        await eventually(lambda: bench.bookkeeper.failures == 0)
        assert await bench.books() == {}
        # It would be told in fifteen seconds.
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            row = await session.get_one(type(await bench.row(request_id)), request_id)
            row.next_attempt_at = row.created_at
        await bench.all_over()
    await _check(bench, peer)
    assert peer.balances[MEMBER] == 500


async def test_one_outcome_that_fails_holds_up_none_of_those_that_came_with_it(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    ids = await bench.ask_many([credit(MEMBER, 91, 1 + number, "r") for number in range(12)])
    bench.bookkeeper.refused = {ids[5]}
    async with bench.running(bench.life()):
        await eventually(lambda: len(bench.bookkeeper.heard) >= 11)
        bench.bookkeeper.refused = set()
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            row = await session.get_one(LedgerRequest, ids[5])
            if row.next_attempt_at is not None:  # it would be told in fifteen seconds
                assert row.state == "sent"
                row.next_attempt_at = row.created_at
        await bench.all_over()
    await _check(bench, peer)
    assert peer.balances == {MEMBER: sum(range(1, 13))}


async def test_outcomes_that_come_together_are_told_together(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.ignore = lambda message: message.mti == "0200" and len(peer.messages) < 17
    ids = await bench.ask_many([credit(MEMBER, 91, 1, "r") for _ in range(16)])
    async with bench.running(bench.life()):
        await bench.all_over()
    assert max(len(heard) for heard in bench.bookkeeper.heard_together) > 1
    assert sorted(bench.bookkeeper.heard) == ids
    await _check(bench, peer)


async def test_a_bulk_through_a_storm_and_killed_processes_is_made_once(
    bench: LedgerBench, peer: SwitchPeer
) -> None:
    source = random.Random(11)
    fates = ["serve", "lose", "cut", "forge", "96", "late"]
    peer.fate = lambda count: source.choices(fates, [12, 2, 2, 1, 1, 2])[0]
    bench.response_timeout_s = 0.2
    given = [credit(MEMBER + number % 3, 91, 1 + number, "r") for number in range(40)]
    await bench.ask_many(given, patience_s=None)

    async def left() -> int:
        return sum(RequestState(row.state).is_open for row in await bench.rows())

    async with asyncio.timeout(60):
        while before := await left():
            async with bench.running(bench.life(), bench.life()):
                await _until_fewer(left, before)
    await _check(bench, peer)
    assert sum(peer.balances.values()) == sum(range(1, 41))


async def test_a_bulk_asks_what_is_new_of_it_in_its_order(bench: LedgerBench) -> None:
    first = await bench.ask(credit(MEMBER, 91, 2, "r"), reference="bulk-2")
    wishes = [Wish(credit(MEMBER, 91, number, "r"), f"bulk-{number}") for number in (1, 2, 3, 1)]

    async def ask() -> list[int]:
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            return await request_many(session, wishes, service="tests", asked_by=CALLER)

    asked = await asyncio.gather(*(ask() for _ in range(3)))
    assert asked[0] == asked[1] == asked[2]
    one, two, three, again = asked[0]
    assert (two, again) == (first, one) and first < one < three
    assert [row.id for row in await bench.rows()] == [first, one, three]
    wishes.append(Wish(credit(MEMBER, 91, 5, "r"), "bulk-2"))
    with pytest.raises(ReferenceUsedOtherwise):
        await ask()
    wishes[:] = [Wish(credit(MEMBER, 91, 1, "r"), str(number)) for number in range(MOST_WISHES + 1)]
    with pytest.raises(ValueError, match="at once"):
        await ask()
    assert len(await bench.rows()) == 3


async def test_asking_again_under_a_reference_asks_nothing_new(bench: LedgerBench, peer: SwitchPeer) -> None:
    first = await bench.ask(credit(MEMBER, 91, 500, "r"), reference="order-7")
    assert await bench.ask(credit(MEMBER, 91, 500, "r"), reference="order-7") == first
    for other in (credit(MEMBER, 91, 501, "r"), debit(MEMBER, 91, 500, "r"), credit(OTHER, 91, 500, "r")):
        with pytest.raises(ReferenceUsedOtherwise):
            await bench.ask(other, reference="order-7")
    async with bench.running(bench.life()):
        await bench.all_over()
    assert peer.balances == {MEMBER: 500}


async def test_two_who_ask_under_one_reference_at_once_ask_one_thing(bench: LedgerBench) -> None:
    ids = await asyncio.gather(
        *(bench.ask(credit(MEMBER, 91, 500, "r"), reference="order-7") for _ in range(4))
    )
    assert len(set(ids)) == len(await bench.rows()) == 1


async def test_an_answer_that_can_not_be_read_is_no_answer(bench: LedgerBench, peer: SwitchPeer) -> None:
    peer.mangle = lambda count: count == 2  # the first is the club's record
    async with bench.running(bench.life()):
        request_id = await bench.ask(credit(MEMBER, 91, 500, "r"))
        await bench.all_over()
    row = await bench.row(request_id)
    assert (row.attempts, row.balances) == (2, {"91": 500})
    await _check(bench, peer)


async def test_a_request_of_a_transaction_that_failed_was_never_asked(bench: LedgerBench) -> None:
    with pytest.raises(ZeroDivisionError):
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            await request_points(
                session, credit(MEMBER, 91, 500, "r"), service="tests", reference="1", asked_by=CALLER
            )
            raise ZeroDivisionError
    assert await bench.rows() == []


async def test_waiting_for_an_outcome_is_bounded(bench: LedgerBench) -> None:
    life = bench.life()
    request_id = await bench.ask(credit(MEMBER, 91, 500, "r"))
    assert await life.board.outcome(FIRST_PROGRAMME, request_id, 0) is None
    assert await life.board.outcome(FIRST_PROGRAMME, request_id, 0.05) is None
    assert await life.board.outcome(FIRST_PROGRAMME, 999, 5) is None


async def test_an_outcome_of_another_process_is_seen_too(bench: LedgerBench) -> None:
    waiting, working = bench.life(), bench.life()
    request_id = await bench.ask(credit(MEMBER, 91, 500, "r"))
    async with bench.running(working):
        outcome = await waiting.board.outcome(FIRST_PROGRAMME, request_id, 20)
    assert outcome is not None


async def test_requests_share_the_links_many_at_a_time(bench: LedgerBench, peer: SwitchPeer) -> None:
    def is_held(message: Message) -> bool:
        return message.mti == "0200" and len([m for m in peer.messages if m.mti == "0200"]) < 16

    peer.ignore = is_held
    bench.response_timeout_s = 5.0
    for _ in range(16):
        await bench.ask(credit(MEMBER, 91, 1, "r"))
    async with bench.running(bench.life()):
        # None of the first is answered, and still all are sent: over both links, eight on each.
        await eventually(lambda: len({m.text(11) for m in peer.messages if m.mti == "0200"}) == 16)
        assert peer.links == 2


async def test_a_switch_that_comes_back_gets_what_waited(bench: LedgerBench, peer: SwitchPeer) -> None:
    _, port = peer.endpoint
    life = bench.life()
    async with bench.running(life):
        await bench.ask(credit(MEMBER, 91, 1, "r"))
        await bench.all_over()
        await peer.stop()
        await eventually(lambda: life.links.open_links == 0)
        await bench.ask(credit(MEMBER, 91, 2, "r"))
        await peer.start(port)
        await bench.all_over()
    assert peer.balances == {MEMBER: 3}
    await _check(bench, peer)
