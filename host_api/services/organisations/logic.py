"""Organisations: the register, and who belongs to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.tehran_time import tehran_date
from host_api.services.members import belonging
from host_api.services.members.belonging import BelongingMember, BelongingQuery
from host_api.services.members.selection import MembersChanged
from host_api.services.organisations.listing import OrganisationQuery
from host_api.services.organisations.models import CONTACT_NAME, CONTACT_PHONE, Organisation
from host_api.services.organisations.schemas import OrganisationCreate, OrganisationRead, OrganisationUpdate


class OrganisationNotFound(Problem):
    """No organisation has this id."""

    status = 404
    code = "organisation-not-found"
    title = "Organisation not found"
    title_fa = "سازمان پیدا نشد"
    detail = "There is no organisation with this id."
    detail_fa = "سازمانی با این شناسه وجود ندارد."


class OrganisationCodeTaken(Problem):
    """Another organisation has the code."""

    status = 409
    code = "organisation-code-taken"
    title = "Organisation code taken"
    title_fa = "کد سازمان تکراری است"
    detail = "Another organisation has this code already."
    detail_fa = "سازمان دیگری با همین کد هست."
    field = "code"


class OrganisationInUse(Problem):
    """Members belong to it, or it is a public body."""

    status = 409
    code = "organisation-in-use"
    title = "Organisation in use"
    title_fa = "سازمان در استفاده است"
    detail = "Members belong to this organisation, or it is a public body of the programme."
    detail_fa = "عضوهایی به این سازمان تعلق دارند، یا نهاد عمومی طرح است."


class ContractTurnedRound(Problem):
    """The contract ends before it begins."""

    status = 409
    code = "organisation-contract"
    title = "Contract ends before it begins"
    title_fa = "پایان قرارداد پیش از آغاز آن است"
    detail = "The last day of the contract comes before its first."
    detail_fa = "روز پایان قرارداد پیش از روز آغاز آن است."
    field = "contract_to"


class ContractOver(Problem):
    """The contract has ended, or hasn't begun."""

    status = 409
    code = "organisation-contract-over"
    title = "No contract today"
    title_fa = "امروز قراردادی در کار نیست"
    detail = "The contract with this organisation has ended or hasn't begun: nobody can be put into it."
    detail_fa = "قرارداد با این سازمان پایان یافته یا آغاز نشده است: کسی را نمی‌توان به آن افزود."


@dataclass(frozen=True, slots=True)
class NamedOrganisation:
    """What an organisation is called, and how many members belong to it now."""

    code: str
    title: str
    title_fa: str
    members: int


async def create(session: WriteSession, cipher: FieldCipher, wanted: OrganisationCreate) -> Organisation:
    """Add an organisation.

    Raises:
        OrganisationCodeTaken, ContractTurnedRound
    """
    organisation = Organisation(
        code=wanted.code,
        title=wanted.title,
        title_fa=wanted.title_fa,
        contract_from=wanted.contract_from,
        contract_to=wanted.contract_to,
        created_at=utc_now(),
    )
    _check_contract(organisation)
    if await session.scalar(select(Organisation.id).where(Organisation.code == wanted.code)):
        raise OrganisationCodeTaken
    session.add(organisation)
    async with conflict_as(OrganisationCodeTaken()):
        await session.flush()
    CONTACT_NAME.seal(cipher, organisation, wanted.contact_name)
    CONTACT_PHONE.seal(cipher, organisation, wanted.contact_phone)
    await session.flush()
    return organisation


async def find(session: AnySession, organisation_id: int) -> Organisation:
    """One organisation.

    Raises:
        OrganisationNotFound
    """
    organisation = await session.get(Organisation, organisation_id)
    if organisation is None:
        raise OrganisationNotFound
    return organisation


async def named(session: AnySession, organisation_ids: Sequence[int]) -> dict[int, NamedOrganisation]:
    """Names of organisations, by id; those that there are not are left out."""
    rows = list(await session.scalars(select(Organisation).where(Organisation.id.in_(organisation_ids))))
    counts = await belonging.count(session, "organisation", [row.code for row in rows])
    return {row.id: NamedOrganisation(row.code, row.title, row.title_fa, counts[row.code]) for row in rows}


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: OrganisationQuery
) -> Page[OrganisationRead]:
    """A page of organisations."""
    rows, next_cursor = await read_rows(session, select(Organisation), query)
    return Page(items=await _shown(session, cipher, rows), next_cursor=next_cursor)


