"""Changing a card's state: allowed or not, written down, told."""

from dataclasses import dataclass
from datetime import datetime

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.services.cards.events import CARD_STATUS_CHANGED, CardStatusChanged
from host_api.services.cards.models import Card, CardTransition
from host_api.services.cards.states import CardStatus, ChangeReason, may_follow


class TransitionNotAllowed(Problem):
    """The card's state can't be followed by the one wanted."""

    status = 409
    code = "card-transition-not-allowed"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "A card in this state can't go into the one wanted; read the card and its transitions."
    detail_fa = "کارت در این وضعیت به وضعیت خواسته‌شده نمی‌رود؛ کارت و تاریخچهٔ آن را ببینید."


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that is wanted.

    Parameters:
        fee: what the holder owes for it, rials.
        feed_position: of the journal entry that tells of it; None where the club itself does it.
        at: when it came about; None for now.
        is_told: whether an event tells of it; thousands at once are told by one event of their own.
    """

    to: CardStatus
    reason: ChangeReason
    caller: Caller
    note: str | None = None
    fee: int = 0
    feed_position: int | None = None
    at: datetime | None = None
    is_told: bool = True


def apply(session: WriteSession, card: Card, change: Change) -> None:
    """Change a card's state; its record is sent by `record.send` when all is changed.

    Raises:
        TransitionNotAllowed
    """
    before = CardStatus(card.status)
    if not may_follow(before, change.to, change.reason):
        raise TransitionNotAllowed
    at = change.at or utc_now()
    card.status, card.status_reason = change.to.value, change.reason.value
    if change.to is CardStatus.ACTIVE and card.issued_at is None:
        card.issued_at = at
    elif change.to is CardStatus.NEW:
        card.issued_at = None
    session.add(
        CardTransition(
            card_id=card.id,
            from_status=before.value,
            to_status=change.to.value,
            reason=change.reason.value,
            note=change.note,
            fee=change.fee,
            at=at,
            caller_kind=change.caller.kind.value,
            caller_id=change.caller.identity,
            caller_name=change.caller.name,
            feed_position=change.feed_position,
        )
    )
    if change.is_told:
        emit(
            session,
            CARD_STATUS_CHANGED,
            Subject("card", card.id),
            CardStatusChanged(
                card_id=card.id,
                member_id=card.member_id,
                from_status=before,
                to_status=change.to,
                reason=change.reason,
            ),
        )
