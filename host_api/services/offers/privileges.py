"""Privileges of members (BURN-14): what isn't money, as fast checkout or a parking place."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from host_api.core.database import AnySession
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.offers import claims, logic
from host_api.services.offers.schemas import Allocation, OfferedState, OfferKind

_HELD = (OfferedState.OFFERED, OfferedState.CLAIMED)


class PrivilegeRead(BaseModel):
    """A privilege that a member has now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "privilege": "fast-checkout",
                "offer_id": 7,
                "title": "Fast checkout",
                "title_fa": "صندوق سریع",
                "text": "Go to the till with the golden sign.",
                "text_fa": "به صندوق با نشان طلایی بروید.",
                "merchants": [],
                "branches": [],
            }
        }
    )

    privilege: str
    offer_id: int
    title: str
    title_fa: str
    text: str
    text_fa: str
    merchants: list[str]
    branches: list[str]


class PrivilegesRead(BaseModel):
    """All privileges that a member has now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"member_id": 12, "privileges": [PrivilegeRead.model_json_schema()["example"]]}
        }
    )

    member_id: int
    privileges: list[PrivilegeRead]


async def of_member(session: AnySession, member_id: int, now: datetime) -> PrivilegesRead:
    """What a member has now; nothing while blocked. Who of the audience has it needs no claim.

    Raises:
        members.MemberNotFound
    """
    member = await members.read(session, member_id)
    held = {
        row.offer_id
        for row in await claims.of_member(session, member_id)
        if claims.state_of(row, now) in _HELD
    }
    found = []
    for offer in await logic.open_today(session, now):
        if offer.kind != OfferKind.PRIVILEGE or member.status != MemberStatus.ACTIVE:
            continue
        is_audiences = offer.allocation in {Allocation.ALL, Allocation.FIRST_COME} and offer.stock is None
        if offer.id in held or (is_audiences and await is_in(session, offer.audience, member_id, now)):
            found.append(
                PrivilegeRead(
                    privilege=offer.privilege or "",
                    offer_id=offer.id,
                    **{name: getattr(offer, name) for name in _SHOWN},
                )
            )
    return PrivilegesRead(member_id=member_id, privileges=found)


_SHOWN = ("title", "title_fa", "text", "text_fa", "merchants", "branches")
