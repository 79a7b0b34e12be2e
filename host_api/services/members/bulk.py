"""Members by the thousand: import from files, export of the list."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from host_api.core.bulk.export_declaration import Exportable, ExportColumn, ExportQuery
from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits, name_key
from host_api.services.members import access, logic
from host_api.services.members.listing import MemberFilters
from host_api.services.members.schemas import Bits, MemberCreate, MemberTier

_PARTS: Final = re.compile(r"[;,،\s]+")
_TIERS_FA: Final = {
    name_key(name): tier
    for name, tier in (
        ("اولیه", MemberTier.INITIAL),
        ("برنزی", MemberTier.INITIAL),
        ("نقره‌ای", MemberTier.SILVER),
        ("طلایی", MemberTier.GOLD),
        ("پلاتینیوم", MemberTier.PLATINUM),
    )
}

_COLUMNS: Final = (
    ("name", "Name", "نام"),
    ("mobile", "Mobile", "شمارهٔ همراه"),
    ("tier", "Tier", "سطح"),
    ("group", "Group", "گروه"),
    ("organisation", "Organisation", "سازمان"),
    ("segments", "Segments", "بخش‌ها"),
    ("agreements", "Agreements", "موافقت‌ها"),
    ("household", "Household", "خانوار"),
    ("introducer", "Introducer", "معرف"),
)
# What the club itself gives a member.
_GIVEN: Final = (
    ("id", "Member number", "شمارهٔ عضویت"),
    ("status", "Status", "وضعیت"),
    ("created_at", "Joined at", "زمان عضویت"),
    ("switch_state", "Switch state", "وضعیت در سوئیچ"),
)
_ALSO: Final = {"name": ("نام و نام خانوادگی",), "mobile": ("موبایل", "تلفن همراه", "mobile number")}


def _numbers(value: object) -> object:
    """A list that came as text, such as ``1;2``."""
    return [part for part in _PARTS.split(fold_digits(value)) if part] if isinstance(value, str) else value


def _number(value: object) -> object:
    return fold_digits(value) if isinstance(value, str) else value


def _tier(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _TIERS_FA.get(name_key(value), value.strip().lower())


_WrittenBits = Annotated[Bits, BeforeValidator(_numbers)]
_WrittenNumber = Annotated[int | None, BeforeValidator(_number)]


class MemberImportRow(MemberCreate):
    """A new member as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    tier: Annotated[MemberTier, BeforeValidator(_tier)] = MemberTier.INITIAL
    segments: _WrittenBits = Field(default=[])
    agreements: _WrittenBits = Field(default=[])
    household: _WrittenNumber = Field(default=None, ge=1, le=LARGEST_ID)
    introducer: _WrittenNumber = Field(default=None, ge=1, le=LARGEST_ID)


class MemberExportQuery(MemberFilters, ExportQuery):
    """Which members are exported, and how."""


async def _existing(session: AnySession, _cipher: FieldCipher, mobiles: Sequence[str]) -> Mapping[str, int]:
    return await logic.ids_by_mobile(session, mobiles)


async def _insert(session: WriteSession, _cipher: FieldCipher, rows: Sequence[MemberImportRow]) -> list[int]:
    return await logic.create_many(session, rows)


async def _replace(session: WriteSession, _cipher: FieldCipher, rows: Mapping[int, MemberImportRow]) -> None:
    await logic.change_many(session, rows)


async def _read(
    session: AnySession, _cipher: FieldCipher, query: MemberExportQuery, cursor: str | None, limit: int
) -> tuple[list[BaseModel], str | None]:
    members, next_cursor = await logic.read_after(session, query, cursor, limit)
    return [*members], next_cursor


MEMBERS_IMPORT: Final = import_kind(
    Importable(
        name="members",
        permission=access.WRITE,
        row=MemberImportRow,
        columns=tuple(
            ImportColumn(name, title, title_fa, _ALSO.get(name, ())) for name, title, title_fa in _COLUMNS
        ),
        ignored=tuple(header for column in _GIVEN for header in column),
        key=lambda row: row.mobile,
        existing=_existing,
        insert=_insert,
        replace=_replace,
    )
)
MEMBERS_EXPORT: Final = Exportable(
    name="members",
    columns=tuple(ExportColumn(*column) for column in (_GIVEN[0], *_COLUMNS, *_GIVEN[1:])),
    read=_read,
)
