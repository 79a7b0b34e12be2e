"""Acceptances: proved, kept as rows that are only ever added, and told to the switch at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.agreements import logic, versions
from host_api.services.agreements.events import AGREEMENT_ACCEPTED, AgreementAccepted
from host_api.services.agreements.listing import AcceptanceQuery
from host_api.services.agreements.models import (
    ADDRESS,
    Agreement,
    AgreementAcceptance,
    AgreementVersion,
)
from host_api.services.agreements.problems import OfOtherParty, OtherVersionInForce, ProofNotOfMember
from host_api.services.agreements.schemas import (
    AcceptanceChannel,
    AcceptanceCodeCreate,
    AcceptanceCodeSent,
    AcceptanceCreate,
    AcceptanceRead,
    AgreementVersionState,
    CodeProof,
    Party,
    PendingAgreements,
    TerminalProof,
)
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.members.standing import set_standings
from host_api.services.merchants import logic as merchants
from host_api.services.messages import codes
from host_api.services.transactions import logic as transactions

SERVICE = "agreements"
JOINING = "joining"


async def pending(session: AnySession, member_id: int) -> PendingAgreements:
    """The texts in force that a member has still to accept.

    Raises:
        MemberNotFound
    """
    await members.find(session, member_id)
    lacking = await logic.missing(session, member_id, utc_now())
    return PendingAgreements(
        member_id=member_id, versions=[versions.shown(version) for _, version in lacking]
    )


async def send_code(
    session: WriteSession, cipher: FieldCipher, wanted: AcceptanceCodeCreate
) -> AcceptanceCodeSent:
    """Text a member a code for accepting one text.

    Raises:
        OtherVersionInForce, OfOtherParty, MemberNotFound, NoMobile, TooManyMemberCodes
    """
    _, version = await _acceptable(session, wanted.content_hash, Party.MEMBER)
    expires_at = await codes.send_code(
        session,
        cipher,
        wanted.member_id,
        topic=SERVICE,
        reference=_reference(version.id, wanted.member_id),
        text_fa=f"کد پذیرش «{version.title_fa}»",
        text_en=f"Code for accepting {version.title_en}",
    )
    return AcceptanceCodeSent(version_id=version.id, expires_at=expires_at)


async def accept(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: AcceptanceCreate
) -> AcceptanceRead | Problem:
    """Keep that a text was accepted, and tell the switch; told again, the first stands.

    A wrong code is given back as a problem, not raised: the try counts.

    Raises:
        OtherVersionInForce, OfOtherParty, MemberNotFound, MerchantNotFound, ProofNotOfMember
    """
    party = Party.MEMBER if wanted.member_id is not None else Party.MERCHANT
    _, version = await _acceptable(session, wanted.content_hash, party)
    if wanted.member_id is not None:
        await members.lock(session, wanted.member_id)
    elif wanted.merchant_key is not None:
        await merchants.find_merchant(session, wanted.merchant_key)
    known = await _known(session, version.id, wanted.member_id, wanted.merchant_key)
    if known is not None:
        return shown(known)
    proof = wanted.proof
    if isinstance(proof, CodeProof) and wanted.member_id is not None:
        problem = await codes.try_member_code(
            session,
            cipher,
            wanted.member_id,
            proof.code,
            topic=SERVICE,
            reference=_reference(version.id, wanted.member_id),
        )
        if problem is not None:
            return problem
    row = _row(version, wanted.member_id, wanted.merchant_key, AcceptanceChannel(wanted.channel), caller)
    row.proof = proof.kind
    if isinstance(proof, TerminalProof):
        await _check_transaction(session, proof, wanted.member_id)
        row.reference, row.rrn = proof.terminal_id, proof.rrn
    elif not isinstance(proof, CodeProof):
        row.reference = proof.reference
    await _add(session, [row])
    if wanted.client_address is not None:
        ADDRESS.seal(cipher, row, wanted.client_address)
        await session.flush()
    if row.member_id is not None:
        await tell_switch(session, [row.member_id])
    return shown(row)


async def accept_at_joining(
    session: WriteSession, caller: Caller, member_id: int, bits: Collection[int]
) -> None:
    """Keep what a new member agreed to in the application, told by places in the record on the switch."""
    if not bits:
        return
    in_force = await logic.versions_in_force(session, utc_now())
    wanted = [version for version in in_force.values() if version.bit in bits]
    rows = [_row(version, member_id, None, AcceptanceChannel.JOINING, caller) for version in wanted]
    for row in rows:
        row.proof = JOINING
    await _add(session, rows)


async def tell_switch(session: WriteSession, member_ids: Collection[int]) -> int:
    """Have members' records say what their acceptances do; how many did not.

    Places that belong to no text are left as they are.
    """
    owned = set(await session.scalars(select(AgreementVersion.bit).where(AgreementVersion.bit.is_not(None))))
    given: dict[int, set[int]] = {member_id: set() for member_id in member_ids}
    rows = await session.execute(
        select(AgreementAcceptance.member_id, AgreementVersion.bit)
        .join(AgreementVersion, AgreementVersion.id == AgreementAcceptance.version_id)
        .where(AgreementAcceptance.member_id.in_(given), AgreementVersion.bit.is_not(None))
    )
    for member_id, bit in rows:
        if member_id is not None and bit is not None:
            given[member_id].add(bit)
    present = await selection.agreements_of(session, member_ids)
    return await set_standings(
        session,
        {
            member_id: {"agreements": sorted(kept)}
            for member_id, had in present.items()
            if (kept := (had - owned) | given[member_id]) != had
        },
    )


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have what a merged record's person has accepted count for the surviving record at once.

    The rows follow with all others of the record.
    """
    before = await selection.agreements_of(session, [from_member_id, to_member_id])
    accepted = await logic.bits_accepted(session, from_member_id)
    wanted = before[to_member_id] | accepted
    if wanted != before[to_member_id]:
        await set_standings(session, {to_member_id: {"agreements": sorted(wanted)}})


