"""The library and the courses: what members find, get, go through, download and give back."""

import base64
from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.files.file_table import StoredFile
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.signed_link import SignedLink, link_token, read_link
from host_api.services.learning.purchases.downloads import file_behind, make_link
from host_api.services.learning.purchases.logic import give_back_cancelled
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change, patch
from tests.host_api.services.blog.blog_calls import category, person
from tests.host_api.services.earning_events.earning_calls import add_member, refusal
from tests.host_api.services.learning.learning_calls import PDF, Json, course, document, stored_file, wanted

pytestmark = pytest.mark.anyio

BUY = "/v1/learning/purchases"


async def test_reports_and_books_are_found_in_whatever_spelling(api: RunningApi) -> None:
    topic, analyst, author = await category(api, "library"), await person(api, "analyst"), await person(api)
    shared = {"category_id": topic}
    await document(api, author_id=analyst, subject="پتروشيمي", **shared)
    book = await document(
        api, kind="book", title="کتابِ سرمایه", author_id=author, publisher_kind="university", **shared
    )
    body = {"kind": "analysis", "title": "x", "abstract": "x", "author_id": author, **shared}
    assert await refusal(api, "/v1/library/documents", body) == "content-person-not-found"
    draft = await post(api, "/v1/library/documents", body | {"kind": "book"})
    path = f"/v1/library/documents/{draft['id']}"
    assert (await change(api, "PATCH", path, {"state": "published"})).status_code == 409  # it has no file
    for query, found in (
        ({"q": "پتروشیمی"}, 1),
        ({"q": "كتاب سرمايه"}, 1),
        ({"q": "نويسنده"}, 2),  # both people are called so
        ({"kind": "book"}, 1),
        ({"publisher_kind": "university"}, 1),
        ({"category_id": topic}, 2),
        ({"q": "نیست"}, 0),
    ):
        assert len(items_of(await get(api, "/v1/library/shelf", **query))) == found, query
    assert (await api.client.get(f"/v1/library/shelf/{draft['id']}")).status_code == 404
    await patch(api, f"/v1/library/documents/{book}", {"state": "withdrawn"})
    assert len(items_of(await get(api, "/v1/library/shelf"))) == 1


async def test_a_file_belongs_to_one_record_and_to_nobody_else(api: RunningApi) -> None:
    file_id = await stored_file(api)
    held = await document(api, file_id=file_id)
    body = {"position": 1, "title": "x", "file_id": file_id}
    lessons = f"/v1/courses/{await course(api)}/lessons"
    assert await refusal(api, lessons, body | {"position": 9}) == "file-not-free"
    assert await refusal(api, lessons, body | {"file_id": 999, "position": 9}) == "file-not-free"
    assert await refusal(api, lessons, {"position": 1, "title": "x"}) == "course-lesson-taken"
    assert (await api.client.get(f"/v1/files/{file_id}/content")).status_code == 403
    assert (await api.client.delete(f"/v1/files/{file_id}")).status_code == 403
    assert (await get(api, f"/v1/files/{file_id}"))["expires_at"] == "9999-12-31T00:00:00Z"
    await patch(api, f"/v1/library/documents/{held}", {"file_id": await stored_file(api, b"%PDF-2")})
    assert str((await get(api, f"/v1/files/{file_id}"))["expires_at"]) < "9999"


async def test_a_free_course_from_enrolment_to_its_certificate(api: RunningApi) -> None:
    free = await course(api, has_certificate=True, capacity=1, refund_days=7, refund_percent=50)
    member, other = await add_member(api), await add_member(api)
    page = await get(api, f"/v1/course-catalogue/{free}")
    assert (page["teacher_fa"], page["places_left"]) == ("نویسندهٔ نمونه", 1)
    assert "example.com" not in str(page)
    had = await post(api, BUY, wanted(member, "course", free))
    assert (had["state"], had["price"]) == ("active", 0)
    assert await refusal(api, BUY, wanted(member, "course", free)) == "learning-held"
    assert await refusal(api, BUY, wanted(other, "course", free)) == "course-full"
    path = f"{BUY}/{had['id']}"
    detail = await get(api, path)
    first, second = items_of(detail)
    assert first["address"] == "https://example.com/watch"
    for _ in range(2):
        done = await post(api, f"{path}/lessons/{first['id']}/completion", None)
        assert (done["lessons_done"], done["completed_at"]) == (1, None)
    assert await refusal(api, f"{path}/lessons/999/completion", None) == "course-lesson-not-found"
    done = await post(api, f"{path}/lessons/{second['id']}/completion", None)
    assert (done["lessons"], done["certificate_number"]) == (2, f"C{free:05d}-{had['id']:07d}")
    assert await refusal(api, f"{path}/refund", None) == "learning-refund-not-by-policy"
    (own,) = items_of(await get(api, f"/v1/members/{member}/learning"))
    assert (own["title"], own["lessons_done"]) == ("سواد مالی", 2)
    # The club may go beyond the terms; the place is free again, and whoever comes back begins anew.
    await post(api, f"{path}/taking-back", {"reason": "به خواست عضو"})
    assert items_of(await get(api, path)) == []
    again = await post(api, BUY, wanted(member, "course", free))
    assert (again["id"], again["state"], again["certificate_number"]) == (had["id"], "active", None)
    assert (await get(api, path))["lessons_done"] == 0
    assert (await post(api, f"{path}/refund", None))["state"] == "returned"
    assert (await get(api, f"/v1/courses/{free}"))["places_left"] == 1
    await patch(api, f"/v1/courses/{free}", {"capacity": 3})
    assert (await get(api, f"/v1/courses/{free}"))["places_left"] == 3


