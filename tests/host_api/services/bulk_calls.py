"""Giving files, importing them, and reading what came of it."""

import csv
import io
from collections.abc import Iterable, Sequence

from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi

Imported = dict[str, object]

ENDED = {"refused", "checked", "done", "failed", "cancelled"}


async def give_file(api: RunningApi, content: bytes, name: str = "members.csv") -> int:
    answer = await api.client.post("/v1/files", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def import_file(api: RunningApi, file_id: int, **options: object) -> Imported:
    """The import of a file once it has ended."""
    begun = await post(api, "/v1/members/imports", {"file_id": file_id, **options}, 202)
    return await ended(api, begun["id"])


async def ended(api: RunningApi, import_id: object, timeout_s: float = 60) -> Imported:
    found: Imported = {}

    async def is_ended() -> bool:
        nonlocal found
        found = await get(api, f"/v1/members/imports/{import_id}")
        return found["state"] in ENDED

    await eventually(is_ended, timeout_s)
    return found


async def import_content(api: RunningApi, content: bytes, name: str = "f", **options: object) -> Imported:
    return await import_file(api, await give_file(api, content, name), **options)


async def report_of(api: RunningApi, done: Imported) -> list[list[str]]:
    answer = await api.client.get(f"/v1/files/{done['report_file_id']}/content")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def csv_of(rows: Iterable[Sequence[str]], separator: str = ",", *, with_mark: bool = False) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode("utf-8-sig" if with_mark else "utf-8")


def mobile(number: int) -> str:
    return f"0912{number:07d}"


def kept_mobile(number: int) -> str:
    return f"+98{mobile(number)[1:]}"


def faults_of(done: Imported) -> list[tuple[int, str, str]]:
    faults = done["faults"]
    assert isinstance(faults, list)
    return [(fault["row"], fault["column"], fault["code"]) for fault in faults]
