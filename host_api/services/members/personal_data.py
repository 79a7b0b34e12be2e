"""What the members service holds of a person, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.members import logic, repository
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities.models import MemberIdentity
from host_api.services.members.interests.models import MemberInterest
from host_api.services.members.record import send
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.sealed_data import BIRTH_DATE, FIELDS
from host_api.services.members.special_days import logic as special_days
from host_api.services.members.special_days.models import SpecialDay

ERASED_NAME = "حذف‌شده"
_OPEN_FIELDS = ("mobile", "email", "national_id", "city", "address", "postal_code", "sheba")


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    return {
        **(await logic.read_whole(session, cipher, member_id)).model_dump(mode="json"),
        "identities": [
            entry.model_dump(mode="json") for entry in await identities.of_member(session, cipher, member_id)
        ],
        "special_days": [
            entry.model_dump(mode="json")
            for entry in await special_days.of_member(session, cipher, member_id)
        ],
    }


async def _texts(session: AnySession, cipher: FieldCipher, member_id: int) -> list[str]:
    member = await logic.read_whole(session, cipher, member_id)
    known = [entry.value for entry in await identities.of_member(session, cipher, member_id)]
    return [text for text in (member.name, *(getattr(member, name) for name in _OPEN_FIELDS), *known) if text]


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows: list[InProgramme] = [
        *await session.scalars(select(MemberIdentity).where(MemberIdentity.member_id == member_id)),
        *await session.scalars(select(SpecialDay).where(SpecialDay.member_id == member_id)),
        *await session.scalars(select(MemberInterest).where(MemberInterest.member_id == member_id)),
    ]
    for row in rows:
        await session.delete(row)
    members = await repository.lock_many(session, [member_id])
    for member in members:
        member.name = ERASED_NAME
        member.status, member.status_reason = MemberStatus.BLOCKED.value, None
        member.group_name = member.organisation = member.club_level = member.risk_class = None
        member.segments, member.agreements = [], []
        member.household = member.introducer = member.introduced_until = None
        for field in (BIRTH_DATE, *FIELDS.values()):
            field.seal(cipher, member, None)
        send(session, member)
    return [*members, *rows]


PERSONAL_DATA = PersonalData(
    name="member",
    title="Membership",
    title_fa="عضویت",
    kept="The member number, the tier and the day of joining, for as long as the ledger has transactions.",
    kept_fa="شمارهٔ عضویت، سطح و روز پیوستن، تا زمانی که دفتر تراکنش‌هایی از آن دارد.",
    export=_export,
    erase=_erase,
    texts=_texts,
)
