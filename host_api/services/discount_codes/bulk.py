"""Codes of pools from files."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jalali import CalendarDate
from host_api.core.jobs.declaration import JobFailed
from host_api.core.short_code import ShortCode
from host_api.core.tehran_time import period_of_days
from host_api.services.discount_codes import access, pools
from host_api.services.discount_codes.schemas import WrittenCode


class CodeRow(BaseModel):
    """A code as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    pool: ShortCode
    code: WrittenCode
    last_day: CalendarDate | None = None


async def _existing(session: AnySession, _cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    by_pool: dict[str, list[str]] = {}
    for key in keys:
        pool, _, code = key.partition(":")
        by_pool.setdefault(pool, []).append(code)
    found = await pools.pools_by_code(session, by_pool)
    return {
        f"{name}:{code}": code_id
        for name, codes in by_pool.items()
        if name in found
        for code, code_id in (await pools.ids_of_codes(session, found[name].id, codes)).items()
    }


async def _insert(session: WriteSession, _cipher: FieldCipher, rows: Sequence[CodeRow]) -> list[int]:
    """Add codes to their pools.

    Raises:
        JobFailed: there is no such pool.
    """
    found = await pools.pools_by_code(session, {row.pool for row in rows})
    ids: dict[int, int] = {}
    for name in sorted({row.pool for row in rows}):
        if name not in found:
            raise JobFailed("code-pool-not-found")
        places = [place for place, row in enumerate(rows) if row.pool == name]
        wanted = [
            (row.code, None if row.last_day is None else period_of_days(row.last_day, row.last_day).end)
            for row in (rows[place] for place in places)
        ]
        ids |= dict(zip(places, await pools.add_codes(session, found[name], wanted), strict=True))
    return [ids[place] for place in range(len(rows))]


async def _replace(_session: WriteSession, _cipher: FieldCipher, _rows: Mapping[int, CodeRow]) -> None:
    """Nothing: a code that is there stays what it is."""


CODES_IMPORT: Final = import_kind(
    Importable(
        name="discount-codes",
        permission=access.WRITE,
        row=CodeRow,
        columns=(
            ImportColumn("pool", "Pool", "مخزن"),
            ImportColumn("code", "Code", "کد"),
            ImportColumn("last_day", "Last day", "آخرین روز", ("valid until",)),
        ),
        ignored=(),
        key=lambda row: f"{row.pool}:{row.code}",
        existing=_existing,
        insert=_insert,
        replace=_replace,
        clash="discount-code-exists",
    )
)
