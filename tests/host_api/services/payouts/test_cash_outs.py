"""Points to cash: policy, second person, batches, the bank's file and answer, vouchers (BURN-05, BURN-06)."""

import csv
import io

import pytest
from sqlalchemy import text

from host_api.core.database import AnySession
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.cash_outs.personal_data import PERSONAL_DATA
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.bank_file_parser import parse_fixed
from tests.host_api.services.payouts.payouts_bench import SHEBA, Row, member, reaches, texts
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

PATH = "/v1/cash-outs"
POLICY: Row = {
    "least_units": 100,
    "most_units": 5_000,
    "rate_units": 2,
    "rate_rials": 501,
    "fee_rials": 1_000,
    "fee_basis_points": 150,
    "approval_above_units": 1_000,
}
HEAD = "line,reference,status,bank_reference,reason\r\n"


async def _ask(api: RunningApi, member_id: int, units: int) -> Row:
    return await post(api, f"{PATH}?wait_s=10", {"member_id": member_id, "units": units})


async def _voucher(api: RunningApi, kind: str) -> list[tuple[object, object, object]]:
    """Lines of the latest voucher of a kind, which is in balance in both forms."""
    voucher = items_of(await get(api, f"{PATH}/vouchers", kind=kind))[0]
    lines = voucher["lines"]
    assert isinstance(lines, list)
    assert sum(line["debit"] for line in lines) == sum(line["credit"] for line in lines) > 0
    written = await api.client.get(f"{PATH}/vouchers/{voucher['id']}/file")
    rows = list(csv.DictReader(io.StringIO(written.content.decode("utf-8-sig"))))
    assert [(row["account"], int(row["debit"]), int(row["credit"])) for row in rows] == [
        (line["account"], line["debit"], line["credit"]) for line in lines
    ]
    return [(line["account"], line["debit"], line["credit"]) for line in lines]


async def test_who_may_ask_and_how_much(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 10_000)
    poor = await member(api, peer, 2, 99)
    nobody = await member(api, peer, 3, 10_000, sheba=None)
    wanted: Row = {"member_id": sara, "units": 500}
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "policy-missing")
    limits = {"day_count": 3, "day_units": 2_000, "month_units": 2_500}
    made = await post(api, f"{PATH}/policies", POLICY | {"limits": limits})
    assert (await get(api, f"{PATH}/policies/current"))["id"] == made["id"]
    assert made["accounts"] == {"liability": "2110", "payable": "2120", "fee_income": "4110", "bank": "1110"}
    for change, expected in (
        ({"member_id": 999}, (404, "member-not-found")),
        ({"member_id": nobody}, (409, "cash-out-sheba-missing")),
        ({"units": 99}, (409, "cash-out-units")),
        ({"units": 5_001}, (409, "cash-out-units")),
        ({"units": 0}, (422, "validation-failed")),
        ({"units": 2_001}, (409, "period-limit-reached")),
    ):
        assert problem(await api.client.post(PATH, json=wanted | change)) == expected, change
    refused = await _ask(api, poor, 100)
    assert (refused["state"], refused["response_code"]) == ("refused", "51")
    ready = await _ask(api, sara, 501)
    # 501 * 501 / 2 = 125,500.5; the fee is 1,000 and 1.5%.
    assert (ready["gross_rials"], ready["fee_rials"], ready["net_rials"]) == (125_500, 2_882, 122_618)
    assert (ready["state"], ready["sheba_ending"]) == ("ready", "3007")
    assert peer.balances[sara] == 9_499
    over = await api.client.post(PATH, json=wanted | {"units": 1_500})
    assert problem(over) == (409, "period-limit-reached")
    assert over.json()["errors"][0]["field"] == "day_units"
    # A later version, for others only; what is asked keeps its own.
    gold: Row = {"audience": {"f": "tier", "op": "=", "v": "GOLD"}}
    await post(api, f"{PATH}/policies", POLICY | gold)
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "cash-out-not-for-member")
    past = await api.client.post(f"{PATH}/policies", json=POLICY | {"valid_from": "2020-01-01T00:00:00Z"})
    assert problem(past) == (422, "policy-in-the-past")
    await post(api, f"{PATH}/policies", POLICY | {"is_open": False})
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "policy-missing")
    assert (await get(api, f"{PATH}/{ready['id']}"))["policy_id"] == made["id"]
    assert len(items_of(await get(api, f"{PATH}/policies"))) == 3


