"""Freezing the draft, and reading what was frozen."""

import asyncio
import base64
import hashlib
from typing import cast

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.draft.json_content import JsonObject, written
from host_api.services.rules.draft.models import RuleEdition
from host_api.services.rules.names import CHECK_JOB
from host_api.services.rules.versions.difference import difference_of
from host_api.services.rules.versions.listing import RuleVersionQuery
from host_api.services.rules.versions.models import RuleVersion, RuleVersionContent
from host_api.services.rules.versions.schemas import DocumentDifference, RuleVersionRead, VersionState
from switch.rules.packing.bounds import VERSION_MAX

_LISTS = ("rules", "simple")
_FIRST_EDITION = 1


class VersionNotFound(Problem):
    """No version has this id."""

    status = 404
    code = "rule-version-not-found"
    title = "Version of the rules not found"
    title_fa = "نسخهٔ قواعد پیدا نشد"
    detail = "There is no frozen version with this id."
    detail_fa = "نسخهٔ ثابتی با این شناسه وجود ندارد."


async def freeze(session: WriteSession, note: str, caller: Caller) -> RuleVersionRead:
    """Keep the draft as it stands; a job compiles it."""
    await draft.lock(session)
    document = await draft.document_of(session)
    await _number_editions(session, document)
    version = RuleVersion(
        state=VersionState.PREPARING.value,
        note=note,
        rules=sum(len(_entries(document, section)) for section in _LISTS),
        frozen_by=caller.key,
        frozen_by_name=caller.name,
        frozen_at=utc_now(),
    )
    session.add(version)
    await session.flush()
    session.add(RuleVersionContent(version_id=version.id, document=document, table=None))
    run_store.enqueue(session, CHECK_JOB, {"version_id": version.id}, caller, now=utc_now())
    await session.flush()
    return _read(version)


async def note_prepared(session: WriteSession, version_id: int, report: JsonObject) -> None:
    """Keep what the compiler made of a version; once."""
    version = await session.get(RuleVersion, version_id, with_for_update=True)
    content = await session.get(RuleVersionContent, version_id)
    if version is None or content is None or version.state != VersionState.PREPARING:
        return
    table = report.pop("table", None)
    version.report = report
    if isinstance(table, str):
        content.table = base64.b64decode(table)
        version.digest = cast(str, report["digest"])
        version.errors = cast(int, report["errors"])
        version.state = VersionState.READY.value
    else:
        version.state = VersionState.FAULTY.value


async def read(session: AnySession, version_id: int) -> RuleVersionRead:
    """One version.

    Raises:
        VersionNotFound
    """
    return _read(await _find(session, version_id))


async def read_page(session: ReadSession, query: RuleVersionQuery) -> Page[RuleVersionRead]:
    """A page of versions."""
    versions, next_cursor = await read_rows(session, select(RuleVersion), query)
    return Page(items=[_read(version) for version in versions], next_cursor=next_cursor)


async def document_of(session: AnySession, version_id: int) -> JsonObject:
    """The document of a version.

    Raises:
        VersionNotFound
    """
    content = await session.get(RuleVersionContent, version_id)
    if content is None:
        raise VersionNotFound
    return content.document


async def newest_documents(session: AnySession, limit: int) -> list[JsonObject]:
    """The documents of the versions that were frozen last, the newest first."""
    ids = await session.scalars(select(RuleVersion.id).order_by(RuleVersion.id.desc()).limit(limit))
    return [await document_of(session, version_id) for version_id in list(ids)]


async def table_of(session: AnySession, version_id: int) -> bytes | None:
    """The deflated table of a version; None where it has none."""
    content = await session.get(RuleVersionContent, version_id)
    return None if content is None else content.table


async def author_of(session: AnySession, version_id: int) -> str | None:
    """Who froze a version, as `name_of` has it."""
    author: str | None = await session.scalar(
        select(RuleVersion.frozen_by).where(RuleVersion.id == version_id)
    )
    return author


async def of_digest(session: AnySession, digest: str) -> RuleVersionRead | None:
    """The latest version whose table has this digest."""
    found = select(RuleVersion).where(RuleVersion.digest == digest).order_by(RuleVersion.id.desc()).limit(1)
    version = await session.scalar(found)
    return None if version is None else _read(version)


async def difference(session: AnySession, before: int | None, after: int | None) -> DocumentDifference:
    """What the second document changes; None is the draft.

    Raises:
        VersionNotFound
    """
    documents = [
        await draft.document_of(session) if each is None else await document_of(session, each)
        for each in (before, after)
    ]
    return await asyncio.to_thread(difference_of, *documents)


async def _number_editions(session: WriteSession, document: JsonObject) -> None:
    """Give each rule its edition: the last one where nothing has changed, else the next."""
    editions = {edition.rule_id: edition for edition in await session.scalars(select(RuleEdition))}
    for section in _LISTS:
        rules = [dict(rule) for rule in _entries(document, section)]
        for rule in rules:
            rule_id, given = str(rule["rule_id"]), rule.pop("version", _FIRST_EDITION)
            digest = hashlib.sha256(written(rule).encode()).digest()
            wanted = given if type(given) is int and 1 <= given <= VERSION_MAX else _FIRST_EDITION
            known = editions.get(rule_id)
            if known is None:
                known = RuleEdition(rule_id=rule_id, edition=wanted, content_sha256=digest)
                session.add(known)
            elif known.content_sha256 != digest:
                known.edition, known.content_sha256 = max(wanted, known.edition + 1), digest
            rule["version"] = known.edition
        if rules:
            document[section] = list(rules)


def _entries(document: JsonObject, section: str) -> list[JsonObject]:
    entries = document.get(section, [])
    return [rule for rule in entries if isinstance(rule, dict)] if isinstance(entries, list) else []


async def _find(session: AnySession, version_id: int) -> RuleVersion:
    version = await session.get(RuleVersion, version_id)
    if version is None:
        raise VersionNotFound
    return version


def _read(version: RuleVersion) -> RuleVersionRead:
    return RuleVersionRead(
        id=version.id,
        state=VersionState(version.state),
        note=version.note,
        rules=version.rules,
        digest=version.digest,
        errors=version.errors,
        report=version.report,
        frozen_by=version.frozen_by_name,
        frozen_at=version.frozen_at,
    )
