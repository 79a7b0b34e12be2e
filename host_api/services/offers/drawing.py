"""Offers that are given out by a draw which members can check: from the commitment to the winners."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.running import RunningJob
from host_api.services.draws import logic as draws
from host_api.services.draws.logic import Ticket
from host_api.services.draws.models import DrawState, DrawWin
from host_api.services.offers.models import Offer, OfferedMember
from host_api.services.offers.problems import OfferNotDrawn, OfferNotFound

_SERVICE: Final = "offers"


async def commit(
    session: WriteSession, cipher: FieldCipher, offer: Offer, caller_key: str, now: datetime
) -> None:
    """Make the draw of an offer that is published; its seed's digest is public from now on."""
    draw = await draws.commit(
        session,
        cipher,
        service=_SERVICE,
        reference=str(offer.id),
        winners=offer.places or 0,
        is_once_each=True,
        public_value_source=None,
        created_by=caller_key,
        now=now,
    )
    offer.draw_id = draw.id


async def draw_of(session: AnySession, offer_id: int) -> int:
    """The draw of an offer.

    Raises:
        OfferNotFound, OfferNotDrawn
    """
    offer = await session.get(Offer, offer_id)
    if offer is None:
        raise OfferNotFound
    if offer.draw_id is None:
        raise OfferNotDrawn
    return offer.draw_id


async def list_some(
    session: WriteSession, cipher: FieldCipher, offer: Offer, member_ids: Sequence[int], now: datetime
) -> None:
    """Put members into the list, in the order of their numbers, who don't have the offer yet; each once."""
    draw_id = await _drawn_by(session, cipher, offer, now)
    await draws.close(session, draw_id, now)
    draw = await draws.find(session, draw_id)
    if draw.state != DrawState.LISTING:
        return
    last = await draws.last_member_of(session, draw_id)
    have = await session.scalars(
        select(OfferedMember.member_id).where(
            OfferedMember.offer_id == offer.id, OfferedMember.member_id.in_(member_ids)
        )
    )
    new = sorted({member_id for member_id in member_ids if member_id > last} - set(have))
    tickets = (Ticket(member_id, None) for member_id in new)
    await draws.append(session, draw, draws.participants_of(cipher, draw), tickets)


async def draw(running: RunningJob, offer: Offer) -> None:
    """Digest the list, and find and keep the winners; once, however often it is done."""
    async with running.step() as session:
        draw_id = await _drawn_by(session, running.cipher, offer, running.now())
        await draws.close(session, draw_id, running.now())  # nobody may be listed
    is_more = True
    while is_more:
        async with running.step() as session:
            is_more = await draws.digest_some(session, draw_id)
    async with running.reading() as reading:
        if (await draws.find(reading, draw_id)).state != DrawState.LISTED:
            return
        wins = await draws.find_winners(reading, running.cipher, draw_id)
    async with running.step() as session:
        await draws.keep_winners(session, draw_id, wins, running.now())


async def wins_behind(session: AnySession, offer: Offer, rank: int, limit: int) -> list[DrawWin]:
    """The next winners behind a rank."""
    return await draws.wins_of(session, await draw_of(session, offer.id), after=rank, limit=limit)


async def _drawn_by(session: WriteSession, cipher: FieldCipher, offer: Offer, now: datetime) -> int:
    """The offer's draw; made here where the offer was published before draws could be checked."""
    found = await session.get_one(Offer, offer.id, with_for_update=True)
    if found.draw_id is None:
        await commit(session, cipher, found, _SERVICE, now)
        await session.flush()
    return found.draw_id or 0
