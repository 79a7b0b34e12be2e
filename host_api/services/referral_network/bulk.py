"""A referral network that was kept elsewhere, from a file: all its branches or none.

A row hangs a member, who hangs nowhere yet, on an introducer. Branches count from the import on, for as long
as the policy says; nothing is paid for having been introduced. Whoever hangs somewhere already is moved by
two persons, never by a file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import func, or_, select

from host_api.core.bulk.file_fault import RowFault
from host_api.core.bulk.import_declaration import Importable, ImportColumn, NumberedRows
from host_api.core.bulk.import_job import import_kind
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.iran.number_fault import NumberFault
from host_api.core.iran.phone_numbers import parse_mobile_number
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.referral_network import access, changes, forest, policies, tree
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.registrations import begin_branch
from host_api.services.referral_network.schemas import NetworkChangeKind

_BY: Final = "import"
_FAULTS: Final = {
    "member-not-found": ("Nobody has this number", "هیچ عضوی این شماره را ندارد."),
    "member-not-in-network": (
        "This member is not active, or was erased or merged",
        "این عضو فعال نیست، یا حذف یا ادغام شده است.",
    ),
    "introduced-otherwise": (
        "This member has another introducer; ask for a move",
        "این عضو معرف دیگری دارد؛ برای جابه‌جایی درخواست دهید.",
    ),
    "double-row": ("An earlier row has the same member", "سطر پیشتری همین عضو را دارد."),
    "own-branch": (
        "The member would stand above themselves, by this row or with others",
        "با این سطر، به‌تنهایی یا با سطرهای دیگر، عضو بالادست خود می‌شود.",
    ),
    "branches-full": (
        "The introducer would have more branches than the policy allows",
        "معرف بیش از سقف سیاست شبکه زیرشاخه پیدا می‌کند.",
    ),
}


def _member(value: object) -> object:
    """A member number, or a mobile number in any usual writing."""
    text = fold_digits(str(value)).strip() if isinstance(value, str | int) else value
    try:
        return parse_mobile_number(text) if isinstance(text, str) else text
    except NumberFault:
        return text


def _known_number(text: str) -> str:
    if text.startswith("+"):
        return text
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= LARGEST_ID):
        raise ValueError("a member number or a mobile number")
    return str(int(text))


MemberWritten = Annotated[
    str, Field(min_length=1, max_length=19), BeforeValidator(_member), AfterValidator(_known_number)
]


class NetworkBranchRow(BaseModel):
    """A branch as a row of a file gives it: each by member number or mobile."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    member: MemberWritten
    introducer: MemberWritten


async def _ids(session: AnySession, cipher: FieldCipher, written: Sequence[str]) -> dict[str, int]:
    """Member numbers of what rows have; a mobile that nobody has is left out."""
    mobiles = sorted({each for each in written if each.startswith("+")})
    found = await members.ids_by_mobile(session, cipher, mobiles) if mobiles else {}
    return {each: int(each) for each in written if not each.startswith("+")} | found


