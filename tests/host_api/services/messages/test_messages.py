"""The queue of texts: told once, in the member's language, gone when sent, late or erased."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.messages.logic import tell_member
from host_api.services.messages.models import MemberLanguage, WaitingText
from host_api.services.messages.personal_data import PERSONAL_DATA
from host_api.services.messages.upkeep import KEPT_FOR, MESSAGES_UPKEEP
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

_TEXTS = "/v1/messages/texts"


async def _member(api: RunningApi, mobile: str | None) -> int:
    made = await post(api, "/v1/members", {"name": "سارا", "mobile": mobile})
    assert isinstance(made["id"], int)
    return made["id"]


async def _tell(api: RunningApi, member_id: int, reference: str) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await tell_member(
            session, member_id, topic="test", reference=reference, text_fa="سلام", text_en="hello"
        )


async def test_a_text_is_told_once_in_the_members_language(api: RunningApi) -> None:
    persian = await _member(api, "09120000001")
    english = await _member(api, "09120000002")
    unreachable = await _member(api, None)
    chosen = await api.client.put(f"/v1/messages/languages/{english}", json={"language": "en"})
    assert chosen.json() == {"member_id": english, "language": "en"}
    assert (await get(api, f"/v1/messages/languages/{persian}"))["language"] == "fa"
    nobody = await api.client.put("/v1/messages/languages/999", json={"language": "en"})
    assert problem(nobody) == (404, "member-not-found")
    await asyncio.gather(*(_tell(api, persian, "1") for _ in range(4)))
    await _tell(api, english, "2")
    await _tell(api, unreachable, "3")
    gateway = await person(api, "gateway", "sms_gateway:read", "sms_gateway:write")
    listed = items_of((await api.client.get(_TEXTS, headers=gateway.headers)).json())
    assert [(row["receiver"], row["text"]) for row in listed] == [
        ("+989120000001", "سلام"),
        ("+989120000002", "hello"),
    ]
    for _ in range(2):  # an answer to the gateway may be lost
        sent = await api.client.post(f"{_TEXTS}/{listed[0]['id']}/sent", headers=gateway.headers)
        assert sent.status_code == 204
    assert problem(await api.client.post(f"{_TEXTS}/999/sent")) == (404, "text-not-found")
    await _tell(api, persian, "1")
    assert [row["text"] for row in items_of(await get(api, _TEXTS, topic="test"))] == ["hello"]
    async with api.runtime.database.reading() as session:
        rows = (await session.execute(text("SELECT text_plain FROM waiting_texts ORDER BY id"))).scalars()
        assert list(rows) == [None, "hello"]
        assert "hello" not in str((await session.execute(text("SELECT * FROM audit_log"))).all())


async def test_erasing_takes_texts_and_language(api: RunningApi) -> None:
    member_id = await _member(api, "09120000001")
    await api.client.put(f"/v1/messages/languages/{member_id}", json={"language": "en"})
    await _tell(api, member_id, "1")
    cipher = api.runtime.vault.cipher
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        exported = await PERSONAL_DATA.export(session, cipher, member_id)
        assert exported["language"] == "en"
        await PERSONAL_DATA.erase(session, cipher, member_id)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        for table in (WaitingText, MemberLanguage):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        assert await PERSONAL_DATA.export(session, cipher, member_id) == {}


async def test_late_texts_are_emptied_and_old_ones_deleted(
    api: RunningApi, settings: Settings, database: Database
) -> None:
    member_id = await _member(api, "09120000001")
    for reference in ("late", "old", "new"):
        await _tell(api, member_id, reference)
    async with database.writing(FIRST_PROGRAMME) as session:
        past = utc_now() - timedelta(seconds=1)
        for reference, values in (
            ("late", {"expires_at": past}),
            ("old", {"created_at": past - KEPT_FOR}),
        ):
            await session.execute(
                update(WaitingText).where(WaitingText.reference == reference).values(**values)
            )
    runners = Runners(await tools_on(database, settings), MESSAGES_UPKEEP)
    runners.clock.now = utc_now()
    run_id = await runners.enqueue(MESSAGES_UPKEEP.name)
    await runners.work_off(runners.new())
    assert (await runners.run(run_id)).outcome == {"late": 1, "deleted": 1}
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(WaitingText).order_by(WaitingText.id))
        assert [(row.reference, row.text_plain) for row in rows] == [("late", None), ("new", "سلام")]
