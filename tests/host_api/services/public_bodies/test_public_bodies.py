"""Public bodies: a second person, roles and days, benefits, credit within its limit, statement and report."""

from datetime import timedelta

import pytest

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.second_person import OwnAct
from host_api.core.settings import Settings
from host_api.services.groups import logic as groups
from host_api.services.groups.schemas import GroupCreate, GroupKind
from host_api.services.offers.problems import OfferNotFound
from host_api.services.organisations import logic as organisations
from host_api.services.public_bodies import benefits, bodies, credit, participations, problems
from host_api.services.public_bodies.listing import BodyStatementQuery
from host_api.services.public_bodies.schemas import (
    BodyBenefitCreate,
    BodyCreditLineCreate,
    BodyCreditLineRead,
    PublicBodyCreate,
)
from host_api.services.public_bodies.states import (
    BodyBenefitKind,
    BodyCreditLineKind,
    BodyParticipationRole,
    PublicBodyKind,
)
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.brokerage.trade_bench import cipher_of
from tests.host_api.services.public_bodies.body_bench import (
    LIMIT_RIALS,
    TOMORROW,
    YESTERDAY,
    body,
    in_force,
    wanted,
)
from tests.host_api.services.referral_network.network_bench import APPROVER, ASKER, Club

pytestmark = pytest.mark.anyio


async def test_bodies_and_participations(database: Database, settings: Settings) -> None:
    club, cipher = Club(database), await cipher_of(database, settings)
    union_id = await body(club, cipher, PublicBodyKind.UNION, "UNION")
    promoter = wanted(union_id, BodyParticipationRole.PROMOTER)
    async with club.writing() as session:
        with pytest.raises(problems.OnlyBanksGiveCredit):
            await participations.ask(session, ASKER, wanted(union_id))
        asked = await participations.ask(session, ASKER, promoter)
        with pytest.raises(OwnAct):
            await participations.approve(session, ASKER, asked.id)
        with pytest.raises(problems.ParticipationNotActive):
            await participations.end(session, APPROVER, asked.id)
    first_id = await in_force(club, promoter.model_copy(update={"last_day": TOMORROW}))
    async with club.writing() as session:
        with pytest.raises(problems.ParticipationOverlaps):
            await participations.approve(session, APPROVER, asked.id)
    # The days behind the last are free, and so are all days once it has ended.
    await in_force(club, promoter.model_copy(update={"first_day": TOMORROW + timedelta(days=1)}))
    async with club.writing() as session:
        assert (await participations.end(session, APPROVER, first_id)).ended_by == APPROVER.name
        taken = await participations.take_back(session, ASKER, asked.id)
        assert taken.state == "cancelled"
        assert (await bodies.read(session, union_id)).participations == 0
    again = promoter.model_copy(update={"last_day": TOMORROW})
    await in_force(club, again)
    async with club.writing() as session:
        shown = await bodies.read(session, union_id)
        assert (shown.participations, shown.available_rials) == (1, 0)
        organisation_id = shown.organisation_id
    with pytest.raises(problems.PublicBodyExists):
        async with club.writing() as session:
            await bodies.create(
                session, PublicBodyCreate(organisation_id=organisation_id, kind=PublicBodyKind.GUILD)
            )
    with pytest.raises(organisations.OrganisationInUse):
        async with club.writing() as session:
            version = (await organisations.find(session, organisation_id)).version
            await organisations.delete(session, organisation_id, str(version))


async def test_benefits_name_what_there_is(database: Database, settings: Settings) -> None:
    club = Club(database)
    guild_id = await body(club, await cipher_of(database, settings), PublicBodyKind.GUILD, "GUILD")
    async with club.writing() as session:
        group = await groups.create(
            session, GroupCreate(code="g", title="G", title_fa="گروه", kind=GroupKind.STATIC)
        )
        benefit = BodyBenefitCreate(
            body_id=guild_id, kind=BodyBenefitKind.GROUP, target_id=group.id, title="G", title_fa="گروه"
        )
        added = await benefits.add(session, benefit)
        with pytest.raises(OfferNotFound):
            await benefits.add(session, benefit.model_copy(update={"kind": BodyBenefitKind.OFFER}))
        assert (await bodies.read(session, guild_id)).benefits == 1
    with pytest.raises(problems.BodyBenefitExists):
        async with club.writing() as session:
            await benefits.add(session, benefit)
    async with club.writing() as session:
        await benefits.remove(session, added.id)
        with pytest.raises(problems.BodyBenefitNotFound):
            await benefits.remove(session, added.id)


