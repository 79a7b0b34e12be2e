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
from host_api.core.jobs.declaration import JobFailed
from host_api.core.persian_text import fold_digits, name_key
from host_api.services.members import access, changes, logic
from host_api.services.members.identities.problems import IdentityTaken
from host_api.services.members.listing import MemberFilters
from host_api.services.members.schemas import LOWEST_TIER, Bits, MemberData, TierName

_PARTS: Final = re.compile(r"[;,،\s]+")
_TIERS_FA: Final = {
    name_key(name): tier
    for name, tier in (
        ("اولیه", LOWEST_TIER),
        ("برنزی", LOWEST_TIER),
        ("نقره‌ای", "silver"),
        ("طلایی", "gold"),
        ("پلاتینیوم", "platinum"),
    )
}

_COLUMNS: Final = (
    ("name", "Name", "نام"),
    ("mobile", "Mobile", "شمارهٔ همراه"),
    ("email", "E-mail", "ایمیل"),
    ("national_id", "National id", "کد ملی"),
    ("birth_date", "Birth date", "تاریخ تولد"),
    ("city", "City", "شهر"),
    ("address", "Address", "نشانی"),
    ("postal_code", "Postal code", "کد پستی"),
    ("sheba", "Sheba", "شبا"),
    ("tier", "Tier", "سطح"),
    ("group", "Group", "گروه"),
    ("organisation", "Organisation", "سازمان"),
    ("club_level", "Sub-club", "زیرباشگاه"),
    ("segments", "Segments", "بخش‌ها"),
    ("agreements", "Agreements", "موافقت‌ها"),
)
# What the club itself gives a member.
_GIVEN: Final = (
    ("id", "Member number", "شمارهٔ عضویت"),
    ("status", "Status", "وضعیت"),
    ("activity", "Activity", "فعالیت"),
    ("joined_via", "Joined via", "راه عضویت"),
    ("interests", "Interests", "علاقه‌ها"),
    ("household", "Household", "خانوار"),
    ("introducer", "Introducer", "معرف"),
    ("introduced_until", "Introduced until", "پایان معرفی"),
    ("created_at", "Joined at", "زمان عضویت"),
    ("switch_state", "Switch state", "وضعیت در سوئیچ"),
)
_ALSO: Final = {"name": ("نام و نام خانوادگی",), "mobile": ("موبایل", "تلفن همراه", "mobile number")}


def _numbers(value: object) -> object:
    """A list that came as text, such as ``1;2``."""
    return [part for part in _PARTS.split(fold_digits(value)) if part] if isinstance(value, str) else value


def _tier(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _TIERS_FA.get(name_key(value), value.strip().lower())


_WrittenBits = Annotated[Bits, BeforeValidator(_numbers)]


class MemberImportRow(MemberData):
    """A new member as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    tier: Annotated[TierName, BeforeValidator(_tier)] = LOWEST_TIER
    segments: _WrittenBits = Field(default=[])
    agreements: _WrittenBits = Field(default=[])


class MemberExportQuery(MemberFilters, ExportQuery):
    """Which members are exported, and how."""


_TAKEN: Final = "identity-taken"


async def _existing(session: AnySession, cipher: FieldCipher, mobiles: Sequence[str]) -> Mapping[str, int]:
    return await logic.ids_by_mobile(session, cipher, mobiles)


async def _insert(session: WriteSession, cipher: FieldCipher, rows: Sequence[MemberImportRow]) -> list[int]:
    try:
        return await logic.create_many(session, cipher, rows)
    except IdentityTaken:
        raise JobFailed(_TAKEN) from None


async def _replace(session: WriteSession, cipher: FieldCipher, rows: Mapping[int, MemberImportRow]) -> None:
    try:
        await changes.replace_many(session, cipher, rows)
    except IdentityTaken:
        raise JobFailed(_TAKEN) from None


async def _read(
    session: AnySession, cipher: FieldCipher, query: MemberExportQuery, cursor: str | None, limit: int
) -> tuple[list[BaseModel], str | None]:
    members, next_cursor = await logic.read_after(session, cipher, query, cursor, limit)
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
        clash=_TAKEN,
    )
)
MEMBERS_EXPORT: Final = Exportable(
    name="members",
    columns=tuple(ExportColumn(*column) for column in (_GIVEN[0], *_COLUMNS, *_GIVEN[1:])),
    read=_read,
)