async def _existing(session: AnySession, cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    ids = await _ids(session, cipher, keys)
    above = await _introducers(session, sorted(set(ids.values())))
    return {key: member_id for key, member_id in ids.items() if above.get(member_id) is not None}


async def _check(
    session: AnySession, cipher: FieldCipher, rows: NumberedRows[NetworkBranchRow]
) -> Sequence[RowFault]:
    """All that keeps the file's branches from being hung, each with its row."""
    check = _Check()
    async for some in rows:
        texts = [text for _, row in some for text in (row.member, row.introducer)]
        ids = await _ids(session, cipher, texts)
        check.take(some, ids)
    if isinstance(session, WriteSession):
        # Members first and then the gate, as whoever changes one branch does.
        for chosen in forest.chunks(sorted(check.named)):
            await selection.lock(session, chosen)
        await tree.pass_gate(session)
    await check.compare(session, utc_now())
    return check.faults()


class _Check:
    """The file as a whole: who is to hang where, and what is against it."""

    def __init__(self) -> None:
        self.named: set[int] = set()
        self._wanted: dict[int, tuple[int, int]] = {}  # row and introducer, by member
        self._found: list[tuple[int, str, str]] = []

    def take(self, rows: Sequence[tuple[int, NetworkBranchRow]], ids: Mapping[str, int]) -> None:
        """Take some rows, in the order of the file."""
        for number, row in rows:
            member_id, introducer = ids.get(row.member), ids.get(row.introducer)
            if member_id is None:
                self._found.append((number, "member", "member-not-found"))
            if introducer is None:
                self._found.append((number, "introducer", "member-not-found"))
            if member_id is None or introducer is None:
                continue
            if member_id in self._wanted:
                self._found.append((number, "member", "double-row"))
            elif member_id == introducer:
                self._found.append((number, "introducer", "own-branch"))
            else:
                self._wanted[member_id] = number, introducer
                self.named |= {member_id, introducer}

    async def compare(self, session: AnySession, now: datetime) -> None:
        """Hold all rows against the members and branches that are there."""
        await self._compare_members(session)
        above: dict[int, int | None] = {}
        for some in forest.chunks(sorted(self._wanted)):
            above |= await _introducers(session, some)
        for member_id, (_, introducer) in list(self._wanted.items()):
            has = above.get(member_id)
            if has is not None and has != introducer:
                self._drop(member_id, "member", "introduced-otherwise")
            elif has is not None:
                del self._wanted[member_id]
        await self._find_circles(session)
        await self._count_branches(session, now)

    def faults(self) -> list[RowFault]:
        """In the order of the rows."""
        return [
            RowFault(number, column, code, *_FAULTS[code]) for number, column, code in sorted(self._found)
        ]

    async def _compare_members(self, session: AnySession) -> None:
        statuses: dict[int, str] = {}
        closed: set[int] = set()
        for some in forest.chunks(sorted(self.named)):
            statuses |= {brief.id: brief.status for brief in await selection.briefs(session, some)}
            closed |= {
                place.member_id
                for place in await tree.closed_among(session, set(some))
                if place.merged_into is None
            }
        for member_id, (number, introducer) in list(self._wanted.items()):
            for column, each in (("member", member_id), ("introducer", introducer)):
                if each not in statuses:
                    code = "member-not-found"
                elif statuses[each] != MemberStatus.ACTIVE or each in closed:
                    code = "member-not-in-network"
                else:
                    continue
                self._found.append((number, column, code))
                self._wanted.pop(member_id, None)

    async def _find_circles(self, session: AnySession) -> None:
        """Each member of the file is the top of a tree; a circle is one of such trees."""
        roots = await forest.roots_of(session, {introducer for _, introducer in self._wanted.values()})
        seen: dict[int, int] = {}  # by which walk
        for start in list(self._wanted):
            at, way = start, []
            while at in self._wanted and at not in seen:
                seen[at] = start
                way.append(at)
                at = roots[self._wanted[at][1]]
            if seen.get(at) == start and at in way:
                for member_id in way[way.index(at) :]:
                    self._drop(member_id, "introducer", "own-branch")

    async def _count_branches(self, session: AnySession, now: datetime) -> None:
        policy = policies.in_force(await policies.approved(session), now)
        most = None if policy is None else policy.content.branches_max
        if most is None:
            return
        held: Counter[int] = Counter()
        for some in forest.chunks(sorted({introducer for _, introducer in self._wanted.values()})):
            rows = await session.execute(
                select(NetworkPlace.introducer, func.count())
                .where(
                    NetworkPlace.introducer.in_(some),
                    NetworkPlace.closed_at.is_(None),
                    or_(NetworkPlace.until.is_(None), NetworkPlace.until >= tehran_date(now)),
                )
                .group_by(NetworkPlace.introducer)
            )
            held.update({introducer: count for introducer, count in rows if introducer is not None})
        for member_id, (_, introducer) in list(self._wanted.items()):
            held[introducer] += 1
            if held[introducer] > most:
                self._drop(member_id, "introducer", "branches-full")

    def _drop(self, member_id: int, column: str, code: str) -> None:
        number, _ = self._wanted.pop(member_id)
        self._found.append((number, column, code))


async def _insert(session: WriteSession, cipher: FieldCipher, rows: Sequence[NetworkBranchRow]) -> list[int]:
    """Hang the members of some rows; they were checked, and the gate is held."""
    now = utc_now()
    ids = await _ids(session, cipher, [text for row in rows for text in (row.member, row.introducer)])
    wanted = {ids[row.member]: ids[row.introducer] for row in rows}
    for merged in await tree.closed_among(session, wanted.keys() | set(wanted.values())):
        await tree.open_place_of(session, merged.member_id)
    policy = policies.in_force(await policies.approved(session), now)
    places = await forest.hang_roots(session, wanted)
    for place in places:
        begin_branch(place, policy, now)
        changes.note(
            session,
            NetworkChangeKind.IMPORTED,
            place.member_id,
            by_name=_BY,
            other_member_id=place.introducer,
        )
    await tree.tell_switch(session, places, now)
    return list(wanted)


async def _replace(
    _session: WriteSession, _cipher: FieldCipher, _rows: Mapping[int, NetworkBranchRow]
) -> None:
    """Nothing: who has the same introducer has them, and who has another was refused."""


async def _introducers(session: AnySession, member_ids: Sequence[int]) -> dict[int, int | None]:
    rows = await session.execute(
        select(NetworkPlace.member_id, NetworkPlace.introducer).where(
            NetworkPlace.member_id.in_(member_ids), NetworkPlace.closed_at.is_(None)
        )
    )
    return {member_id: introducer for member_id, introducer in rows}  # noqa: C416


NETWORK_IMPORT: Final = import_kind(
    Importable(
        name="network-branches",
        permission=access.APPROVE,
        row=NetworkBranchRow,
        columns=(
            ImportColumn("member", "Member", "عضو", ("id", "member number", "شمارهٔ عضویت", "mobile")),
            ImportColumn("introducer", "Introducer", "معرف", ("introducer number", "شمارهٔ معرف")),
        ),
        ignored=(),
        key=lambda row: row.member,
        existing=_existing,
        insert=_insert,
        replace=_replace,
        check=_check,
    )
)
