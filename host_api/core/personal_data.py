"""What services declare of the personal data that they hold, and how all of it is erased at once.

The ledger stays: transactions, journal and requests go by member number, and keep it.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import inspect, update

from host_api.core.audit import AuditEntry, row_key_of
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.programmes import InProgramme


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a member can't be erased yet. `code` is stable; the texts name no person."""

    code: str
    text: str
    text_fa: str


async def _nothing_to_erase(
    _session: WriteSession, _cipher: FieldCipher, _member_id: int
) -> list[InProgramme]:
    return []


async def _no_hindrance(_session: AnySession, _member_id: int) -> list[Hindrance]:
    return []


async def _no_texts(_session: AnySession, _cipher: FieldCipher, _member_id: int) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One service's part.

    Parameters:
        name: key of the part in an exported file.
        title, title_fa: what a person calls it.
        kept, kept_fa: what erasing leaves, and for how long.
        export: all that is held of a member, as JSON.
        erase: overwrites it, and gives the rows whose audit trail may hold it too. Rows that it deletes are
            among them.
        texts: names and numbers by which stored answers that show the member are found.
        hindrances: what stands against erasing now.
    """

    name: str
    title: str
    title_fa: str
    kept: str
    kept_fa: str
    export: Callable[[AnySession, FieldCipher, int], Awaitable[JsonObject]]
    erase: Callable[[WriteSession, FieldCipher, int], Awaitable[Sequence[InProgramme]]] = _nothing_to_erase
    texts: Callable[[AnySession, FieldCipher, int], Awaitable[Sequence[str]]] = _no_texts
    hindrances: Callable[[AnySession, int], Awaitable[Sequence[Hindrance]]] = _no_hindrance


async def export_member(
    session: AnySession, cipher: FieldCipher, parts: Iterable[PersonalData], member_id: int
) -> JsonObject:
    """All that the parts hold of a member; parts that hold nothing are left out."""
    found = {part.name: await part.export(session, cipher, member_id) for part in parts}
    return {name: data for name, data in found.items() if data}


async def hindrances_of(
    session: AnySession, parts: Iterable[PersonalData], member_id: int
) -> list[Hindrance]:
    """All that stands against erasing a member."""
    return [hindrance for part in parts for hindrance in await part.hindrances(session, member_id)]


async def erase_member(
    session: WriteSession, cipher: FieldCipher, parts: Iterable[PersonalData], member_id: int
) -> None:
    """Overwrite what the parts hold of a member, and empty the audit trail of those rows.

    The trail keeps who changed them and when, this erasure too, but no longer what.
    """
    rows = [row for part in parts for row in await part.erase(session, cipher, member_id)]
    keys: dict[str, set[str]] = {}
    for row in rows:
        table_name = inspect(type(row)).persist_selectable.description
        keys.setdefault(table_name, set()).add(row_key_of(row))
    await session.flush()  # the trail of the erasing itself is written here
    for table_name, row_keys in keys.items():
        await session.execute(
            update(AuditEntry)
            .where(AuditEntry.table_name == table_name, AuditEntry.row_key.in_(sorted(row_keys)))
            .values(before=None, after=None)
            .execution_options(synchronize_session=False)
        )