async def test_a_second_person_decides_and_what_is_not_paid_goes_back(
    api: RunningApi, peer: SwitchPeer
) -> None:
    await post(api, f"{PATH}/policies", POLICY)
    sara = await member(api, peer, 1, 10_000)
    app: Person = await person(api, "app", "cash_outs:act", "cash_outs:approve")
    boss: Person = await person(api, "boss", "cash_outs:approve")
    ids = []
    for _ in range(3):
        asked = await app.post(f"{PATH}?wait_s=10", {"member_id": sara, "units": 2_000})
        assert (asked["state"], asked["needs_approval"]) == ("waiting", True)
        ids.append(asked["id"])
    assert peer.balances[sara] == 4_000
    own = await api.client.post(f"{PATH}/{ids[0]}/approval", json={}, headers=app.headers)
    assert problem(own) == (403, "second-person-needed")
    assert (await boss.post(f"{PATH}/{ids[0]}/approval", {"note": "بررسی شد"}))["state"] == "ready"
    again = await api.client.post(f"{PATH}/{ids[0]}/approval", json={}, headers=boss.headers)
    assert problem(again) == (409, "already-decided")
    assert (await boss.post(f"{PATH}/{ids[1]}/rejection", {}))["returned_for"] == "rejected"
    assert (await reaches(api, f"{PATH}/{ids[1]}", "returned"))["return_rrn"] is not None
    # The switch may refuse to give back; a person has it asked again.
    peer.refuse = lambda message: "57" if message.mti == "0200" and message.text(3)[:2] == "20" else None
    assert (await app.post(f"{PATH}/{ids[2]}/cancellation"))["state"] == "returning"
    await reaches(api, f"{PATH}/{ids[2]}", "unreturned")
    peer.refuse = lambda message: None
    await post(api, f"{PATH}/{ids[2]}/return", None)
    await reaches(api, f"{PATH}/{ids[2]}", "returned")
    assert peer.balances[sara] == 8_000
    assert problem(await api.client.post(f"{PATH}/{ids[2]}/return")) == (409, "cash-out-state")
    assert problem(await api.client.post(f"{PATH}/{ids[2]}/cancellation")) == (409, "cash-out-state")
    assert len(await texts(api, "cash_outs")) == 2


