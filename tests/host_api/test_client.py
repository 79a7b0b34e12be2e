"""The generated client against the served API: what it sends, what it gives, and what it raises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from host_api.client import AnswerNotUnderstood, HostApi, Page, Problem, Upload, problems
from host_api.client.models.auth import TokenForm
from host_api.client.models.members import MemberCreate, MemberRead
from host_api.client.models.webhooks import WebhookCreate, WebhookUpdate
from host_api.core.application import create_runtime
from host_api.core.settings import Settings
from tests.host_api.people import PASSWORD, add_user, with_cheap_passwords
from tests.host_api.running_api import RunningApi, running_api

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _answering(answer: bytes) -> AsyncIterator[HostApi]:
    """A client whose server gives this answer to everything, byte by byte as it stands."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, HostApi.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as api:
        yield api


def _http(status: int, media_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_a_list_is_one_page_or_every_item(api: RunningApi) -> None:
    made = [await api.calls.members.create_member(MemberCreate(name=f"m{n}")) for n in range(5)]
    page = await api.calls.members.list_members(limit=2)
    assert isinstance(page, Page)
    assert (page.items, page.next_cursor is None) == (made[:2], False)
    assert [member async for member in api.calls.members.list_members(limit=2)] == made
    rest = api.calls.members.list_members(limit=2, cursor=page.next_cursor)
    assert [member async for member in rest] == made[2:]
    assert [each async for each in api.calls.members.list_members(sort="-id", limit=200)] == made[::-1]
    assert [each async for each in api.calls.members.list_members(tier="gold")] == []


async def test_a_repeated_wish_is_answered_once(api: RunningApi) -> None:
    wish = MemberCreate(name="Sara", mobile="۰۹۱۲ ۳۴۵ ۶۷۸۹")
    first, again = [
        await api.calls.members.create_member(wish, idempotency_key="wish-0001") for _ in range(2)
    ]
    assert isinstance(first, MemberRead)
    assert first == again
    assert first.mobile == "+989123456789"
    assert first.created_at.tzinfo is not None
    with pytest.raises(problems.IdempotencyKeyUsed) as raised:
        await api.calls.members.create_member(MemberCreate(name="Reza"), idempotency_key="wish-0001")
    assert (raised.value.status, raised.value.document.status) == (409, 409)
    assert len((await api.calls.members.list_members()).items) == 1


async def test_a_change_is_made_by_who_has_seen_the_record(api: RunningApi) -> None:
    webhooks = api.calls.webhooks
    issued = await webhooks.create_webhook(WebhookCreate(url="https://shop.example/", event_types=["*"]))
    seen = await webhooks.read_webhook(issued.id)
    assert seen.etag == issued.etag
    changed = await webhooks.update_webhook(seen.id, WebhookUpdate(is_active=False), if_match=seen.etag)
    assert (changed.is_active, changed.url, changed.etag == seen.etag) == (False, issued.url, False)
    (listed,) = (await webhooks.list_webhooks(is_active=False)).items
    assert listed == changed
    with pytest.raises(LookupError):
        _ = listed.etag
    with pytest.raises(problems.ChangedMeanwhile):
        await webhooks.delete_webhook(seen.id, if_match=seen.etag)
    await webhooks.delete_webhook(seen.id, if_match=changed.etag)
    with pytest.raises(problems.WebhookNotFound):
        await webhooks.read_webhook(seen.id)


async def test_problems_tell_the_fields_in_the_callers_language(api: RunningApi) -> None:
    async with HostApi.open(api.base_url, api_key=api.client.headers["X-API-Key"], language="fa") as calls:
        with pytest.raises(problems.ValidationFailed, match=r"^422 validation-failed: ") as raised:
            await calls.members.create_member(MemberCreate(name=" ", mobile="12"))
        assert {error.field for error in raised.value.errors} == {"name", "mobile"}
        assert raised.value.document.title == raised.value.document.title_fa
        with pytest.raises(problems.MemberNotFound):
            await calls.members.read_balances(7)
    with pytest.raises(problems.Unauthorised):
        await api.calls.as_caller().members.read_member(7)


async def test_a_user_logs_in_and_calls(settings: Settings) -> None:
    async with running_api(with_cheap_passwords(create_runtime(settings))) as api:
        await add_user(api.runtime, "sara")
        tokens = await api.calls.auth.issue_tokens(
            TokenForm(grant_type="password", username="sara", password=PASSWORD)
        )
        me = await api.calls.as_caller(access_token=tokens.access_token).auth.read_me()
        assert (me.kind, me.username) == ("user", "sara")
        assert (await api.calls.auth.read_me()).kind == "api_key"


async def test_files_go_up_and_come_down(api: RunningApi) -> None:
    content = "name,mobile\nسارا,09123456789\n".encode()
    kept = await api.calls.files.create_file(Upload("members.csv", content, "text/csv"))
    assert await api.calls.files.download_file(kept.id) == content
    assert b"".join([part async for part in api.calls.files.download_file(kept.id)]) == content
    with pytest.raises(problems.FileNotFound):
        await api.calls.files.download_file(kept.id + 1)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (_http(200, "application/json", b'{"id": "secret-12"}'), "GET /v1/members/12: not as documented"),
        (_http(200, "text/html", b"<html>"), "not as documented"),
        (_http(200, "application/json", b""), "not as documented"),
        (_http(302, "text/plain", b""), "not as documented"),
        (_http(502, "text/html", b"<html>"), "502 without problem details"),
        (_http(404, "application/json", b"{}"), "404 without problem details"),
    ],
    ids=["other-fields", "html", "empty", "redirect", "gateway", "no-problem"],
)
async def test_other_answers_are_not_understood_and_not_repeated(answer: bytes, told: str) -> None:
    async with _answering(answer) as api:
        with pytest.raises(AnswerNotUnderstood, match=told) as raised:
            await api.members.read_member(12)
    assert "secret-12" not in str(raised.value)


async def test_a_newer_api_is_understood_as_far_as_it_is_known() -> None:
    problem = (
        b'{"type": "urn:vafa:problem:moon-full", "title": "t", "title_fa": "t", "status": 409,'
        b' "detail": "d", "detail_fa": "d", "phase": 1}'
    )
    async with _answering(_http(409, "application/problem+json", problem)) as api:
        with pytest.raises(Problem, match=r"^409 moon-full: d$") as raised:
            await api.members.read_member(12)
    assert type(raised.value) is Problem
    assert raised.value.retry_after_s is None
    async with _answering(_http(200, "application/json", b'{"status": "ok", "since": 1}')) as api:
        assert (await api.health.live()).status == "ok"


async def test_a_connection_that_fails_is_httpx2s_own_fault() -> None:
    async with HostApi.open("http://127.0.0.1:1") as api:
        with pytest.raises(httpx2.HTTPError):
            await api.health.live()
