"""Reviews, surveys and visits: what is taken, what it tells, and what members are told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.earning_events.reviews.text_check import digest_of, has_link
from host_api.services.earning_events.surveys import logic as surveys
from host_api.services.earning_events.visits.distance import Point, distance_m
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import change, furnish
from tests.host_api.services.earning_events.earning_calls import (
    Json,
    add_member,
    event_in,
    refusal,
    use_template,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

GOOD = "بسته‌بندی تمیز و تازه بود"


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


@pytest.mark.parametrize(
    "text", ["see www.shop.example", "t.me/abc", "@channel", "kala.ir", "تماس ۰۹۱۲۱۲۳۴۵۶۷"]
)
def test_texts_that_lead_elsewhere(text: str) -> None:
    assert has_link(text)
    assert not has_link("۱۲۳ بار خریدم؛ عالی!")
    assert digest_of("كتاب خوب") == digest_of("کتاب  خوب") != digest_of("کتاب بد")


def test_distances_are_those_of_the_sphere() -> None:
    # A degree of a meridian of that sphere has 2 pi 6,371,008.8 m / 360.
    assert distance_m(Point(0, 0), Point(1_000_000, 0)) == 111_195
    assert distance_m(Point(60_000_000, 0), Point(60_000_000, 1_000_000)) == 55_597
    assert distance_m(Point(35_721_900, 51_334_700), Point(35_721_900, 51_334_700)) == 0
    # Across the date line, and to the other side of the earth.
    assert distance_m(Point(0, 179_999_500), Point(0, -179_999_500)) == 111
    assert distance_m(Point(90_000_000, 0), Point(-90_000_000, 0)) == 20_015_114


def _review(member: int, subject: str, text: str = GOOD, **more: object) -> Json:
    return {"member_id": member, "subject_kind": "product", "subject": subject, "text": text, **more}


async def test_a_review_earns_once_approved(api: RunningApi, peer: SwitchPeer) -> None:
    await use_template(api, "review")
    member = await add_member(api, mobile="09121234567")
    for body, code in (
        (_review(member, "A", "کوتاه"), "review-length"),
        (_review(member, "A", f"{GOOD} www.kala.ir"), "review-link"),
        (_review(999, "A"), "member-not-found"),
        (_review(member, "5", subject_kind="branch"), "branch-not-found"),
        (_review(member, "A", subject_kind="club"), "validation-failed"),
        (_review(member, "A", stars=6), "validation-failed"),
    ):
        assert await refusal(api, "/v1/reviews", body) == code
    written = await post(api, "/v1/reviews", _review(member, "A", stars=4))
    assert (written["state"], written["event_id"]) == ("waiting", None)
    assert await refusal(api, "/v1/reviews", _review(member, "A")) == "review-exists"
    assert await refusal(api, "/v1/reviews", _review(member, "B", f" {GOOD}")) == "review-repeated"
    path = f"/v1/reviews/{written['id']}"
    rejected = await post(api, f"{path}/rejection", {"reason": "نام کالا درست نیست"})
    assert (rejected["state"], peer.standing) == ("rejected", [])
    again = await post(api, "/v1/reviews", _review(member, "A", f"{GOOD} و ارزان"))
    assert (again["id"], again["attempt"], again["reason"]) == (written["id"], 2, None)
    approved = await post(api, f"{path}/approval", None)
    assert (await event_in(api, approved["event_id"], "earned"))["reference"] == f"review#{written['id']}.2"
    assert await refusal(api, f"{path}/rejection", {"reason": "late"}) == "review-not-in-state"
    other = await add_member(api)
    same = await post(api, "/v1/reviews", _review(other, "C", f"{GOOD} و ارزان"))
    assert same["same_texts"] == 1
    texts = [str(row["text"]) for row in items_of(await get(api, "/v1/messages/texts"))]
    assert [text for text in texts if "نام کالا درست نیست" in text] != []

    # Without a type of its event, praise is approved all the same and earns nothing.
    policy = await change(api, "PATCH", "/v1/review-policies/praise", {"least_characters": 5})
    assert (policy.status_code, policy.json()["event"]) == (200, "custom:praise")
    praise = {"member_id": member, "kind": "praise", "subject_kind": "club", "text": "سپاس فراوان"}
    thanked = await post(api, "/v1/reviews", praise)
    assert (await post(api, f"/v1/reviews/{thanked['id']}/approval", None))["event_id"] is None
    assert (await api.client.get("/v1/review-policies/blame")).status_code == 404


def _survey(**changes: object) -> Json:
    now = utc_now()
    survey: Json = {
        "title": "Service",
        "title_fa": "خدمات",
        "questions": [
            {
                "name": "again",
                "text": "Again?",
                "text_fa": "باز؟",
                "kind": "scale",
                "minimum": 0,
                "maximum": 10,
            },
            {
                "name": "why",
                "text": "Why?",
                "text_fa": "چرا؟",
                "kind": "choices",
                "choices": [{"code": code, "title": code, "title_fa": code} for code in ("price", "place")],
            },
            {"name": "words", "text": "?", "text_fa": "؟", "kind": "text", "is_required": False},
        ],
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    }
    return survey | changes


async def test_a_survey_is_answered_once_and_counted(api: RunningApi, peer: SwitchPeer) -> None:
    await use_template(api, "survey")
    members = [await add_member(api) for _ in range(5)]
    survey = await post(api, "/v1/surveys", _survey(is_anonymous=True))
    path = f"/v1/surveys/{survey['id']}"
    wanted: Json = {"member_id": members[0], "answers": {"again": 9, "why": ["price"], "words": "خوب"}}
    assert await refusal(api, f"{path}/answers", wanted) == "survey-not-open"
    assert (await change(api, "PATCH", path, {"is_published": True})).json()["state"] == "open"
    assert (await change(api, "PATCH", path, {"questions": survey["questions"]})).status_code == 409
    for answers in (
        {"again": 11, "why": ["price"]},
        {"again": 5},
        {"again": 5, "why": ["price", "price"]},
        {"again": 5, "why": ["taste"]},
        {"again": "5", "why": ["price"]},
        {"again": 5, "why": ["price"], "else": 1},
    ):
        body = wanted | {"answers": answers}
        assert await refusal(api, f"{path}/answers", body) == "validation-failed", answers
    for index, member in enumerate(members):
        answers = {"again": 9 + index % 2, "why": ["price", "place"][: 1 + index % 2]}
        took_part = await post(api, f"{path}/answers", {"member_id": member, "answers": answers})
        if index == 3:
            assert await refusal(api, f"{path}/answers", wanted) == "survey-answered"
            assert (await api.client.get(f"{path}/answers")).status_code == 409
            hidden = (await get(api, f"{path}/results"))["questions"]
            assert isinstance(hidden, list)
            assert [entry["answered"] for entry in hidden] == [0, 0, 0]
        await event_in(api, took_part["event_id"], "earned")
    results = await get(api, f"{path}/results")
    questions = results["questions"]
    assert isinstance(questions, list)
    again, why, words = questions
    assert (results["answers"], again["counts"], again["average_hundredths"]) == (5, {"9": 3, "10": 2}, 940)
    assert (why["counts"], why["average_hundredths"], words["answered"]) == (
        {"price": 5, "place": 2},
        None,
        0,
    )
    answers_read = items_of(await get(api, f"{path}/answers"))
    assert {(row["member_id"], row["answered_at"]) for row in answers_read} == {(None, None)}
    assert len(peer.standing) == 5
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert await surveys.answers_of(session, members[0]) == []

    only_gold = _survey(audience={"f": "tier", "op": "in", "v": ["gold"]})
    closed = await post(api, "/v1/surveys", only_gold)
    path = f"/v1/surveys/{closed['id']}"
    assert (await change(api, "PATCH", path, {"is_published": True})).status_code == 200
    assert await refusal(api, f"{path}/answers", wanted) == "survey-not-asked"
    ended = (utc_now() - timedelta(seconds=1)).isoformat()
    assert (await change(api, "PATCH", path, {"ends_at": ended})).json()["state"] == "ended"
    assert await refusal(api, f"{path}/answers", wanted) == "survey-not-open"
    wrong = _survey(ends_at=only_gold["starts_at"])
    assert await refusal(api, "/v1/surveys", wrong) == "validation-failed"


async def test_checking_in(api: RunningApi, peer: SwitchPeer) -> None:
    await use_template(api, "visit")
    branch, member = await furnish(api), await add_member(api)
    body: Json = {"branch_id": branch, "ways": ["code", "qr", "position", "terminal"], "radius_m": 150}
    assert await refusal(api, "/v1/visit-points", body) == "visit-no-location"
    place = {"location": {"latitude": 35.7219, "longitude": 51.3347}}
    assert (await change(api, "PATCH", f"/v1/branches/{branch}", place)).status_code == 200
    point = await post(api, "/v1/visit-points", body)
    assert "code" not in point
    path = f"/v1/visit-points/{branch}"
    codes = (await change(api, "POST", f"{path}/codes", of=path)).json()

    def at(latitude: int) -> Json:
        position = {"latitude_microdegrees": latitude, "longitude_microdegrees": 51_334_700}
        return {"member_id": member, "branch_id": branch, "position": position}

    # 0.00135 degrees of latitude are 150.1 m, and 150 m as they are rounded.
    for wanted, code in (
        (at(35_721_900 + 1_360), "visit-too-far"),
        ({"member_id": member, "code": "AAAAAAAA"}, "visit-point-not-found"),
        ({"member_id": member, "terminal_id": "TERM0009"}, "terminal-not-found"),
        ({"member_id": member, "code": codes["code"], "terminal_id": "TERM0001"}, "validation-failed"),
        ({"member_id": 999, "code": codes["code"]}, "member-not-found"),
    ):
        assert await refusal(api, "/v1/visits", wanted) == code
    here = await post(api, "/v1/visits?wait_s=10", at(35_721_900 + 1_350))
    assert (here["distance_m"], here["way"], here["points"]) == (150, "position", 0)
    (posted,) = peer.standing
    assert posted.message.tag_text(48, "DF15") == "visit"
    for wanted in (at(35_721_900), {"member_id": member, "code": str(codes["code"]).lower()}):
        assert await refusal(api, "/v1/visits", wanted) == "visited-already"
    # Another time of rest, and it is the type's cap that lets no third one earn; the visits are noted.
    assert (await change(api, "PATCH", path, {"rest_minutes": 1, "ways": ["qr"]})).status_code == 200
    other = await add_member(api)
    read_by_phone = {"member_id": other, "qr_text": codes["qr_text"]}
    assert (await post(api, "/v1/visits?wait_s=10", read_by_phone))["way"] == "qr"
    by_code = {"member_id": other, "code": codes["code"]}
    assert await refusal(api, "/v1/visits", by_code) == "visit-point-not-found"
    renewed = (await change(api, "POST", f"{path}/codes", of=path)).json()
    assert renewed["qr_text"] != codes["qr_text"]
    assert await refusal(api, "/v1/visits", read_by_phone) == "visit-point-not-found"
    assert len(items_of(await get(api, "/v1/visits", branch_id=branch))) == 2
