"""The endpoints, served on a real socket before each database."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from host_api.core.access.open_routes import OPEN_TO_ANYBODY
from host_api.core.application import create_runtime
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import TOKEN, FeedPeer, transaction
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import MASTER_KEY, SwitchPeer

pytestmark = pytest.mark.anyio

PROBLEM = "application/problem+json"


async def _branch(api: RunningApi, merchant_id: str = "SHOP01") -> dict[str, object]:
    merchant = await post(api, "/v1/merchants", {"merchant_id": merchant_id, "name": "فروشگاه"})
    return await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "شعبهٔ یک", "city": "تهران"})


async def test_member_is_folded_stored_and_found(api: RunningApi) -> None:
    created = await post(
        api, "/v1/members", {"name": "  علي   كاظمي ", "mobile": "۰۹۱۲-۳۴۵ ۶۷۸۹", "tier": "gold"}
    )
    assert created["name"] == "علی کاظمی"
    assert created["mobile"] == "+989123456789"
    assert created["switch_state"] == "pending"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*(Z|\+00:00)", str(created["created_at"]))
    assert (created["group"], created["segments"], created["introducer"]) == (None, [], None)
    assert await get(api, f"/v1/members/{created['id']}") == created
    found = await get(api, "/v1/members", mobile="0098 912 345 6789")
    assert items_of(found) == [created]
    balances = await get(api, f"/v1/members/{created['id']}/balances")
    assert (balances["points"], balances["credit"]) == (0, 0)


async def test_lists_are_cut_into_pages_that_miss_nothing(api: RunningApi) -> None:
    for number in range(7):
        await post(api, "/v1/members", {"name": f"Member {number}"})
    names: list[object] = []
    query: dict[str, object] = {"limit": 3}
    while True:
        page = await get(api, "/v1/members", **query)
        assert len(items_of(page)) <= 3
        names += [item["name"] for item in items_of(page)]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert names == [f"Member {number}" for number in range(7)]


async def test_card_number_is_told_once(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "Sara"})
    issued = await post(api, "/v1/cards", {"member_id": member["id"]})
    number = str(issued["number"])
    assert re.fullmatch(r"9364\d{12}", number)
    listed = await get(api, "/v1/cards", member_id=member["id"])
    read = await get(api, f"/v1/cards/{issued['id']}")
    assert items_of(listed) == [read]
    assert read["masked_number"] == f"{number[:6]}******{number[-4:]}"
    assert number not in json.dumps([listed, read])


async def test_a_card_of_the_stock_has_no_member_yet(api: RunningApi) -> None:
    issued = await post(api, "/v1/cards", {"number": "9364120000000007"})
    assert (issued["member_id"], issued["status"]) == (None, "new")
    read = await get(api, f"/v1/cards/{issued['id']}")
    assert (read["member_id"], read["status"]) == (None, "new")


async def test_given_card_number_is_checked_and_unique(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "Sara"})
    given = {"member_id": member["id"], "number": "۹۳۶۴ 1200 0000 0007"}
    issued = await post(api, "/v1/cards", given)
    assert issued["number"] == "9364120000000007"
    conflict = await post(api, "/v1/cards", given, 409)
    assert conflict["type"] == "urn:vafa:problem:card-number-taken"
    wrong = await post(api, "/v1/cards", given | {"number": "9364120000000008"}, 422)
    assert "9364120000000008" not in json.dumps(wrong)
    await post(api, "/v1/cards", {"member_id": 999_999}, 404)


async def test_simultaneous_claims_of_one_number_give_one_card(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "Sara"})
    claim = {"member_id": member["id"], "number": "9364120000000007"}
    answers = await asyncio.gather(*(api.client.post("/v1/cards", json=claim) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(items_of(await get(api, "/v1/cards"))) == 1


async def test_branches_are_numbered_within_their_merchant(api: RunningApi) -> None:
    first = await _branch(api, "SHOP01")
    other = await _branch(api, "SHOP02")
    answers = await asyncio.gather(
        *(
            api.client.post(f"/v1/merchants/{first['merchant']}/branches", json={"name": "n"})
            for _ in range(5)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    page = await get(api, "/v1/branches", merchant=first["merchant"])
    assert sorted(int(str(item["branch_number"])) for item in items_of(page)) == [1, 2, 3, 4, 5, 6]
    assert other["branch_number"] == 1
    await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "again"}, 409)
    await post(api, "/v1/merchants/999/branches", {"name": "n"}, 404)
    given = await post(api, "/v1/merchants", {"name": "no id given"})
    assert re.fullmatch(r"[A-Z0-9]{1,15}", str(given["merchant_id"]))
    assert await get(api, f"/v1/merchants/{given['id']}") == given
    assert len(items_of(await get(api, "/v1/merchants"))) == 3


async def test_terminal_belongs_to_a_branch_and_is_unique(api: RunningApi) -> None:
    branch = await _branch(api)
    wanted = {"terminal_id": "TERM0001", "branch_id": branch["id"]}
    created = await post(api, "/v1/terminals", wanted)
    assert created["key_generation"] == 1
    assert await get(api, "/v1/terminals/TERM0001") == created
    assert items_of(await get(api, "/v1/terminals", branch_id=branch["id"])) == [created]
    taken = await post(api, "/v1/terminals", wanted, 409)
    errors = taken["errors"]
    assert isinstance(errors, list)
    assert errors[0]["field"] == "terminal_id"
    await post(api, "/v1/terminals", wanted | {"terminal_id": "HOST0001"}, 409)
    await post(api, "/v1/terminals", {"terminal_id": "TERM0002", "branch_id": 999}, 404)
    assert (await api.client.get("/v1/terminals/TERM0002")).status_code == 404


async def test_every_wrong_field_is_named_and_nothing_is_stored(api: RunningApi) -> None:
    problem = await post(
        api,
        "/v1/members",
        {"mobile": "0812345", "tier": "Diamond!", "nickname": "x"},
        422,
    )
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert {error["field"] for error in errors} == {"name", "mobile", "tier", "nickname"}
    assert all(error["message"] and error["message_fa"] for error in errors)
    assert "0812345" not in json.dumps(problem)
    assert items_of(await get(api, "/v1/members")) == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v1/transactions", {"from": "2026-03-21T06:30:00"}, "from"),
        ("/v1/transactions", {"from": "2026-03-21T06:30:00Z", "to": "2026-03-21T06:30:00Z"}, "to"),
        ("/v1/transactions", {"limit": "201"}, "limit"),
        ("/v1/transactions", {"cursor": "nonsense"}, "cursor"),
        ("/v1/transactions", {"rrn": "17"}, "rrn"),
        ("/v1/members", {"limit": "0"}, "limit"),
        ("/v1/members", {"mobile": "abc"}, "mobile"),
        ("/v1/members/0", {}, "member_id"),
        ("/v1/members/99999999999999999999", {}, "member_id"),
        ("/v1/terminals/short", {}, "terminal_id"),
    ],
)
async def test_wrong_parameters_are_named(
    api: RunningApi, path: str, query: dict[str, str], field: str
) -> None:
    answer = await api.client.get(path, params=query)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == [field]


async def test_persian_caller_reads_persian(api: RunningApi) -> None:
    answer = await api.client.get("/v1/members/5", headers={"Accept-Language": "fa-IR,en;q=0.5"})
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["content-language"] == "fa"
    assert answer.json()["title"] == answer.json()["title_fa"] == "عضو پیدا نشد"
    english = await api.client.get("/v1/members/5", headers={"Accept-Language": "en"})
    assert english.json()["title"] == "Member not found"
    assert english.json()["title_fa"] == "عضو پیدا نشد"


async def test_bad_bodies_and_addresses_are_problems_too(api: RunningApi) -> None:
    cases = [
        (
            await api.client.post("/v1/members", content=b"{", headers={"content-type": "application/json"}),
            422,
        ),
        (await api.client.post("/v1/members", content=b"x" * 70_000), 413),
        (await api.client.get("/v1/nothing"), 404),
        (await api.client.delete("/v1/members"), 405),
    ]
    for answer, status in cases:
        assert answer.status_code == status
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == status

    async def chunks() -> AsyncIterator[bytes]:  # a body that doesn't announce its length
        for _ in range(20):
            yield b"x" * 4096

    answer = await api.client.post("/v1/members", content=chunks())
    assert answer.status_code == 413


async def test_no_v1_route_answers_without_a_key(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    routes = [
        (method, path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/v1") and (method.upper(), path.removeprefix("/v1")) not in OPEN_TO_ANYBODY
    ]
    assert len(routes) >= 18
    key = api.client.headers["X-API-Key"]
    wrong_keys = [
        "",
        "nonsense",
        key[:-1],
        key[:-1] + ("0" if key[-1] != "0" else "1"),
        "vafa_" + "0" * 73,
    ]
    async with httpx2.AsyncClient(base_url=api.base_url, trust_env=False) as stranger:
        # One dependency looks at keys; that each route has it needs no more than one try.
        tries = [(method, path, None) for method, path in routes]
        for method, path, wrong in (*tries, *(("get", "/v1/members", wrong) for wrong in wrong_keys)):
            headers = {} if wrong is None else {"X-API-Key": wrong}
            filled = re.sub(r"\{[^}]+\}", "1", path)
            answer = await stranger.request(method.upper(), filled, headers=headers, json={})
            assert answer.status_code == 401, (method, path)
            assert answer.headers["content-type"] == PROBLEM
            assert answer.json()["type"] == "urn:vafa:problem:unauthorised"
        for path in ("/health/live", "/health/ready"):
            assert (await stranger.get(path)).status_code == 200


async def test_records_reach_the_switch_and_balances_come_back(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text(MASTER_KEY.hex(), "ascii")
    (tmp_path / "feed.token").write_text(TOKEN, "ascii")
    async with SwitchPeer(fate=lambda count: "lose" if count == 2 else "serve") as switch, FeedPeer() as feed:
        host, port = switch.endpoint
        runtime = create_runtime(
            settings.model_copy(
                update={
                    "switch_address": f"{host}:{port}",
                    "operations_url": feed.url,
                    "master_key_file": tmp_path / "master.key",
                    "feed_token_file": tmp_path / "feed.token",
                }
            )
        )
        await prepare_database(runtime.database, settings)
        async with running_api(runtime) as api:
            member = await post(
                api,
                "/v1/members",
                {
                    "name": "آ" * 40,
                    "group": "staff",
                    "organisation": "ORG-1",
                    "segments": [8, 0, 8],
                    "agreements": [255],
                },
            )
            assert member["segments"] == [0, 8]
            card = await post(api, "/v1/cards", {"member_id": member["id"]})
            branch = await _branch(api)
            await post(api, "/v1/terminals", {"terminal_id": "TERM0001", "branch_id": branch["id"]})
            await switch.wait_for(lambda: len(switch.applied) == 3)

            async def is_active() -> bool:
                return (await get(api, "/v1/terminals/TERM0001"))["switch_state"] == "active"

            await eventually(is_active)
            assert (await get(api, f"/v1/members/{member['id']}"))["switch_response_code"] == "00"
            records = {record.file: record for record in switch.applied}
            assert len(records["MEMBER"].tags.pop("DF05").encode()) == 48
            joined = f"{tehran_date(datetime.fromisoformat(str(member['created_at']))):%Y%m%d}"
            assert records["MEMBER"].tags == {
                "DF44": joined,
                "DF4B": "office",
                "DF20": f"{member['id']:012d}",
                "DF06": "initial",
                "DF21": "A",
                "DF40": "staff",
                "DF41": "ORG-1",
                "DF42": f"{0x101:064x}",
                "DF43": "80" + "00" * 31,
            }
            assert records["CARD"].card_number == card["number"]
            assert records["CARD"].tags["DF29"] == f"{card['id']:012d}"
            assert records["TERMINAL"].tags == {
                "DF28": "TERM0001",
                "DF22": "SHOP01",
                "DF23": "000001",
                "DF25": "0001",
                "DF26": "T",
                "DF21": "A",
            }
            await feed.add(transaction(1, member=int(str(member["id"])), points=250))

            async def has_points() -> bool:
                return (await get(api, f"/v1/members/{member['id']}/balances"))["points"] == 250

            await eventually(has_points)
            status = await get(api, "/v1/status")
            assert status["outbox"] == {
                "waiting": 0,
                "refused": 0,
                "oldest_waiting_ms": None,
                "link": "connected",
                "last_error": None,
            }
            feed_status = status["feed"]
            assert isinstance(feed_status, dict)
            assert (feed_status["state"], feed_status["position"], feed_status["lag_ms"]) == (
                "following",
                1,
                0,
            )


async def test_an_address_with_a_line_feed_is_answered_like_any_other(api: RunningApi) -> None:
    for path in ("/v1/members/1%0A", "/v1/nothing%0A", "/nothing%0A"):
        answer = await api.client.get(path)
        assert answer.status_code in {404, 422}, path
        assert answer.headers["content-type"] == PROBLEM, path
