"""Contracts with a member or a merchant, made from a text."""

import asyncio

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.programmes import Programme
from host_api.services.agreements import acceptances, logic, versions
from host_api.services.agreements.problems import OfOtherParty
from host_api.services.agreements.schemas import Party
from host_api.services.members import logic as members
from host_api.services.merchants import logic as merchants


async def contract_of(
    session: AnySession,
    cipher: FieldCipher,
    version_id: int,
    *,
    member_id: int | None,
    merchant_key: int | None,
) -> bytes:
    """The contract as PDF, with one party of the two.

    Raises:
        AgreementVersionNotFound, OfOtherParty, MemberNotFound, MerchantNotFound
    """
    # The library that draws is slow to import, and few ask for contracts.
    from host_api.services.agreements.contract import (  # noqa: PLC0415
        Contract,
        ContractParty,
        draw_contract,
    )

    version = await versions.find(session, version_id)
    agreement = await logic.find(session, version.agreement_id)
    is_merchant = agreement.party == Party.MERCHANT
    if (merchant_key if is_merchant else member_id) is None or (member_id and merchant_key):
        raise OfOtherParty
    if merchant_key is not None:
        merchant = await merchants.find_merchant(session, merchant_key)
        party = ContractParty(merchant.name, merchant.merchant_id, True)
    else:
        member = await members.read_whole(session, cipher, member_id or 0)
        party = ContractParty(member.name, str(member.id), False)
    accepted = await acceptances.of_party(session, version.id, member_id=member_id, merchant_key=merchant_key)
    club = await session.scalar(
        select(Programme.name).where(Programme.id == programme_of(session.sync_session))
    )
    contract = Contract(
        code=agreement.code,
        club=club or "",
        version=version,
        party=party,
        accepted=None
        if accepted is None
        else (accepted.accepted_at, f"{accepted.channel}, {accepted.proof}"),
        day=utc_now(),
    )
    return await asyncio.to_thread(draw_contract, contract)