async def test_the_bank_pays_in_batches_and_the_books_balance(api: RunningApi, peer: SwitchPeer) -> None:
    accounts = {"liability": "21-10", "fee_income": "4110/2"}
    await post(api, f"{PATH}/policies", POLICY | {"accounts": accounts})
    assert problem(await api.client.post(f"{PATH}/batches", json={})) == (409, "cash-out-nothing-to-pay")
    who = [await member(api, peer, number, 1_000) for number in range(3)]
    ids = [(await _ask(api, member_id, 1_000))["id"] for member_id in who]
    batch = await post(api, f"{PATH}/batches", {})
    assert (batch["line_count"], batch["gross_rials"]) == (3, 3 * 250_500)
    assert (batch["fee_rials"], batch["net_rials"]) == (3 * 4_757, 3 * 245_743)
    path = f"{PATH}/batches/{batch['id']}"
    assert await _voucher(api, "batch") == [
        ("21-10", 751_500, 0),
        ("2120", 0, 737_229),
        ("4110/2", 0, 14_271),
    ]
    fixed = await api.client.get(f"{path}/file")
    assert fixed.headers["content-disposition"].startswith("attachment")
    parsed = parse_fixed(fixed.content)
    assert (parsed.programme, parsed.batch) == ("club", batch["id"])
    lines = [(payment.line, payment.reference, payment.sheba, payment.rials) for payment in parsed.payments]
    assert lines == [(line, ids[line - 1], SHEBA, 245_743) for line in (1, 2, 3)]
    rows = list(csv.DictReader(io.StringIO((await api.client.get(f"{path}/file?form=csv")).text)))
    assert [
        (int(row["line"]), int(row["reference"]), row["sheba"], int(row["amount_rials"])) for row in rows
    ] == lines
    reader = await person(api, "reader", "cash_outs:read")
    assert (await api.client.get(f"{path}/file", headers=reader.headers)).status_code == 403
    wrong = (
        ("line,reference\r\n1,2\r\n", "headers"),
        (HEAD, "empty"),
        (f"{HEAD}1,{ids[1]},paid,,\r\n", "not-in-batch"),
        (f"{HEAD}4,4,paid,,\r\n", "not-in-batch"),
        (f"{HEAD}1,{ids[0]},maybe,,\r\n", "status"),
        (f"{HEAD}1,{ids[0]},paid,,\r\n1,{ids[0]},paid,,\r\n", "line-twice"),
        (f"{HEAD}x,{ids[0]},paid,,\r\n", "number"),
        (f"{HEAD}1,{ids[0]},paid\r\n", "columns"),
        (f'{HEAD}1,{ids[0]},"paid', "csv"),
        (f"{HEAD}1,{ids[0]},paid,{'1' * 41},\r\n", "too-long"),
    )
    for content, expected in wrong:
        answer = await api.client.post(f"{path}/answers", json={"csv": content})
        assert problem(answer) == (422, "cash-out-bank-answer"), content
        assert answer.json()["errors"][0]["code"] == expected
    first = f"{HEAD}1,{ids[0]},paid,B-1,\r\n2,{ids[1]},failed,,حساب بسته است\r\n"
    taken = await post(api, f"{path}/answers", {"csv": first})
    assert (taken["paid"], taken["failed"], taken["repeated"]) == (1, 1, 0)
    assert await _voucher(api, "answer") == [
        ("2120", 245_743, 0),
        ("1110", 0, 245_743),
        ("2120", 245_743, 0),
        ("4110/2", 4_757, 0),
        ("21-10", 0, 250_500),
    ]
    returned = await reaches(api, f"{PATH}/{ids[1]}", "returned")
    assert (returned["returned_for"], returned["bank_reason"]) == ("bank", "حساب بسته است")
    assert [peer.balances[member_id] for member_id in who] == [0, 1_000, 0]
    repeated = await post(api, f"{path}/answers", {"csv": first})
    assert (repeated["repeated"], repeated["voucher_id"]) == (2, None)
    otherwise = await api.client.post(f"{path}/answers", json={"csv": f"{HEAD}2,{ids[1]},paid,,\r\n"})
    assert otherwise.json()["errors"][0]["code"] == "answered-otherwise"
    last = await post(api, f"{path}/answers", {"csv": f"\ufeff{HEAD}۳,{ids[2]},PAID,B-3,\r\n\r\n"})
    assert (last["paid"], last["repeated"]) == (1, 0)
    done = await get(api, path)
    assert (done["paid_count"], done["failed_count"]) == (2, 1)
    assert [receiver for receiver, _ in await texts(api, "cash_outs")] == [
        "+989120000000",
        "+989120000001",
        "+989120000002",
    ]
    # All that was debited was paid or went back, in units and in rials.
    vouchers = items_of(await get(api, f"{PATH}/vouchers"))
    sums: dict[str, int] = {}
    for voucher in vouchers:
        assert isinstance(voucher["lines"], list)
        for line in voucher["lines"]:
            sums[line["account"]] = sums.get(line["account"], 0) + line["debit"] - line["credit"]
    paid = 2 * 245_743
    assert sums == {"21-10": 2 * 250_500, "2120": 0, "4110/2": -2 * 4_757, "1110": -paid}


async def test_what_is_kept_of_a_member(api: RunningApi, peer: SwitchPeer) -> None:
    await post(api, f"{PATH}/policies", POLICY)
    sara = await member(api, peer, 1, 1_000)
    asked = await _ask(api, sara, 500)
    cipher = api.runtime.vault.cipher

    async def hindrances(session: AnySession) -> list[str]:
        return [found.code for found in await PERSONAL_DATA.hindrances(session, sara)]

    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        for table in ("cash_outs", "audit_log"):
            assert SHEBA not in str((await session.execute(text(f"SELECT * FROM {table}"))).all())
        assert await hindrances(session) == ["cash-outs-open"]
        exported = await PERSONAL_DATA.export(session, cipher, sara)
        assert SHEBA in str(exported)
    batch = await post(api, f"{PATH}/batches", {})
    path = f"{PATH}/batches/{batch['id']}"
    await post(api, f"{path}/answers", {"csv": f"{HEAD}1,{asked['id']},paid,,\r\n"})
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await hindrances(session) == []
        await PERSONAL_DATA.erase(session, cipher, sara)
    (payment,) = parse_fixed((await api.client.get(f"{path}/file")).content).payments
    assert payment.sheba == "X" * 26
    assert (await get(api, f"{PATH}/{asked['id']}"))["sheba_ending"] is None
