"""Draws from their commitment to their winners. A service holds a draw by its id.

`commit` before the first entry; `close`, then `append` all tickets, `digest_some` until it is done; perhaps
`enter_public_value`; `find_winners` and `keep_winners`. Each may be done again after a kill, and by two at
once: what is done already is not done twice.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import func, insert, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.second_person import check_second_person
from host_api.core.verifiable_draw import (
    PART_SIZE,
    SEED_SIZE,
    commitment_of,
    digest_of_parts,
    drawing,
    new_seed,
    part_root,
    plain_public_value,
)
from host_api.services.draws.models import SALT, SEED, Draw, DrawPart, DrawState, DrawTicket, DrawWin
from host_api.services.draws.problems import DrawTakesNoValue

MOST_WINNERS: Final = 10_000
MOST_CHANCES: Final = 1_000
_PARTS_AT_ONCE: Final = 16
_DRAWN_AT_ONCE: Final = 500
_SHOWN_WINNERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Participants:
    """The names that members have in one draw: nobody who doesn't know the salt finds a member by one."""

    salt: bytes

    def name_of(self, member_id: int) -> str:
        """16 hexadecimal digits."""
        return hmac.digest(self.salt, str(member_id).encode(), hashlib.sha256)[:8].hex()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket to be listed.

    Parameters:
        code: its name in the list; None for a draw that knows members only, by their participant's name.
    """

    member_id: int
    code: str | None
    chances: int = 1


def line_of(ticket: str, participant: str) -> str:
    """An entry as it stands in the list."""
    return f"{ticket} {participant}"


async def commit(
    session: WriteSession,
    cipher: FieldCipher,
    *,
    service: str,
    reference: str,
    winners: int,
    is_once_each: bool,
    public_value_source: str | None,
    created_by: str,
    now: datetime,
) -> Draw:
    """A draw with a new seed, whose commitment may be published.

    Parameters:
        created_by: key of the caller who must not enter the public value.
    """
    seed = new_seed()
    draw = Draw(
        service=service,
        reference=reference,
        state=DrawState.COMMITTED.value,
        winners=winners,
        is_once_each=is_once_each,
        commitment=commitment_of(seed),
        entries=0,
        public_value_source=public_value_source,
        created_by=created_by,
        created_at=now,
    )
    session.add(draw)
    await session.flush()
    SEED.seal(cipher, draw, seed.hex())
    SALT.seal(cipher, draw, secrets.token_hex(SEED_SIZE))
    await session.flush()
    return draw


async def find(session: AnySession, draw_id: int, *, for_update: bool = False) -> Draw:
    """The draw with this id, which a service holds."""
    return await session.get_one(Draw, draw_id, with_for_update=for_update or None)


def participants_of(cipher: FieldCipher, draw: Draw) -> Participants:
    """How members are called in a draw."""
    return Participants(bytes.fromhex(SALT.open(cipher, draw) or ""))


async def close(session: WriteSession, draw_id: int, now: datetime) -> None:
    """Take tickets from now on, in their final order."""
    draw = await find(session, draw_id, for_update=True)
    if draw.state == DrawState.COMMITTED:
        draw.state, draw.closed_at = DrawState.LISTING.value, now


async def cancel(session: WriteSession, draw_id: int) -> None:
    """Give a draw up that has no winners yet."""
    draw = await find(session, draw_id, for_update=True)
    if draw.state != DrawState.DRAWN:
        draw.state = DrawState.CANCELLED.value


async def append(
    session: WriteSession, draw: Draw, participants: Participants, tickets: Iterable[Ticket]
) -> int:
    """Put tickets behind those that are listed; how many. The caller sees to it that it does so once."""
    position = await _listed(session, draw.id)
    programme_id = programme_of(session.sync_session)
    rows: list[dict[str, object]] = []
    for ticket in tickets:
        participant = participants.name_of(ticket.member_id)
        rows.append(
            {
                "programme_id": programme_id,
                "draw_id": draw.id,
                "first_position": position,
                "chances": ticket.chances,
                "ticket": ticket.code or participant,
                "participant": participant,
                "member_id": ticket.member_id,
            }
        )
        position += ticket.chances
    if rows:
        # Giving something back, it is written in statements of many rows.
        await session.execute(insert(DrawTicket).returning(DrawTicket.first_position), rows)
    return len(rows)


async def digest_some(session: WriteSession, draw_id: int) -> bool:
    """Digest some more of the tickets, all of which are listed; whether there are more."""
    draw = await find(session, draw_id, for_update=True)
    if draw.state != DrawState.LISTING:
        return False
    entries = await _listed(session, draw_id)
    first = await session.scalar(select(func.count()).where(DrawPart.draw_id == draw_id)) or 0
    parts = -(-entries // PART_SIZE)
    last = min(first + _PARTS_AT_ONCE, parts)
    lines = await lines_of(session, draw_id, first * PART_SIZE, min(last * PART_SIZE, entries))
    for number in range(first, last):
        begin = (number - first) * PART_SIZE
        session.add(
            DrawPart(draw_id=draw_id, number=number, root=part_root(lines[begin : begin + PART_SIZE]))
        )
    if last < parts:
        return True
    await session.flush()
    digest = digest_of_parts(await parts_of(session, draw_id), entries)
    draw.root, draw.entries, draw.state = digest.root, entries, DrawState.LISTED.value
    return False


async def enter_public_value(
    session: WriteSession, draw_id: int, value: str, caller: Caller, now: datetime
) -> None:
    """Keep the public value, which another person enters than who made the draw.

    Raises:
        DrawTakesNoValue, OwnAct
    """
    draw = await find(session, draw_id, for_update=True)
    if not is_waiting_for_value(draw):
        raise DrawTakesNoValue
    check_second_person(draw.created_by, caller)
    draw.public_value = plain_public_value(value)
    draw.value_by_name, draw.value_at = caller.name, now


def is_waiting_for_value(draw: Draw) -> bool:
    """Whether only the public value is missing."""
    is_wanted = draw.public_value_source is not None and draw.public_value is None
    return draw.state == DrawState.LISTED and is_wanted


async def find_winners(session: AnySession, cipher: FieldCipher, draw_id: int) -> list[DrawWin]:
    """The winners of a listed draw, which every repetition finds the same; nothing is written."""
    draw = await find(session, draw_id)
    if draw.state != DrawState.LISTED or draw.root is None or is_waiting_for_value(draw):
        return []
    seed = bytes.fromhex(SEED.open(cipher, draw) or "")
    drawn = drawing(seed, draw.root, draw.public_value, entries=draw.entries)
    won: set[str] = set()
    wins: list[DrawWin] = []
    while len(wins) < draw.winners:
        positions = list(islice(drawn, _DRAWN_AT_ONCE))
        if not positions:
            break
        tickets = await _at(session, draw_id, positions)
        for position in positions:
            ticket = tickets[position]
            owner = ticket.participant if draw.is_once_each else ticket.ticket
            if owner in won or len(wins) >= draw.winners:
                continue
            won.add(owner)
            wins.append(
                DrawWin(
                    draw_id=draw_id,
                    rank=len(wins) + 1,
                    position=position,
                    ticket=ticket.ticket,
                    participant=ticket.participant,
                    member_id=ticket.member_id,
                )
            )
    return wins


async def keep_winners(session: WriteSession, draw_id: int, wins: Sequence[DrawWin], now: datetime) -> bool:
    """Write down what `find_winners` found, once; whether this was that time."""
    draw = await find(session, draw_id, for_update=True)
    if draw.state != DrawState.LISTED or is_waiting_for_value(draw):
        return False
    session.add_all(wins)
    draw.state, draw.drawn_at = DrawState.DRAWN.value, now
    await session.flush()
    return True


async def wins_of(
    session: AnySession, draw_id: int, *, after: int = 0, limit: int = _SHOWN_WINNERS
) -> list[DrawWin]:
    """Winners behind a rank, in order."""
    found = await session.scalars(
        select(DrawWin)
        .where(DrawWin.draw_id == draw_id, DrawWin.rank > after)
        .order_by(DrawWin.rank)
        .limit(limit)
    )
    return list(found)


async def _listed(session: AnySession, draw_id: int) -> int:
    """The position behind the last ticket."""
    last = await session.execute(
        select(DrawTicket.first_position, DrawTicket.chances)
        .where(DrawTicket.draw_id == draw_id)
        .order_by(DrawTicket.first_position.desc())
        .limit(1)
    )
    found = last.first()
    return 0 if found is None else found[0] + found[1]


async def last_member_of(session: AnySession, draw_id: int) -> int:
    """The highest number of a listed member, 0 while nobody is listed."""
    highest = select(func.max(DrawTicket.member_id)).where(DrawTicket.draw_id == draw_id)
    return await session.scalar(highest) or 0


async def parts_of(session: AnySession, draw_id: int) -> list[bytes]:
    """The roots of the parts that are digested, in order."""
    roots = await session.scalars(
        select(DrawPart.root).where(DrawPart.draw_id == draw_id).order_by(DrawPart.number)
    )
    return list(roots)


async def lines_of(session: AnySession, draw_id: int, begin: int, end: int) -> list[str]:
    """The lines from position `begin` up to but without `end`."""
    rows = await session.execute(
        select(DrawTicket.first_position, DrawTicket.chances, DrawTicket.ticket, DrawTicket.participant)
        .where(
            DrawTicket.draw_id == draw_id,
            DrawTicket.first_position > begin - MOST_CHANCES,
            DrawTicket.first_position < end,
        )
        .order_by(DrawTicket.first_position)
    )
    lines: list[str] = []
    for first, chances, ticket, participant in rows:
        within = min(first + chances, end) - max(first, begin)
        lines += [line_of(ticket, participant)] * within
    return lines


async def _at(session: AnySession, draw_id: int, positions: Sequence[int]) -> dict[int, DrawTicket]:
    """The tickets to which positions belong."""
    found = await session.scalars(
        select(DrawTicket).where(DrawTicket.draw_id == draw_id, DrawTicket.first_position.in_(positions))
    )
    tickets = {ticket.first_position: ticket for ticket in found}
    for position in positions:
        if position not in tickets:  # within a ticket of several chances
            ticket = await session.scalar(
                select(DrawTicket)
                .where(DrawTicket.draw_id == draw_id, DrawTicket.first_position < position)
                .order_by(DrawTicket.first_position.desc())
                .limit(1)
            )
            if ticket is None:
                raise LookupError("a closed list has a gap")
            tickets[position] = ticket
    return tickets
