"""Exports: the list's own filters and order, every format, chosen columns, Persian headers and dates."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.members import logic
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberData
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import import_content, kept_mobile

pytestmark = pytest.mark.anyio

JOINED = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)  # Nowruz of 1405 in Tehran


@pytest.fixture
async def members(api: RunningApi) -> RunningApi:
    """More members than are read at once."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await logic.create_many(
            session,
            api.runtime.vault.cipher,
            [
                MemberData(
                    name=f"=عضو {number}" if number == 1 else f"عضو {number:04d}",
                    mobile=kept_mobile(number),
                    tier="gold" if number % 2 else "initial",
                    segments=[1, 2] if number == 1 else [],
                )
                for number in range(2100)
            ],
        )
        for number, member in enumerate(await session.scalars(select(Member).order_by(Member.id))):
            member.created_at = JOINED + timedelta(minutes=number)
    return api


async def _export(api: RunningApi, path: str = "members", **query: str) -> tuple[bytes, str]:
    answer = await api.client.get(f"/v1/{path}/export", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{path}-2')
    return answer.content, answer.headers["content-type"]


async def _csv(api: RunningApi, path: str = "members", **query: str) -> list[list[str]]:
    content, media_type = await _export(api, path, **query)
    assert media_type.startswith("text/csv")
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_all_rows_come_once_in_the_lists_order(members: RunningApi) -> None:
    rows = await _csv(members)
    assert rows[0][:3] == ["Member number", "Name", "Mobile"]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 2101)]
    latest = await _csv(members, sort="-id", columns="id", tier="gold")
    assert [row[0] for row in latest[1:4]] == ["2100", "2098", "2096"]
    assert len(latest) == 1051
    some = {"joined_from": "2026-03-20T20:40:00Z", "joined_before": "2026-03-20T20:43:00Z"}
    assert [row[0] for row in (await _csv(members, **some))[1:]] == ["11", "12", "13"]
    assert len(await _csv(members, mobile="09120000007")) == 2


async def test_columns_headers_and_dates_are_chosen(members: RunningApi) -> None:
    chosen = {"columns": "created_at,name,segments,mobile", "mobile": "09120000001"}
    assert await _csv(members, **chosen, headers="fa", calendar="jalali") == [
        ["زمان عضویت", "نام", "بخش‌ها", "شمارهٔ همراه"],
        ["۱۴۰۵/۰۱/۰۱ ۰۰:۰۱", "'=عضو 1", "1;2", "'+989120000001"],
    ]
    assert (await _csv(members, **chosen, headers="en", calendar="jalali"))[1][0] == "1405-01-01 00:01"
    assert (await _csv(members, **chosen))[1][0] == "2026-03-20T20:31:00Z"
    members.client.headers["Accept-Language"] = "fa"
    assert (await _csv(members, **chosen))[0][1] == "نام"
    for wrong in (
        {"columns": "name,colour"},
        {"columns": "id,id"},
        {"columns": ""},
        {"format": "pdf"},
        {"limit": "5"},
    ):
        answer = await members.client.get("/v1/members/export", params=wrong)
        assert answer.status_code == 422, wrong


async def test_workbooks_and_json_lines(members: RunningApi) -> None:
    content, media_type = await _export(members, format="xlsx", headers="fa")
    assert media_type.endswith("spreadsheetml.sheet")
    sheet = load_workbook(io.BytesIO(content)).active
    assert (sheet.max_row, sheet["B1"].value, sheet["A2101"].value) == (2101, "نام", 2100)
    assert (sheet["B3"].value, sheet["C3"].value) == ("=عضو 1", "+989120000001")
    content, media_type = await _export(
        members, format="jsonl", headers="fa", columns="id,segments,household"
    )
    lines = [json.loads(line) for line in content.splitlines()]
    assert media_type == "application/x-ndjson"
    assert (len(lines), lines[1]) == (2100, {"id": 2, "segments": [1, 2], "household": None})


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("headers", ["en", "fa"])
async def test_what_was_exported_can_be_imported(api: RunningApi, form: str, headers: str) -> None:
    whole = {"name": "-سارا", "mobile": kept_mobile(1), "tier": "gold", "group": "G1", "segments": [1, 9]}
    await post(api, "/v1/members", whole)
    content, _ = await _export(api, format=form, headers=headers)
    done = await import_content(api, content, on_existing="replace")
    assert (done["state"], done["replaced"]) == ("done", 1), done
    (member,) = items_of(await get(api, "/v1/members"))
    assert {name: member[name] for name in whole} == whole


async def test_merchants_and_terminals_are_exported(api: RunningApi) -> None:
    await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "فروشگاه"})
    await post(api, "/v1/merchants/1/branches", {"name": "شعبه"})
    await post(api, "/v1/terminals", {"terminal_id": "TERM0001", "branch_id": 1})
    assert (await _csv(api, "merchants", name="فروش", columns="merchant_id,name"))[1] == ["SHOP01", "فروشگاه"]
    rows = await _csv(api, "terminals", status="active", headers="fa")
    assert (rows[0][1], rows[1][1]) == ("شمارهٔ پایانه", "TERM0001")
    assert await _csv(api, "terminals", status="blocked", columns="id") == [["Id"]]
