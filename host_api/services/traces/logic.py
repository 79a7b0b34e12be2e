"""Puts together what is known of one transaction."""

from host_api.core.access.caller import Caller
from host_api.core.database import ReadSession
from host_api.core.errors import Language
from host_api.core.ledger import bank
from host_api.core.ledger.requests import LedgerRequest
from host_api.services.cards import lookup as cards
from host_api.services.disputes import access as disputes_access
from host_api.services.disputes import logic as disputes
from host_api.services.members import access as members_access
from host_api.services.members import logic as members
from host_api.services.merchants import lookup as merchants
from host_api.services.traces.receipt import Persons, plain_text, receipt_lines
from host_api.services.traces.schemas import (
    GrantTold,
    LedgerRequestTold,
    Linked,
    LotMoved,
    ReceiptLineRead,
    ReceiptRead,
    RecordChanged,
    Relation,
    RuleText,
    TraceRead,
)
from host_api.services.transaction_requests import access as requests_access
from host_api.services.transaction_requests import logic as requests
from host_api.services.transactions import business_days
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.meanings import meaning_of
from host_api.services.transactions.operation import SALES, Operation
from host_api.services.transactions.rule_texts import MemberText, RuleVersion, rule_texts
from host_api.services.transactions.schemas import TransactionRead


async def trace(session: ReadSession, rrn: str, caller: Caller) -> TraceRead:
    """All that is known of a transaction, and that `caller` may know.

    Raises:
        transactions.TransactionNotFound
    """
    found = await transactions.read(session, rrn)
    lots, records = await transactions.journal_lines_of(session, rrn)
    may_see_requests = requests_access.READ.is_in(caller.granted)
    may_see_disputes = disputes_access.READ.is_in(caller.granted)
    return TraceRead(
        transaction=found,
        meaning=meaning_of(found.response_code),
        business_date=await business_days.business_date_of(session, found.position),
        masked_card=await _masked_card(session, found.card_id),
        grants=await _grants(session, found),
        lots=[LotMoved(**line) for line in lots],
        records=[
            RecordChanged.model_validate(
                {
                    "file": line["file"],
                    "action": line["action"],
                    "member_id": line["member_number"],
                    "card_id": line["card_reference"],
                }
            )
            for line in records
        ],
        linked=await _linked(session, found),
        requests=[_told(row) for row in await bank.with_rrn(session, rrn)],
        voids_and_returns=await requests.of_transaction(session, rrn) if may_see_requests else [],
        disputes=await disputes.of_transaction(session, rrn) if may_see_disputes else [],
    )


async def receipt(session: ReadSession, rrn: str, language: Language, caller: Caller) -> ReceiptRead:
    """A copy of the receipt in one language; with the member's name where `caller` may see members.

    Raises:
        transactions.TransactionNotFound, NothingPrinted
    """
    found = await transactions.read(session, rrn)
    name = tier = ""
    if found.member_id is not None and members_access.READ.is_in(caller.granted):
        try:
            member = await members.read(session, found.member_id)
            name, tier = member.name, member.tier
        except members.MemberNotFound:
            pass  # the journal may know members whom this database has lost
    text = await _first_text(session, found)
    persons = Persons(
        merchant=await merchants.name_of(session, found.merchant_id) or "",
        masked_card=await _masked_card(session, found.card_id) or "",
        member_name=name,
        tier=tier,
        text_en=text.en,
        text_fa=text.fa,
    )
    lines = receipt_lines(found, persons, language)
    return ReceiptRead(
        rrn=rrn,
        language=language,
        direction="rtl" if language == "fa" else "ltr",
        lines=[ReceiptLineRead(style=line.style, text=line.text, value=line.value) for line in lines],
        text=plain_text(lines, language),
    )


async def _masked_card(session: ReadSession, card_id: int | None) -> str | None:
    return None if card_id is None else await cards.masked_number(session, card_id)


async def _grants(session: ReadSession, found: TransactionRead) -> list[GrantTold]:
    texts = await rule_texts(session, {RuleVersion(grant.rule, grant.version) for grant in found.grants})
    told = []
    for grant in found.grants:
        text = texts.get(RuleVersion(grant.rule, grant.version))
        told.append(
            GrantTold(**grant.model_dump(), text=None if text is None else RuleText(en=text.en, fa=text.fa))
        )
    return told


async def _first_text(session: ReadSession, found: TransactionRead) -> MemberText:
    """What the terminal printed under a sale: the words of the first rule that granted and has any."""
    granted = [RuleVersion(grant.rule, grant.version) for grant in found.grants if grant.granted]
    texts = await rule_texts(session, set(granted))
    first = (texts[version] for version in granted if version in texts)
    return next((text for text in first if text.en or text.fa), MemberText("", ""))


async def _linked(session: ReadSession, found: TransactionRead) -> list[Linked]:
    links: dict[str, Linked] = {}
    for relation, rrn in ((Relation.UNDOES, found.reverses_rrn), (Relation.IS_ABOUT, found.concerns_rrn)):
        other = None if rrn is None else await transactions.find(session, rrn)
        if other is not None:
            links.setdefault(other.rrn, _link(relation, other))
    for other in await transactions.linked_to(session, found.rrn):
        links.setdefault(other.rrn, _link(_relation(found, other), other))
    for other in await transactions.of_identity(session, found):
        links.setdefault(other.rrn, _link(Relation.SAME_IDENTITY, other))
    return [links[rrn] for rrn in sorted(links)]


def _relation(found: TransactionRead, other: TransactionRead) -> Relation:
    if other.reverses_rrn == found.rrn:
        return Relation.UNDONE_BY
    if other.operation is Operation.DEBIT_RETURN:
        return Relation.RETURNED_BY
    if other.operation is Operation.RETURN:
        return Relation.VOIDED_BY if found.operation is Operation.AUTHORISATION else Relation.RETURNED_BY
    return Relation.COMPLETED_BY if other.operation in SALES else Relation.FOLLOWED_BY


def _link(relation: Relation, other: TransactionRead) -> Linked:
    return Linked(
        relation=relation,
        rrn=other.rrn,
        at=other.at,
        operation=other.operation,
        approved=other.approved,
        response_code=other.response_code,
        amount=other.amount,
        standing=other.standing,
    )


def _told(row: LedgerRequest) -> LedgerRequestTold:
    return LedgerRequestTold(
        id=row.id,
        service=row.service,
        reference=row.reference,
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        asked_by=row.asked_by_name,
        asked_at=row.created_at,
        sent_at=row.sent_at,
        sendings=row.attempts,
        reversal_sendings=row.reversal_attempts,
        response_code=row.response_code,
        reversal_code=row.reversal_code,
        finished_at=row.finished_at,
    )
