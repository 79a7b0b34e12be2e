"""Members of static groups from files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.declaration import JobFailed
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.core.short_code import ShortCode
from host_api.services.groups import access, logic, membership


def _number(value: object) -> object:
    return fold_digits(value) if isinstance(value, str) else value


class GroupMemberRow(BaseModel):
    """A member of a group as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    group: ShortCode
    member_id: Annotated[int, BeforeValidator(_number)] = Field(ge=1, le=LARGEST_ID)


async def _existing(session: AnySession, _cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    return await membership.present(session, [_pair(key) for key in keys])


async def _insert(session: WriteSession, _cipher: FieldCipher, rows: Sequence[GroupMemberRow]) -> list[int]:
    """Put members into their groups.

    Raises:
        JobFailed: a group is no static one in force, or nobody has a member number.
    """
    groups = await logic.static_by_code(session, sorted({row.group for row in rows}))
    for code in sorted({row.group for row in rows}):
        if code not in groups:
            raise JobFailed("group-not-static")
        ids = [row.member_id for row in rows if row.group == code]
        _, unknown = await membership.change_by_hand(session, groups[code], ids, is_in=True, now=utc_now())
        if unknown:
            raise JobFailed("member-not-found")
    return [row.member_id for row in rows]


async def _replace(_session: WriteSession, _cipher: FieldCipher, _rows: Mapping[int, GroupMemberRow]) -> None:
    """Nothing: who is in a group is in it."""


def _pair(key: str) -> tuple[str, int]:
    code, _, member_id = key.rpartition(":")
    return code, int(member_id)


GROUP_MEMBERS_IMPORT: Final = import_kind(
    Importable(
        name="group-members",
        permission=access.WRITE,
        row=GroupMemberRow,
        columns=(
            ImportColumn("group", "Group", "گروه"),
            ImportColumn("member_id", "Member number", "شمارهٔ عضویت", ("id",)),
        ),
        ignored=(),
        key=lambda row: f"{row.group}:{row.member_id}",
        existing=_existing,
        insert=_insert,
        replace=_replace,
    )
)