async def change(
    session: WriteSession,
    cipher: FieldCipher,
    organisation_id: int,
    if_match: str,
    wanted: OrganisationUpdate,
) -> Organisation:
    """Change what is given; the code stays, since members' records have it.

    Raises:
        OrganisationNotFound, ChangedMeanwhile, ContractTurnedRound
    """
    organisation = await _lock(session, organisation_id)
    check_version(organisation, if_match)
    given = wanted.model_fields_set
    organisation.title = wanted.title or organisation.title
    organisation.title_fa = wanted.title_fa or organisation.title_fa
    for name in given & {"contract_from", "contract_to"}:
        setattr(organisation, name, getattr(wanted, name))
    _check_contract(organisation)
    if "contact_name" in given:
        CONTACT_NAME.seal(cipher, organisation, wanted.contact_name)
    if "contact_phone" in given:
        CONTACT_PHONE.seal(cipher, organisation, wanted.contact_phone)
    await session.flush()
    return organisation


async def delete(session: WriteSession, organisation_id: int, if_match: str) -> None:
    """Delete an organisation that nobody belongs to, and nothing refers to.

    Raises:
        OrganisationNotFound, ChangedMeanwhile, OrganisationInUse
    """
    organisation = await _lock(session, organisation_id)
    check_version(organisation, if_match)
    if (await belonging.count(session, "organisation", [organisation.code]))[organisation.code]:
        raise OrganisationInUse
    await session.delete(organisation)
    async with conflict_as(OrganisationInUse()):
        await session.flush()


async def add_members(
    session: WriteSession, organisation_id: int, member_ids: Sequence[int]
) -> MembersChanged:
    """Have members belong to an organisation with which there is a contract today.

    Raises:
        OrganisationNotFound, ContractOver
    """
    organisation = await _lock(session, organisation_id)
    today = tehran_date(utc_now())
    begin, end = organisation.contract_from, organisation.contract_to
    if (begin is not None and today < begin) or (end is not None and today > end):
        raise ContractOver
    return await belonging.join(session, "organisation", organisation.code, member_ids)


async def remove_members(
    session: WriteSession, organisation_id: int, member_ids: Sequence[int]
) -> MembersChanged:
    """Have members belong to it no more.

    Raises:
        OrganisationNotFound
    """
    organisation = await _lock(session, organisation_id)
    return await belonging.leave(session, "organisation", organisation.code, member_ids)


async def read_members(
    session: ReadSession, organisation_id: int, query: BelongingQuery
) -> Page[BelongingMember]:
    """A page of an organisation's members.

    Raises:
        OrganisationNotFound
    """
    organisation = await find(session, organisation_id)
    return await belonging.read_page(session, "organisation", organisation.code, query)


async def shown(session: AnySession, cipher: FieldCipher, organisation: Organisation) -> OrganisationRead:
    """The organisation as it is shown."""
    return (await _shown(session, cipher, [organisation]))[0]


async def _shown(
    session: AnySession, cipher: FieldCipher, rows: Sequence[Organisation]
) -> list[OrganisationRead]:
    counts = await belonging.count(session, "organisation", [row.code for row in rows])
    return [
        OrganisationRead(
            id=row.id,
            code=row.code,
            title=row.title,
            title_fa=row.title_fa,
            contact_name=CONTACT_NAME.open(cipher, row),
            contact_phone=CONTACT_PHONE.open(cipher, row),
            contract_from=row.contract_from,
            contract_to=row.contract_to,
            members=counts[row.code],
            created_at=row.created_at,
        )
        for row in rows
    ]


async def _lock(session: WriteSession, organisation_id: int) -> Organisation:
    organisation = await session.get(Organisation, organisation_id, with_for_update=True)
    if organisation is None:
        raise OrganisationNotFound
    return organisation


def _check_contract(organisation: Organisation) -> None:
    begin, end = organisation.contract_from, organisation.contract_to
    if begin is not None and end is not None and end < begin:
        raise ContractTurnedRound