async def test_online_courses_have_dates_and_cancelled_ones_go_back(api: RunningApi) -> None:
    body: Json = {"mode": "online", "title": "x", "abstract": "x", "description": "x"}
    body |= {"category_id": await category(api, "courses"), "teacher_id": await person(api, "teacher")}
    assert await refusal(api, "/v1/courses", body) == "course-without-dates"
    past, future = (utc_now() + timedelta(days=days) for days in (-1, 1))
    begun = await course(api, 2, **body | {"starts_at": past.isoformat()})
    member = await add_member(api, mobile="09121234567")
    assert await refusal(api, BUY, wanted(member, "course", begun)) == "course-enrolment-over"
    ahead = await course(api, 2, **body | {"starts_at": future.isoformat(), "capacity": 5})
    had = await post(api, BUY, wanted(member, "course", ahead))
    await post(api, f"/v1/courses/{ahead}/cancellation", {"reason": "مدرس بیمار است"})
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await give_back_cancelled(session, 10) == 1
        assert await give_back_cancelled(session, 10) == 0
    read = await get(api, f"{BUY}/{had['id']}")
    assert (read["state"], read["reason"]) == ("returned", "مدرس بیمار است")
    texts = [str(row["text"]) for row in items_of(await get(api, "/v1/messages/texts"))]
    assert any("پس گرفته شد (مدرس بیمار است)" in text for text in texts)
    assert await refusal(api, BUY, wanted(member, "course", ahead)) == "course-not-found"


async def test_download_links_are_of_one_member_for_some_minutes(api: RunningApi) -> None:
    report = await document(api)
    member, other = await add_member(api), await add_member(api)
    mine, theirs = [
        int(str((await post(api, BUY, wanted(who, "document", report)))["id"])) for who in (member, other)
    ]
    link = await get(api, f"{BUY}/{mine}/link", minutes=5)
    path = str(link["path"])
    answer = await api.client.get(path, headers={"X-API-Key": ""})
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Disposition"].startswith("attachment")

    token = path.rpartition("/")[2]
    data = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for at in (0, 15, 23, 31, 39, 40, len(data) - 1):
        # Another programme, purchase, lesson, file, expiry or digest.
        changed = bytearray(data)
        changed[at] ^= 1
        text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert (await api.client.get(f"/learning/downloads/{text}")).status_code == 404, at
    for text in ("x", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", token[:-1], token + "A"):
        assert (await api.client.get(f"/learning/downloads/{text}")).status_code in {404, 422}, text
    # A link of this kind opens no other file, and the other kind's opens none of these.
    assert (await api.client.get(f"/downloads/{token}")).status_code in {404, 422}

    cipher, now = api.runtime.vault.cipher, utc_now()
    kept = read_link(cipher, "learning.link", token, now, numbers=3)
    assert kept is not None
    assert read_link(cipher, "learning.link", token, kept.expires_at, numbers=3) is None
    assert read_link(cipher, "files.link", token, now, numbers=3) is None
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert isinstance(await file_behind(session, kept, now), StoredFile)
        forged = SignedLink(FIRST_PROGRAMME, (mine, 0, 999), kept.expires_at)
        assert await file_behind(session, forged, now) is None
        late = await make_link(session, cipher, theirs, None, valid_for=timedelta(minutes=1), now=now)
    # What the other has ends when it is taken back; the first member's goes on.
    await post(api, f"{BUY}/{theirs}/taking-back", {"reason": "به خواست عضو"})
    assert (await api.client.get(late.path)).status_code == 404
    assert (await api.client.get(f"{BUY}/{theirs}/link")).status_code == 409
    assert (await api.client.get(path)).status_code == 200
    expired = link_token(cipher, "learning.link", SignedLink(FIRST_PROGRAMME, kept.numbers, now))
    assert (await api.client.get(f"/learning/downloads/{expired}")).status_code == 404
    await patch(api, f"/v1/library/documents/{report}", {"is_downloadable": False})
    assert (await api.client.get(path)).status_code == 404


async def test_the_clubs_flag_decides_whether_lessons_are_downloaded(api: RunningApi) -> None:
    closed = await course(api)
    lesson = {"position": 9, "title": "جزوه", "file_id": await stored_file(api)}
    added = await post(api, f"/v1/courses/{closed}/lessons", lesson)
    had = await post(api, BUY, wanted(await add_member(api), "course", closed))
    path = f"{BUY}/{had['id']}/link"
    assert (await api.client.get(path, params={"lesson_id": str(added["id"])})).status_code == 409
    await patch(api, f"/v1/courses/{closed}", {"is_downloadable": True})
    assert (await api.client.get(path)).status_code == 404
    link = await get(api, path, lesson_id=added["id"])
    assert (await api.client.get(str(link["path"]))).content == PDF