async def test_credit_is_drawn_and_repaid(database: Database, settings: Settings) -> None:
    club = Club(database)
    bank_id = await body(club, await cipher_of(database, settings), PublicBodyKind.BANK, "BANK")
    participation_id = await in_force(club, wanted(bank_id))
    drawn, repaid = BodyCreditLineKind.DRAWN, BodyCreditLineKind.REPAID

    async def write(kind: BodyCreditLineKind, rials: int, reference: str) -> BodyCreditLineRead:
        line = BodyCreditLineCreate(
            participation_id=participation_id, kind=kind, rials=rials, reference=reference
        )
        async with club.writing() as session:
            return await credit.write(session, ASKER, line)

    first = await write(drawn, LIMIT_RIALS, "a")
    assert await write(drawn, LIMIT_RIALS, "a") == first
    with pytest.raises(problems.BodyCreditReferenceTaken):
        await write(repaid, LIMIT_RIALS, "a")
    with pytest.raises(problems.BodyCreditLimitReached):
        await write(drawn, 1, "b")
    assert (await write(repaid, 400, "b")).drawn_after_rials == 600
    with pytest.raises(problems.BodyCreditNotDrawn):
        await write(repaid, 601, "c")
    async with club.writing() as session:
        assert (await bodies.read(session, bank_id)).available_rials == 400
        await participations.end(session, APPROVER, participation_id)
    with pytest.raises(problems.ParticipationNotActive):
        await write(drawn, 1, "c")
    assert (await write(repaid, 100, "c")).drawn_after_rials == 500
    days = BodyStatementQuery.model_validate({"from": YESTERDAY.isoformat(), "to": TOMORROW.isoformat()})
    later = BodyStatementQuery.model_validate(
        {"from": (TOMORROW + timedelta(days=5)).isoformat(), "to": (TOMORROW + timedelta(days=6)).isoformat()}
    )
    async with database.reading(FIRST_PROGRAMME) as reading:
        told = await credit.statement(reading, participation_id, days)
        after = await credit.statement(reading, participation_id, later)
        shown = await bodies.read(reading, bank_id)
    assert (told.opening_rials, told.drawn_rials, told.repaid_rials) == (0, LIMIT_RIALS, 500)
    assert (told.closing_rials, told.lines) == (500, 3)
    assert (after.opening_rials, after.closing_rials, after.lines) == (500, 500, 0)
    assert (shown.drawn_rials, shown.credit_limit_rials, shown.available_rials) == (500, 0, 0)


async def test_the_back_office_pages_and_exports(api: RunningApi) -> None:
    organisation = await post(
        api, "/v1/organisations", {"code": "BANK", "title": "Bank", "title_fa": "بانک شهر"}
    )
    member = await post(api, "/v1/members", {"name": "عضو نمونه"})
    await post(
        api, f"/v1/organisations/{organisation['id']}/members", {"member_ids": [member["id"]]}, status=200
    )
    bank = await post(api, "/v1/public-bodies", {"organisation_id": organisation["id"], "kind": "bank"})
    assert bank["members"] == 1
    asked = await post(
        api, "/v1/public-bodies/participations", wanted(int(str(bank["id"]))).model_dump(mode="json")
    )
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await participations.approve(session, APPROVER, int(str(asked["id"])))
    line = {"participation_id": asked["id"], "kind": "drawn", "rials": 300, "reference": "x"}
    await post(api, "/v1/public-bodies/credit-lines", line)
    (shown,) = items_of(await get(api, "/v1/public-bodies", kind="bank"))
    assert (shown["drawn_rials"], shown["available_rials"]) == (300, 700)
    report = await api.client.get("/v1/public-bodies/report/export", params={"format": "jsonl"})
    assert report.json()["available_rials"] == 700
    lines = await api.client.get("/v1/public-bodies/credit-lines/export", params={"headers": "fa"})
    assert "شمارهٔ ارجاع" in lines.text
    assert ",drawn,x,300,300," in lines.text
