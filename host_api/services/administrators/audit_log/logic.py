"""Reading the audit log.

Personal data stands in it as it was sealed. A list never opens it, so leafing through shows nobody's
data; one entry does, for who may approve in this module, while the keys are there: what was erased stays so.
"""

import base64

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.audit import SEALED_PREFIX, AuditEntry, Plain
from host_api.core.database import AnySession, ReadSession
from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.sealed_field import sealed_field_of
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.services.administrators.access import AUDIT_OPEN
from host_api.services.administrators.audit_log.schemas import AuditEntryRead, AuditQuery

_CLOSED = "sealed"
_JSON = TypeAdapter(dict[str, JsonValue])


class AuditEntryNotFound(Problem):
    """No entry has this id."""

    status = 404
    code = "audit-entry-not-found"
    title = "Audit entry not found"
    title_fa = "رد پیدا نشد"
    detail = "There is no audit entry with this id."
    detail_fa = "ردّی با این شناسه وجود ندارد."


async def read_page(session: ReadSession, query: AuditQuery) -> Page[AuditEntryRead]:
    """A page of entries, sealed values closed."""
    entries, next_cursor = await read_rows(session, select(AuditEntry), query)
    return Page(items=[_read(entry, None) for entry in entries], next_cursor=next_cursor)


async def read(session: AnySession, caller: Caller, cipher: FieldCipher, entry_id: int) -> AuditEntryRead:
    """One entry.

    Raises:
        AuditEntryNotFound
    """
    entry = await session.get(AuditEntry, entry_id)
    if entry is None:
        raise AuditEntryNotFound
    return _read(entry, cipher if AUDIT_OPEN.is_in(caller.granted) else None)


def _read(entry: AuditEntry, cipher: FieldCipher | None) -> AuditEntryRead:
    return AuditEntryRead(
        id=entry.id,
        at=entry.at,
        caller_kind=CallerKind(entry.caller_kind),
        caller_id=entry.caller_id,
        caller_name=entry.caller_name,
        request_id=entry.request_id,
        action=entry.action,
        table_name=entry.table_name,
        row_key=entry.row_key,
        before=_values(entry, entry.before, cipher),
        after=_values(entry, entry.after, cipher),
    )


def _values(
    entry: AuditEntry, values: dict[str, Plain] | None, cipher: FieldCipher | None
) -> dict[str, JsonValue] | None:
    if values is None:
        return None
    shown = _JSON.validate_python(values)
    return {
        column: _opened(entry, column, value, cipher)
        if isinstance(value, str) and value.startswith(SEALED_PREFIX)
        else value
        for column, value in shown.items()
    }


def _opened(entry: AuditEntry, column: str, value: str, cipher: FieldCipher | None) -> str:
    """What was sealed; closed where nobody may open it, and for text that only looks like it."""
    name = sealed_field_of(entry.table_name, column)
    if cipher is None or name is None or not entry.row_key.isdecimal():
        return _CLOSED
    try:
        envelope = base64.b64decode(value.removeprefix(SEALED_PREFIX), validate=True)
        return cipher.open(entry.programme_id, name, int(entry.row_key), envelope)
    except (SealFault, ValueError):
        return _CLOSED
