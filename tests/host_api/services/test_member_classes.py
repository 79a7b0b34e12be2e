"""Credit users and the block list: ceilings, validity, joining kept off, lifting by two persons, expiry."""

from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.member_classes.block_list import effect
from host_api.services.member_classes.block_list.logic import is_not_permitted
from host_api.services.member_classes.credit_users import logic as credit
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

CREDIT, BLOCK = "/v1/credit-users", "/v1/block-list"
MOBILE, NATIONAL_ID = "+989123456789", "0013542419"


async def _member(api: RunningApi) -> int:
    return int(str((await post(api, "/v1/members", {"name": "Sara"}))["id"]))


async def _status(api: RunningApi, member: int) -> object:
    return (await get(api, f"/v1/members/{member}"))["status"]


async def _apply(api: RunningApi, after: timedelta) -> tuple[int, int]:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        return await effect.apply_times(session, utc_now() + after, 10)


async def test_credit_has_a_ceiling_and_a_validity(api: RunningApi) -> None:
    member = await _member(api)
    until = utc_now() + timedelta(days=2)
    wanted = {"member_id": member, "ceiling": 500, "valid_until": until.isoformat(), "reason": "old friend"}
    given = await post(api, CREDIT, wanted)
    again = await api.client.post(CREDIT, json=wanted)
    assert problem(again) == (409, "credit-user-exists")
    past = await api.client.post(CREDIT, json=wanted | {"valid_until": "2020-01-01T00:00:00Z"})
    assert problem(past) == (409, "credit-user-validity")
    path = f"{CREDIT}/{given['id']}"
    tag = (await api.client.get(path)).headers["etag"]
    for status in (200, 412):
        answer = await api.client.patch(path, json={"ceiling": 900}, headers={"If-Match": tag})
        assert answer.status_code == status
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        now = utc_now()
        assert await credit.credit_of(session, member, now) == credit.Credit(900, until)
        assert await credit.credit_of(session, member, until) is None
        assert await credit.expire(session, until - timedelta(seconds=1), 10) == 0
        assert await credit.expire(session, until, 10) == 1
    assert (await get(api, path))["state"] == "expired"
    assert problem(await api.client.post(f"{path}/end")) == (409, "credit-user-over")
    assert [one["id"] for one in items_of(await get(api, CREDIT, state="expired"))] == [given["id"]]
    endless = await post(api, CREDIT, wanted | {"valid_until": None})
    assert (await post(api, f"{CREDIT}/{endless['id']}/end", None))["state"] == "ended"


async def test_who_is_not_permitted_does_not_join(api: RunningApi) -> None:
    until = utc_now() + timedelta(days=1)
    entry = {"national_id": NATIONAL_ID, "reason_code": "fraud", "reason": "two names"}
    await post(api, BLOCK, entry | {"until_at": until.isoformat()})
    later = {"mobile": MOBILE, "reason_code": "legal", "reason": "by order"}
    await post(api, BLOCK, later | {"from_at": until.isoformat()})
    cipher = api.runtime.vault.cipher

    async def is_refused(mobile: str | None, national_id: str | None) -> bool:
        async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
            return await is_not_permitted(session, cipher, mobile=mobile, national_id=national_id)

    assert await is_refused(MOBILE, NATIONAL_ID)
    assert await is_refused(None, NATIONAL_ID)
    assert not await is_refused(MOBILE, None)
    assert not await is_refused(None, None)
    assert await _apply(api, timedelta(days=2)) == (1, 1)
    assert not await is_refused(None, NATIONAL_ID)
    assert len(items_of(await get(api, BLOCK, mobile=MOBILE, state="active"))) == 1
    for wrong in (
        {"reason_code": "other", "reason": "nobody"},
        entry | {"from_at": until.isoformat(), "until_at": until.isoformat()},
        entry | {"national_id": "1234567890"},
    ):
        assert (await api.client.post(BLOCK, json=wrong)).status_code == 422


async def test_blocking_lifting_and_expiry_set_the_member_s_status(api: RunningApi) -> None:
    asker = await person(api, "asker", "member_classes:read", "member_classes:write")
    approver = await person(api, "approver", "member_classes:approve")
    member = await _member(api)
    entry = {"member_id": member, "reason_code": "misuse", "reason": "borrowed card"}
    first = await asker.post(BLOCK, entry)
    until = (utc_now() + timedelta(days=1)).isoformat()
    await asker.post(BLOCK, entry | {"until_at": until})
    assert await _status(api, member) == "blocked"
    path = f"{BLOCK}/{first['id']}/liftings"
    asked = (await asker.post(path, {"reason": "a mistake"}))["lifting"]
    assert isinstance(asked, dict)
    assert problem(await api.client.post(path, json={"reason": "once more"})) == (409, "block-lifting-asked")
    both = await person(api, "both", "*")
    await both.post(f"{path}/{asked['id']}/cancellation", None, 403)
    await asker.post(f"{path}/{asked['id']}/approval", None, 403)
    await approver.post(f"{path}/{asked['id']}/rejection")
    own = (await both.post(path, {"reason": "asked again"}))["lifting"]
    assert isinstance(own, dict)
    refused = await both.post(f"{path}/{own['id']}/approval", None, 403)
    assert refused["type"] == "urn:vafa:problem:second-person-needed"
    lifted = await approver.post(f"{path}/{own['id']}/approval")
    assert lifted["state"] == "lifted"
    # Another entry stands, and has taken over what the first one did.
    assert await _status(api, member) == "blocked"
    assert await _apply(api, timedelta(hours=1)) == (0, 0)
    assert await _apply(api, timedelta(days=1)) == (0, 1)
    assert await _status(api, member) == "active"
    await approver.post(f"{path}/{own['id']}/approval", None, 409)
    assert (await api.client.get(f"{BLOCK}/999")).status_code == 404
