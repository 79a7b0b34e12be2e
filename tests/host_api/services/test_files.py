"""Files: given, sealed on disk, found, downloaded, linked, expired and swept away."""

import asyncio
import contextlib
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from host_api.core.access.api_keys import ApiKey
from host_api.core.access.caller import system_caller
from host_api.core.access.credentials import CredentialKind, new_credential
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.content_store import ContentMissing, ContentStore
from host_api.core.files.file_table import StoredFile, add_file, kept_file_name
from host_api.core.files.links import FileLink, link_token, read_link
from host_api.core.files.sweep import SWEEP_FILES
from host_api.core.jobs.running import JobTools
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import give_file

pytestmark = pytest.mark.anyio

CSV = "نام,همراه\nسارا,09123456789\n".encode()


def _contents(api: RunningApi) -> list[Path]:
    root = api.runtime.settings.files_directory
    return [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]


async def _reader(api: RunningApi, *permissions: str) -> dict[str, str]:
    key = new_credential(CredentialKind.API_KEY)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add(
            ApiKey(
                key_id=key.credential_id,
                secret_sha256=key.secret_sha256,
                name="test",
                permissions=list(permissions),
                created_at=utc_now(),
                expires_at=None,
                revoked_at=None,
            )
        )
    return {"X-API-Key": key.text}


async def test_a_file_comes_back_as_it_was_and_lies_sealed(api: RunningApi) -> None:
    content = CSV + os.urandom(200_000).hex().encode()
    file_id = await give_file(api, content, "../اعضا; ۱۴۰۵.csv")
    kept = await get(api, f"/v1/files/{file_id}")
    assert (kept["name"], kept["media_type"], kept["size"]) == ("اعضا; ۱۴۰۵.csv", "text/csv", len(content))
    answer = await api.client.get(f"/v1/files/{file_id}/content")
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%D8%A7" in answer.headers["content-disposition"]
    (path,) = _contents(api)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.name == kept["sha256"]
    assert "سارا".encode() not in path.read_bytes()


async def test_equal_contents_are_kept_once(api: RunningApi) -> None:
    ids = await asyncio.gather(*(give_file(api, CSV) for _ in range(4)))
    assert len(set(ids)) == 4
    assert len(_contents(api)) == 1
    await api.client.delete(f"/v1/files/{ids[0]}")
    assert (await api.client.get(f"/v1/files/{ids[1]}/content")).content == CSV
    assert (await api.client.get(f"/v1/files/{ids[0]}/content")).status_code == 404
    assert len(items_of(await get(api, "/v1/files"))) == 3


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b' [{"name": "n"}]', "application/json"),
        (b'{"name": "n"}\n{"name": "m"}', "application/x-ndjson"),
        (b"\xef\xbb\xbfname\nSara", "text/csv"),
        ("ن".encode() * 2047 + b"," + "ن".encode() * 10, "text/csv"),
        (b"MZ\x90\x00executable", None),
        (b"PK\x03\x04no archive", None),
        ("نام".encode("cp1256"), None),
        (b"a\x00b", None),
        (b"", None),
    ],
    ids=["pdf", "png", "jpeg", "json", "lines", "csv", "cut letter", "exe", "zip", "cp1256", "nul", "empty"],
)
async def test_the_kind_is_told_by_the_content(
    api: RunningApi, content: bytes, media_type: str | None
) -> None:
    answer = await api.client.post("/v1/files", files={"file": ("members.csv", content)})
    assert answer.status_code == (201 if media_type else 415), answer.text
    assert answer.json().get("media_type") == media_type
    assert len(_contents(api)) == (1 if media_type else 0)


