"""Lists: every filter and order, and pages that miss and double nothing."""

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from host_api.core.clock import from_epoch_ms
from host_api.core.listing import Position, decode_cursor, encode_cursor
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, items_of
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

NAMES = ("Sara", "Reza", "Sara", "رضا", "Sa%ra", "sara", "Mina", "Sara")


@pytest.fixture
async def members(api: RunningApi) -> RunningApi:
    """Members of whom some have the same name, who joined a second apart."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add_all(
            Member(
                id=number + 1,
                name=name,
                tier="gold" if number % 2 else "initial",
                status="active",
                created_at=from_epoch_ms(number * 1000),
                segments=None,
                agreements=None,
            )
            for number, name in enumerate(NAMES)
        )
    return api


async def _ids(api: RunningApi, **query: object) -> list[int]:
    """Ids over all pages."""
    found: list[int] = []
    while True:
        page = await get(api, "/v1/members", **query)
        found += [int(str(item["id"])) for item in items_of(page)]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


@pytest.mark.parametrize("limit", [1, 3, 8, 200])
async def test_every_order_over_pages_is_the_order_of_one_page(members: RunningApi, limit: int) -> None:
    for sort in ("id", "-id", "name", "-name"):
        whole = await _ids(members, sort=sort)
        assert sorted(whole) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert await _ids(members, sort=sort, limit=limit) == whole
    assert await _ids(members, sort="id") == list(reversed(await _ids(members, sort="-id")))
    assert await _ids(members, sort="name") == list(reversed(await _ids(members, sort="-name")))
    same = [number for number in await _ids(members, sort="name") if number in {1, 3, 8}]
    assert same == [1, 3, 8]


async def test_filters_join(members: RunningApi) -> None:
    assert await _ids(members, tier="gold") == [2, 4, 6, 8]
    assert await _ids(members, name="Sa", limit=1) == [1, 3, 5, 8]
    assert await _ids(members, name="Sa%") == [5]
    assert await _ids(members, name="Sara", tier="gold") == [8]
    assert await _ids(members, joined_from="1970-01-01T00:00:06Z") == [7, 8]
    period = {"joined_from": "1970-01-01T03:30:01+03:30", "joined_before": "1970-01-01T00:00:03Z"}
    assert await _ids(members, **period) == [2, 3]
    assert await _ids(members, status="blocked") == []


async def test_rows_that_come_and_go_hide_no_others(members: RunningApi) -> None:
    page = await get(members, "/v1/members", sort="name", limit=3)
    seen = [int(str(item["id"])) for item in items_of(page)]
    async with members.runtime.database.writing(FIRST_PROGRAMME) as session:
        row = await session.get(Member, (FIRST_PROGRAMME, seen[-1]))
        assert row is not None
        await session.delete(row)
    rest = await _ids(members, sort="name", cursor=page["next_cursor"])
    assert sorted(seen + rest) == [1, 2, 3, 4, 5, 6, 7, 8]


def _made_up(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [["name", "Sara", 1], ["id", "x", 1], ["id", 1, 2**70], ["id", 1], [1, 2, 3], {}, None, ["id", None, 1]],
    ids=json.dumps,
)
async def test_cursors_of_elsewhere_are_refused(members: RunningApi, content: object) -> None:
    answer = await members.client.get("/v1/members", params={"cursor": _made_up(content)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


async def test_unknown_filters_and_orders_are_refused(members: RunningApi) -> None:
    for query in ({"colour": "red"}, {"sort": "mobile"}, {"limit": "201"}, {"limit": "0"}, {"tier": "X"}):
        answer = await members.client.get("/v1/members", params=query)
        assert answer.status_code == 422, query


async def test_filters_that_no_row_can_have_or_that_mean_two_things_are_refused(members: RunningApi) -> None:
    for field, value in (("name", "a\0b"), ("joined_from", "0"), ("joined_from", "1.5e9"), ("cursor", "\0")):
        answer = await members.client.get("/v1/members", params={field: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), value


async def test_instants_beyond_all_years_of_utc_are_the_first_and_the_last(members: RunningApi) -> None:
    async def found(**query: str) -> int:
        return len(items_of(await get(members, "/v1/members", **query)))

    everybody = await found()
    assert await found(joined_from="0001-01-01T00:00:00+14:00") == everybody > 0
    assert await found(joined_before="9999-12-31T23:59:59.999999-14:00") == everybody
    assert await found(joined_from="9999-12-31T23:59:59.999999-14:00") == 0


@given(
    st.tuples(
        st.text(max_size=8),
        st.integers(-(2**63), 2**63) | st.text(max_size=20),
        st.integers(0, 2**63) | st.text(max_size=8),
    )
)
def test_cursors_lead_back_to_their_position(position: Position) -> None:
    assert decode_cursor(encode_cursor(position)) == position


def test_nonsense_is_no_cursor() -> None:
    source = random.Random(5)
    for length in range(40):
        text = base64.urlsafe_b64encode(source.randbytes(length)).decode()
        with pytest.raises(PydanticCustomError):
            decode_cursor(text)
    with pytest.raises(PydanticCustomError):
        decode_cursor(_made_up([[[]]]) + "!")
