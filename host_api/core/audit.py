"""The audit log: who changed what, from what, to what, written with the change itself.

It hangs on the session: every row that is added, changed or deleted leaves an entry, unless its class says
`is_audited = False`. Columns marked `info={"secret": True}` are named, their values are not.
"""

import base64
from collections.abc import Mapping
from datetime import date, datetime

from fastapi import Request
from sqlalchemy import JSON, Index, String, event, insert, inspect
from sqlalchemy.orm import InstanceState, Mapped, Mapper, PassiveFlag, Session, UOWTransaction, mapped_column

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.isolation import IsolatedSession
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]

_KEY = "audited_caller"
_REQUEST_KEY = "audited_request"
_HIDDEN = "…"

# What a sealed value begins with in an entry; the rest is base 64.
SEALED_PREFIX = "sealed:"


class AuditEntry(InProgramme, Base):
    """One change of one row."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(
            "ix_audit_log_programme_id_table_name_row_key_id", "programme_id", "table_name", "row_key", "id"
        ),
        Index("ix_audit_log_programme_id_at_id", "programme_id", "at", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    at: Mapped[Instant]
    caller_kind: Mapped[str] = mapped_column(String(8))
    caller_id: Mapped[str] = mapped_column(String(60))
    caller_name: Mapped[str] = mapped_column(String(100))
    request_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(6))
    table_name: Mapped[str] = mapped_column(String(64))
    row_key: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Plain] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Plain] | None] = mapped_column(JSON(none_as_null=True))


def audit_as(session: WriteSession, caller: Caller, request_id: str | None = None) -> None:
    """Write what this session changes down in the name of `caller`."""
    session.sync_session.info[_KEY] = caller
    session.sync_session.info[_REQUEST_KEY] = request_id


def audited_caller(session: WriteSession) -> Caller:
    """In whose name this session's changes are written down.

    Raises:
        LookupError: nobody's.
    """
    caller = session.sync_session.info[_KEY]
    if not isinstance(caller, Caller):
        raise LookupError("the session is audited as nobody's")
    return caller


def note(
    session: WriteSession,
    action: str,
    table_name: str,
    row_key: str,
    *,
    before: dict[str, Plain] | None = None,
    after: dict[str, Plain] | None = None,
) -> None:
    """Write down what is no change of a row that is audited by itself, such as a login.

    Parameters:
        action: at most six letters.
    """
    caller = audited_caller(session)
    session.add(
        AuditEntry(
            at=utc_now(),
            caller_kind=caller.kind.value,
            caller_id=caller.identity,
            caller_name=caller.name,
            request_id=session.sync_session.info.get(_REQUEST_KEY),
            action=action,
            table_name=table_name,
            row_key=row_key,
            before=before,
            after=after,
        )
    )


def row_key_of(row: InProgramme) -> str:
    """How the log names a row: by its key within the programme."""
    mapper: Mapper[InProgramme] = inspect(type(row))
    key = dict(zip(mapper.primary_key, mapper.primary_key_from_instance(row), strict=True))
    within = [str(value) for column, value in key.items() if column.key != "programme_id"]
    return ",".join(within) or str(row.programme_id)


def request_id_of(request: Request) -> str | None:
    """The id under which the request is logged."""
    found = getattr(request.state, "request_id", None)
    return found if isinstance(found, str) else None


@event.listens_for(IsolatedSession, "after_flush")
def _write_down(session: Session, _context: UOWTransaction) -> None:
    caller = session.info.get(_KEY)
    if not isinstance(caller, Caller):
        return
    entries = [
        entry
        for action, rows in (("create", session.new), ("update", session.dirty), ("delete", session.deleted))
        for row in rows
        if isinstance(row, InProgramme) and getattr(row, "is_audited", True)
        for entry in _entry(action, row)
    ]
    if entries:
        common = {
            "at": utc_now(),
            "programme_id": caller.programme_id,
            "caller_kind": caller.kind.value,
            "caller_id": caller.identity,
            "caller_name": caller.name,
            "request_id": session.info.get(_REQUEST_KEY),
        }
        session.connection().execute(insert(AuditEntry), [{**common, **entry} for entry in entries])


def _entry(action: str, row: InProgramme) -> list[Mapping[str, object]]:
    state: InstanceState[InProgramme] = inspect(row)
    mapper: Mapper[InProgramme] = state.mapper
    before: dict[str, Plain] = {}
    after: dict[str, Plain] = {}
    for attribute in mapper.column_attrs:
        hidden = bool(attribute.columns[0].info.get("secret"))
        if action == "create":
            after[attribute.key] = _plain(state.dict.get(attribute.key), hidden=hidden)
        elif action == "delete":
            before[attribute.key] = _plain(state.dict.get(attribute.key), hidden=hidden)
        elif (history := state.get_history(attribute.key, PassiveFlag.PASSIVE_NO_INITIALIZE)).added:
            old = history.deleted[0] if history.deleted else None
            before[attribute.key] = _plain(old, hidden=hidden)
            after[attribute.key] = _plain(history.added[0], hidden=hidden)
    if action == "update" and not after:
        return []
    return [
        {
            "action": action,
            "table_name": mapper.persist_selectable.description,
            "row_key": row_key_of(row),
            "before": before or None,
            "after": after or None,
        }
    ]


def _plain(value: object, *, hidden: bool) -> Plain:
    """`value` as JSON can hold it."""
    if value is None or (isinstance(value, bool | int | str) and not hidden):
        return value
    if hidden:
        return _HIDDEN
    if isinstance(value, bytes):  # a sealed value, which opens only in its row
        return f"{SEALED_PREFIX}{base64.b64encode(value).decode()}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(entry, hidden=False) for entry in value]
    if isinstance(value, dict):
        return {str(key): _plain(entry, hidden=False) for key, entry in value.items()}
    return _HIDDEN