@pytest.mark.parametrize(
    "request_body",
    [
        {"files": {"other": ("f", CSV)}},
        {"files": [("file", ("f", CSV)), ("file", ("g", CSV))]},
        {"content": CSV, "headers": {"Content-Type": "text/csv"}},
        {"content": CSV, "headers": {"Content-Type": "multipart/form-data"}},
        {"content": CSV, "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nname\r\nSara',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        {
            "content": b"--x\r\n" + b"X: " + b"y" * 4000 + b"\r\n\r\n",
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
    ],
    ids=["other field", "two files", "no form", "no boundary", "no part", "cut off", "long header"],
)
async def test_forms_that_hold_no_whole_file_are_refused(
    api: RunningApi, request_body: dict[str, object]
) -> None:
    answer = await api.client.post("/v1/files", **request_body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
    assert _contents(api) == []
    assert items_of(await get(api, "/v1/files")) == []


async def test_a_file_has_its_own_limit_and_other_bodies_theirs(api: RunningApi) -> None:
    assert (
        (await api.client.post("/v1/members", content=b"x" * 65_537))
        .json()["type"]
        .endswith("body-too-large")
    )
    host, _, port = api.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for name, value in (
        ("POST /v1/files HTTP/1.1\r\nHost", host),
        ("Content-Length", str(64 * 1024 * 1024 + 16 * 1024 + 1)),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("X-API-Key", api.client.headers["X-API-Key"]),
    ):
        writer.write(f"{name}: {value}\r\n".encode())
    writer.write(b"\r\n--x\r\n")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    body = await asyncio.wait_for(reader.readuntil(b"}"), 60)
    writer.close()
    with contextlib.suppress(ConnectionError):  # the server may be gone first
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"urn:vafa:problem:file-too-large" in body


async def test_who_may_not_give_files_sends_none(api: RunningApi) -> None:
    headers = await _reader(api, "files:read")
    answer = await api.client.post("/v1/files", files={"file": ("f", CSV)}, headers=headers)
    assert answer.status_code == 403
    assert _contents(api) == []


async def test_a_repeat_with_its_key_keeps_one_file(api: RunningApi) -> None:
    headers = {"Idempotency-Key": "wish-0001", "Content-Type": "multipart/form-data; boundary=x"}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nname\r\nSara\r\n--x--\r\n'
    )
    first = await api.client.post("/v1/files", content=body, headers=headers)
    again = await api.client.post("/v1/files", content=body, headers=headers)
    assert (first.status_code, again.content) == (201, first.content)
    for other in (body.replace(b"Sara", b"Reza"), body.replace(b'"f"', b'"g"')):
        answer = await api.client.post("/v1/files", content=other, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:vafa:problem:idempotency-key-used")
    assert len(items_of(await get(api, "/v1/files"))) == 1


async def test_an_audience_is_asked_for_beside_the_permission_of_files(api: RunningApi) -> None:
    file_id = await give_file(api, CSV)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(StoredFile).values(audience="members:write"))
    few = await _reader(api, "files:*", "members:read")
    enough = await _reader(api, "files:read", "members:*")
    for path in (f"/v1/files/{file_id}/content", f"/v1/files/{file_id}/link"):
        assert (await api.client.get(path, headers=few)).status_code == 403
        assert (await api.client.get(path, headers=enough)).status_code == 200
    assert (await api.client.delete(f"/v1/files/{file_id}", headers=few)).status_code == 403


async def test_a_link_needs_no_key_and_ends(api: RunningApi) -> None:
    file_id = await give_file(api, CSV)
    path = str((await get(api, f"/v1/files/{file_id}/link", minutes=5))["path"])
    api.client.headers.pop("X-API-Key")
    answer = await api.client.get(path)
    assert (answer.status_code, answer.content) == (200, CSV)
    for at in (12, 20, 40, 75):
        changed = path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1 :]
        assert (await api.client.get(changed)).status_code == 404
    for wrong in ("x", "A" * 80, "%20", "é"):
        assert (await api.client.get(f"/downloads/{wrong}")).status_code == 404
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(StoredFile).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert (await api.client.get(path)).status_code == 404


async def test_links_know_their_time(api: RunningApi) -> None:
    cipher: FieldCipher = api.runtime.vault.cipher
    now = utc_now().replace(microsecond=0)
    token = link_token(cipher, FileLink(1, 7, now + timedelta(minutes=5)))
    assert read_link(cipher, token, now + timedelta(seconds=299)) == FileLink(
        1, 7, now + timedelta(minutes=5)
    )
    assert read_link(cipher, token, now + timedelta(seconds=300)) is None


