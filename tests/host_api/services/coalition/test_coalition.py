"""Exchanges with a foreign club: whole lots, its limit, letters taken in once, statements and settlement."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.tehran_time import tehran_date
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.coalition.foreign_club import PATH, ForeignClub, Row, conclude, rows
from tests.host_api.services.payouts.payouts_bench import member, reaches
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio


def _sent(reference: str, lots: int, link: str = "books:1") -> Row:
    return {
        "kind": "exchange_sent",
        "reference": reference,
        "contract": "BOOKS1",
        "link": link,
        "lots": lots,
    }


async def test_a_contract_says_whole_lots_and_the_rest_stays(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 100)
    foreign, contract = await conclude(api, 10_000)
    # 6 to 4 for 2,000 rials is told in its smallest whole numbers.
    assert (contract["own_units"], contract["partner_units"], contract["rials"]) == (3, 2, 1_000)
    assert (contract["state"], contract["decided_by"]) == ("active", "second")
    wanted: Row = {"contract_id": contract["id"], "member_id": sara, "units": 11}
    unlinked = await api.client.post(f"{PATH}/exchanges", json=wanted)
    assert problem(unlinked) == (409, "club-link-missing")
    await foreign.link(sara, "books:1")
    too_few = await api.client.post(f"{PATH}/exchanges", json=wanted | {"units": 2})
    assert problem(too_few) == (409, "less-than-a-lot")
    asked = await post(api, f"{PATH}/exchanges", wanted)
    assert (asked["own_units"], asked["partner_units"], asked["remainder_units"]) == (9, 6, 2)
    letter = await foreign.next()
    assert letter == _sent(str(asked["reference"]), 3)
    assert peer.balances[sara] == 91
    await foreign.bring({"kind": "exchange_refused", "reference": asked["reference"], "reason": "limit"})
    back = await reaches(api, f"{PATH}/exchanges/{asked['id']}", "returned")
    assert (back["reason"], peer.balances[sara]) == ("limit", 100)
    assert (await foreign.stands())["balance_rials"] == 0
    path = f"{PATH}/contracts/{contract['id']}/end"
    assert (await foreign.second.post(path, status=200))["state"] == "ended"
    assert problem(await api.client.post(f"{PATH}/exchanges", json=wanted)) == (409, "club-contract-not-open")


async def test_a_club_owes_no_more_than_its_limit_and_a_letter_counts_once(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara = await member(api, peer, 1, 0)
    foreign, _ = await conclude(api, 5_000)
    await foreign.link(sara, "books:1")
    letters = (_sent("books:2", 3), _sent("books:3", 3), _sent("books:4", 2), _sent("books:5", 1))
    # The same delivery five times at once.
    first = foreign.written + 1
    answers = await asyncio.gather(*(foreign.deliver(*letters, first=first) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    foreign.written += len(letters)
    told = {str(letter["reference"]): letter for letter in [await foreign.next() for _ in letters]}
    assert {name: letter["kind"] for name, letter in told.items()} == {
        "books:2": "exchange_done",
        "books:3": "exchange_refused",
        "books:4": "exchange_done",
        "books:5": "exchange_refused",
    }
    assert told["books:3"]["reason"] == "limit"
    assert peer.balances[sara] == 15
    stands = await foreign.stands()
    assert (stands["balance_rials"], stands["reserved_rials"]) == (5_000, 0)
    gap = await foreign.deliver(_sent("books:7", 1), first=foreign.written + 2)
    assert problem(gap) == (409, "letters-out-of-order")
    # One letter that can't be understood, and none of its delivery is taken in.
    not_understood: tuple[Row, ...] = (
        {"kind": "gossip"},
        {"kind": "exchange_done", "reference": "books:2", "at": "2026-03-21T00:00:00Z"},
        {"kind": "contract_ended", "code": "OTHER"},
    )
    for wrong in not_understood:
        answer = await foreign.deliver(_sent("books:8", 1), wrong)
        assert problem(answer) == (422, "letter-not-understood"), wrong
    assert (await foreign.stands())["letters_taken"] == foreign.written
    for name, change, reason in (
        ("books:9", {"link": "books:99"}, "member"),
        ("books:10", {"contract": "OTHER"}, "contract"),
    ):
        await foreign.bring(_sent(name, 1) | change)
        refused = await foreign.next()
        assert (refused["kind"], refused["reason"]) == ("exchange_refused", reason)
    nobody = await api.client.get(f"{PATH}/letters")
    assert problem(nobody) == (403, "not-a-club")
    stranger = await api.client.get(f"{PATH}/exchanges", headers=foreign.key.headers)
    assert stranger.status_code == 403


async def test_what_the_switch_declines_is_refused_and_reserves_nothing(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara = await member(api, peer, 1, 0)
    foreign, _ = await conclude(api, 5_000)
    await foreign.link(sara, "books:1")
    peer.refuse = lambda message: "62" if message.mti.startswith("02") else None
    await foreign.bring(_sent("books:2", 3))
    refused = await foreign.next()
    assert (refused["kind"], refused["reason"]) == ("exchange_refused", "switch")
    assert (await foreign.stands())["reserved_rials"] == 0
    assert peer.balances[sara] == 0


async def test_a_club_begins_nothing_by_the_name_of_another(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 30)
    foreign, contract = await conclude(api, 9_000)
    await foreign.link(sara, "books:1")
    wanted: Row = {"contract_id": contract["id"], "member_id": sara, "units": 6}
    own, _, number = str((await post(api, f"{PATH}/exchanges", wanted))["reference"]).partition(":")
    await foreign.next()
    # What this club will call its next exchange: taken by another, none could begin any more.
    taken = f"{own}:{int(number) + 1}"
    asked: Row = {"kind": "link_asked", "reference": taken, "code_sha256": "0" * 64}
    for letter in (_sent(taken, 1), asked):
        assert problem(await foreign.deliver(letter)) == (422, "letter-not-understood")
    assert (await post(api, f"{PATH}/exchanges", wanted))["reference"] == taken


def _digest(*lines: str) -> str:
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


async def _exchanged(foreign: ForeignClub, api: RunningApi, contract: Row, sara: int) -> str:
    """Two lots there, five here; the digest of both lines."""
    asked = await post(
        api, f"{PATH}/exchanges", {"contract_id": contract["id"], "member_id": sara, "units": 6}
    )
    await foreign.next()
    at = utc_now().isoformat()
    await foreign.bring({"kind": "exchange_done", "reference": asked["reference"], "at": at})
    await foreign.bring(_sent("books:2", 5))
    done = await foreign.next()
    given_at = str(done["at"]).replace("Z", "+00:00")
    return _digest(f"{asked['reference']} {at} BOOKS1 2 2000\n", f"books:2 {given_at} BOOKS1 5 5000\n")


async def test_clubs_agree_on_a_statement_and_two_persons_settle_it(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara = await member(api, peer, 1, 6)
    foreign, contract = await conclude(api, 5_000)
    await foreign.link(sara, "books:1")
    digest = await _exchanged(foreign, api, contract, sara)
    assert (await foreign.stands())["balance_rials"] == 3_000
    end = utc_now().isoformat()
    proposal: Row = {"kind": "statement_proposed", "begin": None, "end": end, "digest": _digest()}
    await foreign.bring(proposal)
    assert (await foreign.next())["is_agreed"] is False
    own = await post(api, f"{PATH}/statements", {"club_id": foreign.club["id"], "end": end})
    assert (own["outgoing_rials"], own["incoming_rials"], own["net_rials"]) == (2_000, 5_000, 3_000)
    assert own["digest"] == digest
    letter = await foreign.next()
    assert (letter["kind"], letter["digest"]) == ("statement_proposed", digest)
    twice = await api.client.post(f"{PATH}/statements", json={"club_id": foreign.club["id"], "end": end})
    assert problem(twice) == (409, "club-statement-period")
    early = await api.client.post(
        f"{PATH}/settlements", json={"statement_id": own["id"], "bank_reference": "1"}
    )
    assert problem(early) == (409, "club-statement-state")
    await foreign.bring({"kind": "statement_answered", "end": letter["end"], "is_agreed": True})
    agreed = await get(api, f"{PATH}/statements/{own['id']}")
    assert agreed["state"] == "agreed"
    late: Row = {"kind": "statement_proposed", "begin": None, "end": end, "digest": digest}
    await foreign.bring(late)
    assert (await foreign.next())["is_agreed"] is False
    future = await foreign.deliver(late | {"begin": end, "end": "2999-01-01T00:00:00Z"})
    assert future.status_code == 200
    foreign.written += 1
    assert (await foreign.next())["is_agreed"] is False

    wanted: Row = {"statement_id": own["id"], "bank_reference": "140501310042"}
    paid = await post(api, f"{PATH}/settlements", wanted)
    alone = await api.client.post(f"{PATH}/settlements/{paid['id']}/approval")
    assert problem(alone) == (403, "second-person-needed")
    confirmed = await foreign.second.post(f"{PATH}/settlements/{paid['id']}/approval", status=200)
    assert (confirmed["state"], (await foreign.stands())["balance_rials"]) == ("paid", 0)
    again = await api.client.post(f"{PATH}/settlements", json=wanted)
    assert problem(again) == (409, "club-statement-state")
    file = await api.client.get(f"{PATH}/exchanges/export", params={"state": "done"})
    assert len(file.content.decode("utf-8-sig").splitlines()) == 3
    listed = items_of(await get(api, f"{PATH}/settlements"))
    assert [row["state"] for row in listed] == ["paid"]
    today = tehran_date(utc_now())
    days = {"from": f"{today - timedelta(days=1):%Y-%m-%d}", "to": f"{today:%Y-%m-%d}"}  # midnight may pass
    (position,) = rows((await get(api, f"{PATH}/clearing", **days))["positions"])
    assert (position["partner_code"], position["net_rials"]) == ("books", 3_000)


async def test_proposals_that_cross_are_agreed_by_what_both_have_at_last(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara = await member(api, peer, 1, 6)
    foreign, contract = await conclude(api, 5_000)
    await foreign.link(sara, "books:1")
    asked = await post(
        api, f"{PATH}/exchanges", {"contract_id": contract["id"], "member_id": sara, "units": 6}
    )
    await foreign.next()
    at, end = utc_now(), utc_now() + timedelta(microseconds=1)
    wanted: Row = {"club_id": foreign.club["id"], "end": end.isoformat()}
    own = await post(api, f"{PATH}/statements", wanted)
    assert (own["outgoing_count"], (await foreign.next())["kind"]) == (0, "statement_proposed")
    digest = _digest(f"{asked['reference']} {at.isoformat()} BOOKS1 2 2000\n")
    await foreign.bring(
        {"kind": "exchange_done", "reference": asked["reference"], "at": at.isoformat()},
        {"kind": "statement_proposed", "begin": None, "end": end.isoformat(), "digest": digest},
        {"kind": "statement_answered", "end": end.isoformat(), "is_agreed": False},
    )
    assert (await foreign.next())["is_agreed"] is True
    listed = rows(items_of(await get(api, f"{PATH}/statements", sort="id")))
    told = [(row["state"], row["outgoing_count"], row["net_rials"]) for row in listed]
    assert told == [("differs", 0, 0), ("agreed", 1, -2_000)]
