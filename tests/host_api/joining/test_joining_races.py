"""Two at once: one number makes one application and one member, one message is heard once."""

import asyncio

import pytest
from sqlalchemy import func, select

from host_api.core.access.caller import system_caller
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.joining import logic, policies, sms
from host_api.services.joining.models import FailedAttempt
from host_api.services.joining.schemas import (
    ApplicationCreate,
    JoiningPolicyCreate,
    PolicyKind,
    SmsCreate,
    Way,
)
from host_api.services.members.models import Member
from tests.host_api.core.jobs.working_jobs import tools_on

pytestmark = pytest.mark.anyio

CALLER = system_caller("test", FIRST_PROGRAMME)
AT_ONCE = 6


async def _cipher(database: Database, settings: Settings, **policy: object) -> FieldCipher:
    wanted = {"kind": PolicyKind.OPEN, "ways": list(Way), "sms_keyword": "1"}
    async with database.writing(FIRST_PROGRAMME) as session:
        await policies.create(session, JoiningPolicyCreate.model_validate(wanted | policy))
    return (await tools_on(database, settings)).vault.cipher


async def _members(database: Database) -> int:
    async with database.reading(FIRST_PROGRAMME) as session:
        return await session.scalar(select(func.count(Member.id))) or 0


@pytest.mark.parametrize("way", [Way.COUNTER, Way.APP])
@pytest.mark.parametrize("same", ["mobile", "national_id"])
async def test_two_applications_of_one_person(
    database: Database, settings: Settings, way: Way, same: str
) -> None:
    cipher = await _cipher(database, settings)

    async def apply(number: int) -> str:
        mobile = "09120000000" if same == "mobile" else f"0912000000{number}"
        person = {"mobile": mobile} | ({"national_id": "0013542419"} if same == "national_id" else {})
        wanted = ApplicationCreate.model_validate({"way": way, "name": "n", **person})
        async with database.writing(FIRST_PROGRAMME) as session:
            result = await logic.apply(session, cipher, CALLER, wanted)
        return result.code if isinstance(result, Problem) else "taken in"

    results = await asyncio.gather(*(apply(number) for number in range(AT_ONCE)))
    async with database.reading(FIRST_PROGRAMME) as session:
        attempts = await session.scalar(select(func.count(FailedAttempt.id)))
    assert results.count("taken in") == 1
    late = {"joining-application-pending", "joining-already-member", "joining-too-many-codes"}
    assert set(results) - {"taken in"} <= late
    assert attempts == AT_ONCE - 1
    assert await _members(database) == (1 if way is Way.COUNTER else 0)


async def test_one_message_told_by_two_gateways(database: Database, settings: Settings) -> None:
    cipher = await _cipher(database, settings)
    message = SmsCreate(message_id="in-1", sender="09120000001", text="1 n")

    async def receive() -> tuple[bool, int | None]:
        async with database.writing(FIRST_PROGRAMME) as session:
            outcome = await sms.receive(session, cipher, CALLER, message)
        return outcome.is_repeat, outcome.member_id

    outcomes = await asyncio.gather(*(receive() for _ in range(AT_ONCE)))
    assert sorted(outcomes) == [(False, 1)] + [(True, 1)] * (AT_ONCE - 1)
    assert await _members(database) == 1