async def _store(tools: JobTools, content: bytes, expires_at: datetime) -> bytes:
    """A file without the API, whose own runner would sweep too."""
    with tools.contents.draft(FIRST_PROGRAMME, 1000) as draft:
        draft.write(content)
        draft.keep()
    async with tools.database.writing(FIRST_PROGRAMME) as session:
        file = await add_file(
            session,
            name="f",
            media_type="text/csv",
            size=draft.size,
            sha256=draft.sha256,
            caller=system_caller("test", FIRST_PROGRAMME),
            now=utc_now(),
        )
        file.expires_at = expires_at
    return draft.sha256


async def test_what_belongs_to_no_file_is_swept_away_later(database: Database, settings: Settings) -> None:
    tools = await tools_on(database, settings)
    runners = Runners(tools, replace(SWEEP_FILES, schedule=None))
    runners.clock.now = utc_now()
    kept = await _store(tools, CSV, utc_now() + timedelta(days=9))
    expired = await _store(tools, CSV + b"x", utc_now() - timedelta(days=1))
    with tools.contents.draft(FIRST_PROGRAMME, 1000) as orphan:
        orphan.write(b"no row")
        orphan.keep()
    drafts = tools.contents.folder(FIRST_PROGRAMME) / "drafts"
    (drafts / "left").write_bytes(b"by a killed process")
    assert await _sweep(runners) == {"expired_files": 1, "removed_contents": 0, "removed_drafts": 0}
    runners.clock.turn(hours=2)
    assert await _sweep(runners) == {"expired_files": 0, "removed_contents": 2, "removed_drafts": 0}
    runners.clock.turn(days=2)
    assert await _sweep(runners) == {"expired_files": 0, "removed_contents": 0, "removed_drafts": 1}
    with tools.contents.open(FIRST_PROGRAMME, kept) as content:
        assert content.read(100) == CSV
    with pytest.raises(ContentMissing):
        tools.contents.open(FIRST_PROGRAMME, expired)


async def test_a_content_that_is_given_again_is_not_swept_away(
    database: Database, settings: Settings
) -> None:
    """Between the look at the table and the removal the same bytes come again."""
    tools = await tools_on(database, settings)
    before = utc_now().timestamp() + 3600
    digest = await _store(tools, CSV, utc_now())
    assert list(tools.contents.stored_before(FIRST_PROGRAMME, before)) == [digest]
    later = ContentStore(settings.files_directory, lambda: tools.vault.streams, lambda: before + 1)
    with later.draft(FIRST_PROGRAMME, 1000) as draft:
        draft.write(CSV)
        draft.keep()
    assert tools.contents.remove(FIRST_PROGRAMME, [digest], before) == 0
    tools.contents.open(FIRST_PROGRAMME, digest).close()


async def _sweep(runners: Runners) -> object:
    run_id = await runners.enqueue("sweep-files")
    await runners.work_off(runners.new())
    return (await runners.run(run_id)).outcome


async def test_a_programme_has_its_own_contents(api: RunningApi) -> None:
    file_id = await give_file(api, CSV)
    folder = api.runtime.settings.files_directory
    (path,) = _contents(api)
    elsewhere = folder / "2" / path.parent.name / path.name
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_bytes(path.read_bytes())
    caller = system_caller("test", FIRST_PROGRAMME)
    with pytest.raises(Exception, match="key"):
        api.runtime.contents.open(2, bytes.fromhex(path.name))
    path.write_bytes(path.read_bytes()[:-1])
    assert (await api.client.get(f"/v1/files/{file_id}/content")).status_code == 500
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        huge = 8 * 1024**3
        with pytest.raises(Exception, match="files-use-too-much"):
            await add_file(
                session,
                name="f",
                media_type="text/csv",
                size=huge,
                sha256=bytes(32),
                caller=caller,
                now=utc_now(),
            )
        assert await session.scalar(select(func.count(StoredFile.id))) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\x\\اعضا.csv", "اعضا.csv"),
        ("../../etc/passwd", "passwd"),
        ('a"b\r\nX: y.csv', "abX y.csv"),
        ("\u202etxt.exe", "txt.exe"),
        ("...", "file"),
        ("", "file"),
        ("ن" * 400, "ن" * 150),
    ],
    ids=["windows", "parents", "header", "direction", "dots", "empty", "long"],
)
def test_names_do_no_harm(given: str, kept: str) -> None:
    assert kept_file_name(given) == kept
