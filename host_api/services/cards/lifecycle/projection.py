"""Cards that terminals gave out, replaced or took back, as the journal feed tells of them.

Cards are records of this database, no projection: nothing is emptied for a rebuild. Each card remembers the
last journal entry that changed it, so that an entry read again changes nothing.
"""

import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import update

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import from_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.services.cards import logic as cards
from host_api.services.cards import repository
from host_api.services.cards.digital.models import CardCode
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.models import Card
from host_api.services.cards.states import CardStatus, ChangeReason, may_follow
from protocol.dialect import FileName, ResponseCode, TransactionType
from protocol.feed import Event, RecordLine, TransactionEvent

_log = logging.getLogger(__name__)

_AT_THE_COUNTER: Final = (
    TransactionType.CARD_ACTIVATION.value,
    TransactionType.ENROLMENT.value,
    TransactionType.CARD_REPLACEMENT.value,
)


class CardProjector:
    """Moves cards to the state that a terminal's act gave them on the switch."""

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Follow the acts among `events`, in order."""
        acts = [
            event
            for event in events
            if isinstance(event, TransactionEvent)
            and event.processing_code[:2] in _AT_THE_COUNTER
            and event.response_code == ResponseCode.APPROVED
            and event.records
        ]
        if not acts:
            return
        caller = system_caller("feed", programme_of(session.sync_session))
        references = {line.card_reference for act in acts for line in _card_lines(act) if line.card_reference}
        found = {card.id: card for card in await repository.lock_many(session, sorted(references))}
        for act in acts:
            for line in _card_lines(act):
                card = found.get(line.card_reference or 0)
                if card is not None and card.feed_position < act.position:
                    _follow(session, card, line, act, caller)
                    card.feed_position = act.position
        # Numbers are sealed and this has no keys; a job sends the codes.
        await session.execute(
            update(CardCode)
            .where(CardCode.card_id.in_(sorted(found)))
            .values(is_due=True)
            .execution_options(synchronize_session=False)
        )
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Nothing: cards are no projection."""


def _card_lines(act: TransactionEvent) -> list[RecordLine]:
    """The lines about cards; a phone number, which serves as one, has no reference."""
    return [line for line in act.records if line.file == FileName.CARD]


def _follow(
    session: WriteSession, card: Card, line: RecordLine, act: TransactionEvent, caller: Caller
) -> None:
    is_replacement = act.processing_code[:2] == TransactionType.CARD_REPLACEMENT
    reason = ChangeReason.AT_TERMINAL
    if act.reverses is not None:
        reason = ChangeReason.UNDONE
        to = CardStatus.ACTIVE if is_replacement and line.member_number else CardStatus.NEW
    elif is_replacement and line.card_reference == act.card_reference:
        to = CardStatus.REPLACED
    else:
        to = CardStatus.ACTIVE
    before = CardStatus(card.status)
    if not may_follow(before, to, reason) or (to is CardStatus.ACTIVE and before is CardStatus.BLOCKED):
        # The club has decided otherwise meanwhile, and its record reaches the switch after this act.
        _log.warning("card %d is %s; journal entry %d would have it %s", card.id, before, act.position, to)
        return
    if to is CardStatus.ACTIVE and act.reverses is None:
        card.member_id = line.member_number or None
        if is_replacement:
            card.replaces_id = act.card_reference
    elif to is CardStatus.NEW:
        card.member_id = card.replaces_id = None
    is_issue = to is CardStatus.ACTIVE and act.reverses is None
    change = Change(
        to, reason, caller, feed_position=act.position, at=from_epoch_ms(act.at_ms), is_told=not is_issue
    )
    apply(session, card, change)
    if is_issue:
        cards.tell_issued(session, card)
