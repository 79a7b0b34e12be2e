"""Taking other clubs' letters in: each once, in their order, all of a delivery or none."""

from pydantic import ValidationError

from host_api.core.database import WriteSession
from host_api.services.coalition import clubs, contracts, exchanges, links, mailbox, statements
from host_api.services.coalition.letter_contents import (
    CONTENT,
    Content,
    ContractAnswered,
    ContractEnded,
    ContractOffered,
    ExchangeDone,
    ExchangeRefused,
    ExchangeSent,
    LinkAnswered,
    LinkAsked,
    LinkEnded,
    StatementAnswered,
    StatementProposed,
)
from host_api.services.coalition.models import ClubAccount
from host_api.services.coalition.problems import LetterNotUnderstood, LettersOutOfOrder
from host_api.services.coalition.schemas import ClubLetters, ClubLettersTaken


async def take(session: WriteSession, club_id: int, delivered: ClubLetters) -> ClubLettersTaken:
    """Take a club's letters in; those that were taken before are passed over.

    Raises:
        ClubNotFound, LettersOutOfOrder, LetterNotUnderstood
    """
    account = await clubs.lock_account(session, club_id)
    mailbox.note_arrived(account, delivered.taken)
    for letter in delivered.letters:
        if letter.number <= account.taken_number:
            continue
        if letter.number != account.taken_number + 1:
            raise LettersOutOfOrder
        try:
            content = CONTENT.validate_python(letter.content)
        except ValidationError:
            raise LetterNotUnderstood from None
        account.taken_number = letter.number
        await _take(session, account, content)
        await session.flush()
    return ClubLettersTaken(taken=account.taken_number)


async def _take(session: WriteSession, account: ClubAccount, content: Content) -> None:
    match content:
        case ContractOffered():
            await contracts.take_offer(session, account, content)
        case ContractAnswered():
            await contracts.take_answer(session, account, content)
        case ContractEnded():
            await contracts.take_end(session, account, content)
        case LinkAsked():
            await links.take_asked(session, account, content)
        case LinkAnswered():
            await links.take_answer(session, account, content)
        case LinkEnded():
            await links.take_end(session, account, content)
        case ExchangeSent():
            await exchanges.take_sent(session, account, content)
        case ExchangeDone():
            await exchanges.take_done(session, account, content)
        case ExchangeRefused():
            await exchanges.take_refused(session, account, content)
        case StatementProposed():
            await statements.take_proposed(session, account, content)
        case StatementAnswered():
            await statements.take_answer(session, account, content)