async def read_page(session: ReadSession, query: AcceptanceQuery) -> Page[AcceptanceRead]:
    """A page of acceptances."""
    rows, next_cursor = await read_rows(session, select(AgreementAcceptance), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def of_party(
    session: AnySession, version_id: int, *, member_id: int | None = None, merchant_key: int | None = None
) -> AgreementAcceptance | None:
    """The acceptance of a text by one party, where there is one."""
    return await _known(session, version_id, member_id, merchant_key)


def shown(row: AgreementAcceptance) -> AcceptanceRead:
    """An acceptance as callers see it."""
    return AcceptanceRead(
        id=row.id,
        agreement_id=row.agreement_id,
        version_id=row.version_id,
        content_hash=row.content_hash,
        member_id=row.member_id,
        merchant_key=row.merchant_key,
        accepted_at=row.accepted_at,
        channel=AcceptanceChannel(row.channel),
        proof=row.proof,
        reference=row.reference,
        rrn=row.rrn,
        recorded_by=row.recorded_by,
    )


async def _acceptable(
    session: AnySession, content_hash: str, party: Party
) -> tuple[Agreement, AgreementVersion]:
    """The text of a hash: the one in force, or one that is to be."""
    now = utc_now()
    found = await session.scalars(
        select(AgreementVersion).where(
            AgreementVersion.content_hash == content_hash,
            AgreementVersion.state == AgreementVersionState.PUBLISHED.value,
        )
    )
    for version in found:
        agreement = await logic.find(session, version.agreement_id)
        in_force = (await logic.versions_in_force(session, now, [agreement.id])).get(agreement.id)
        if _is_to_come(version, now) or (in_force is not None and in_force.id == version.id):
            if agreement.party != party:
                raise OfOtherParty
            return agreement, version
    raise OtherVersionInForce


def _is_to_come(version: AgreementVersion, now: datetime) -> bool:
    return version.effective_from is not None and version.effective_from > now


async def _known(
    session: AnySession, version_id: int, member_id: int | None, merchant_key: int | None
) -> AgreementAcceptance | None:
    is_theirs = (
        AgreementAcceptance.merchant_key == merchant_key
        if member_id is None
        else AgreementAcceptance.member_id == member_id
    )
    found: AgreementAcceptance | None = await session.scalar(
        select(AgreementAcceptance).where(AgreementAcceptance.version_id == version_id, is_theirs)
    )
    return found


async def _check_transaction(session: AnySession, proof: TerminalProof, member_id: int | None) -> None:
    found = await transactions.find(session, proof.rrn)
    if found is None or found.member_id != member_id or found.terminal_id != proof.terminal_id:
        raise ProofNotOfMember


def _row(
    version: AgreementVersion,
    member_id: int | None,
    merchant_key: int | None,
    channel: AcceptanceChannel,
    caller: Caller,
) -> AgreementAcceptance:
    return AgreementAcceptance(
        agreement_id=version.agreement_id,
        version_id=version.id,
        content_hash=version.content_hash,
        member_id=member_id,
        merchant_key=merchant_key,
        accepted_at=utc_now(),
        channel=channel.value,
        recorded_by=caller.name,
    )


async def _add(session: WriteSession, rows: Collection[AgreementAcceptance]) -> None:
    session.add_all(rows)
    await session.flush()
    for row in rows:
        emit(
            session,
            AGREEMENT_ACCEPTED,
            Subject("acceptance", row.id),
            AgreementAccepted(
                acceptance_id=row.id,
                agreement_id=row.agreement_id,
                version_id=row.version_id,
                member_id=row.member_id,
                merchant_key=row.merchant_key,
            ),
        )


def _reference(version_id: int, member_id: int) -> str:
    return f"{version_id}:{member_id}"
