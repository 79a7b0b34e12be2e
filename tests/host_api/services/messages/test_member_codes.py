"""Codes that members are texted for one act."""

import pytest
from sqlalchemy import func, select, text

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.messages import codes
from host_api.services.messages.code_problems import TooManyMemberCodes
from host_api.services.messages.models import MemberCode
from host_api.services.messages.personal_data import PERSONAL_DATA
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

_TEXTS = "/v1/messages/texts"


async def _member(api: RunningApi, mobile: str) -> int:
    made = await post(api, "/v1/members", {"name": "سارا", "mobile": mobile})
    assert isinstance(made["id"], int)
    return made["id"]


async def test_a_code_is_for_one_act_of_one_member(api: RunningApi) -> None:
    member_id = await _member(api, "09120000001")
    other_id = await _member(api, "09120000002")
    cipher, database = api.runtime.vault.cipher, api.runtime.database
    async with database.writing(FIRST_PROGRAMME) as session:
        await codes.send_code(
            session, cipher, member_id, topic="code", reference="1", text_fa="کد", text_en="Code"
        )
    with pytest.raises(TooManyMemberCodes):
        async with database.writing(FIRST_PROGRAMME) as session:
            await codes.send_code(
                session, cipher, member_id, topic="code", reference="1", text_fa="کد", text_en="Code"
            )
    (listed,) = items_of(await get(api, _TEXTS, topic="code"))
    code = str(listed["text"]).split()[-1]
    async with database.reading() as session:
        for table in ("waiting_texts", "member_codes", "audit_log"):
            rows = str((await session.execute(text(f"SELECT * FROM {table}"))).all())
            assert code not in rows and "9120000001" not in rows, table
    wrong = "000000" if code != "000000" else "000001"
    tries = ((other_id, code, "code-over"), (member_id, wrong, "code-wrong"), (member_id, code, None))
    for who, typed, expected in (*tries, (member_id, code, "code-over")):
        async with database.writing(FIRST_PROGRAMME) as session:
            found = await codes.try_member_code(session, cipher, who, typed, topic="code", reference="1")
            assert (found and found.code) == expected
    assert items_of(await get(api, _TEXTS)) == []
    async with database.writing(FIRST_PROGRAMME) as session:
        await PERSONAL_DATA.erase(session, cipher, member_id)
        assert await session.scalar(select(func.count()).select_from(MemberCode)) == 0
