"""What is told of draws: the public page, the list of entries, and proofs for a member."""

from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.verifiable_draw import PART_SIZE, EntriesDigest, proof_of
from host_api.services.draws import logic
from host_api.services.draws.models import SEED, DrawState, DrawTicket
from host_api.services.draws.problems import DrawPartNotFound
from host_api.services.draws.schemas import (
    DrawEntryProof,
    DrawPartRead,
    DrawProofsRead,
    DrawRead,
    DrawWinnerRead,
)

_PROOFS_AT_ONCE: Final = 20


async def shown(session: AnySession, cipher: FieldCipher, draw_id: int) -> DrawRead:
    """All that is public of a draw, with its first thousand winners."""
    draw = await logic.find(session, draw_id)
    is_drawn = draw.state == DrawState.DRAWN
    wins = await logic.wins_of(session, draw_id) if is_drawn else []
    return DrawRead(
        state=DrawState(draw.state),
        commitment=draw.commitment,
        entries=draw.entries,
        digest=draw.root,
        public_value_source=draw.public_value_source,
        public_value=draw.public_value,
        seed=SEED.open(cipher, draw) if is_drawn else None,
        winners_wanted=draw.winners,
        one_win_each="participant" if draw.is_once_each else "ticket",
        closed_at=draw.closed_at,
        drawn_at=draw.drawn_at,
        winners=[
            DrawWinnerRead(
                rank=win.rank, position=win.position, ticket=win.ticket, participant=win.participant
            )
            for win in wins
        ],
    )


async def proofs(session: AnySession, draw_id: int, member_id: int, after: int = -1) -> DrawProofsRead:
    """Proofs for a member's tickets behind a position, some at a time."""
    draw = await logic.find(session, draw_id)
    if draw.root is None:
        return DrawProofsRead(digest=None, proofs=[], next_after=None)
    found = await session.scalars(
        select(DrawTicket)
        .where(
            DrawTicket.draw_id == draw_id,
            DrawTicket.member_id == member_id,
            DrawTicket.first_position > after,
        )
        .order_by(DrawTicket.first_position)
        .limit(_PROOFS_AT_ONCE)
    )
    tickets = list(found)
    digest = EntriesDigest(draw.root, draw.entries, tuple(await logic.parts_of(session, draw_id)))
    proved: list[DrawEntryProof] = []
    for ticket in tickets:
        begin = ticket.first_position // PART_SIZE * PART_SIZE
        part = await logic.lines_of(session, draw_id, begin, min(begin + PART_SIZE, draw.entries))
        proof = proof_of(digest, ticket.first_position, part)
        proved.append(
            DrawEntryProof(
                ticket=ticket.ticket,
                participant=ticket.participant,
                entry=logic.line_of(ticket.ticket, ticket.participant),
                chances=ticket.chances,
                position=proof.position,
                entries=proof.entries,
                path=list(proof.path),
            )
        )
    next_after = tickets[-1].first_position if len(tickets) == _PROOFS_AT_ONCE else None
    return DrawProofsRead(digest=draw.root, proofs=proved, next_after=next_after)


async def part(session: AnySession, draw_id: int, number: int) -> DrawPartRead:
    """Some lines of a closed list.

    Raises:
        DrawPartNotFound
    """
    draw = await logic.find(session, draw_id)
    parts = -(-draw.entries // PART_SIZE)
    if draw.root is None or number >= parts:
        raise DrawPartNotFound
    begin = number * PART_SIZE
    lines = await logic.lines_of(session, draw_id, begin, min(begin + PART_SIZE, draw.entries))
    return DrawPartRead(part=number, part_size=PART_SIZE, parts=parts, lines=lines)


def initials_of(name: str) -> str:
    """A name as others may see it."""
    return " ".join(f"{word[0]}…" for word in name.split()) or "…"
