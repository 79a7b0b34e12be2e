"""Transactions and balances as the API tells them, before each database."""

import pytest

from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT, NEVER_S
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.feed_peer import grant, lot, transaction
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio


async def test_transactions_are_filtered_and_paged(api: RunningApi) -> None:
    lines = [
        transaction(position, member=1 + position % 2, points=250 * position) for position in range(1, 10)
    ]
    lines.append(transaction(10, member=2, points=0, mti="0400", reverses=f"{9:012d}"))
    lines[3]["terminal_id"] = "TERM0009"
    events = [FEED_EVENT.validate_python(line) for line in lines]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)

    def positions(page: dict[str, object]) -> list[object]:
        return [item["position"] for item in items_of(page)]

    assert positions(await get(api, "/v1/transactions")) == list(range(10, 0, -1))
    assert positions(await get(api, "/v1/transactions", member_id=1)) == [8, 6, 4, 2]
    assert positions(await get(api, "/v1/transactions", terminal_id="TERM0009")) == [4]
    assert positions(await get(api, "/v1/transactions", rrn=f"{5:012d}")) == [5]
    third = await get(api, f"/v1/transactions/{3:012d}")
    fifth = await get(api, f"/v1/transactions/{5:012d}")
    period = {"from": str(third["at"]), "to": str(fifth["at"])}
    assert positions(await get(api, "/v1/transactions", **period)) == [4, 3]
    page = await get(api, "/v1/transactions", limit=4)
    rest = await get(api, "/v1/transactions", limit=200, cursor=page["next_cursor"])
    assert positions(page) + positions(rest) == list(range(10, 0, -1))

    undone = await get(api, f"/v1/transactions/{9:012d}")
    assert undone["reversed_by_rrn"] == f"{10:012d}"
    assert undone["operation"] == "purchase"
    assert len(list(undone["transfers"])) == 1  # type: ignore[call-overload]
    reversal = items_of(await get(api, "/v1/transactions", limit=1))[0]
    assert (reversal["operation"], reversal["reverses_rrn"]) == ("reversal", f"{9:012d}")
    assert (await api.client.get(f"/v1/transactions/{999:012d}")).status_code == 404


async def test_a_transaction_tells_its_grants_and_what_is_left_to_pay(api: RunningApi) -> None:
    lines = [
        transaction(
            1,
            mti="0100",
            processing_code="009200",
            discount=100_000,
            tendered=400_000,
            net_amount=2_000_000,
            hold_until_s=1_790_003_600,
            line_count=3,
            grants=[grant("member:12", 100_000, type="discount", purse=None), grant("member:12", 200)],
        ),
        transaction(2, processing_code="009200", concerns=f"{1:012d}"),
        transaction(3, processing_code="200000", concerns=f"{2:012d}"),
        transaction(4, processing_code="009400"),
        transaction(5, processing_code="220091"),
        transaction(6, processing_code="990000"),
    ]
    events = [FEED_EVENT.validate_python(line) for line in lines]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    hold = await get(api, f"/v1/transactions/{1:012d}")
    assert (hold["discount"], hold["tendered"], hold["net_amount"]) == (100_000, 400_000, 2_000_000)
    assert (hold["hold_until"], hold["line_count"]) == ("2026-09-21T15:13:20Z", 3)
    assert hold["grants"] == [
        grant("member:12", 100_000, type="discount", purse=None),
        grant("member:12", 200),
    ]
    found = {item["position"]: item for item in items_of(await get(api, "/v1/transactions"))}
    assert [found[position]["operation"] for position in range(1, 7)] == [
        "authorisation",
        "credit_redemption",
        "return",
        "redemption",
        "adjustment",
        "other",
    ]
    assert (found[2]["concerns_rrn"], found[2]["hold_until"]) == (f"{1:012d}", None)


async def test_balances_count_what_can_be_spent_now(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "عضو نمونه"})
    home = (await post(api, "/v1/households", {"head_id": member["id"]}))["id"]
    account = f"member:{member['id']}"
    lots = [
        lot(account, 300),
        lot(account, 50, expires_at_s=1_000_000_000),
        lot(account, 20, available_from_s=NEVER_S - 1),
        lot(account, -500, available_from_s=0, expires_at_s=0, purse="credit"),
        lot(f"household:{home}", 9, purse="coins"),
        lot("household:5", 900, purse="coins"),
    ]
    event = FEED_EVENT.validate_python(transaction(1, member=None, lots=lots))
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, [event])
    balances = await get(api, f"/v1/members/{member['id']}/balances")
    assert (balances["points"], balances["credit"]) == (300, -500)
    purses = balances["purses"]
    assert isinstance(purses, list)
    assert [(each["purse"], each["amount"], each["pending"], each["position"]) for each in purses] == [
        ("points", 300, 20, 1),
        ("credit", -500, 0, 1),
        ("coins", 9, 0, 1),
    ]
