"""Articles from the draft to the reader: states, search, related ones, views, and what members say."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.blog.markdown import as_html, reading_minutes
from host_api.services.blog.view_counts import ViewCounts
from host_api.services.content.search import words_of
from host_api.services.content.text_types import slug_of
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.blog.blog_calls import Desk, Json
from tests.host_api.services.earning_events.earning_calls import add_member, refusal

pytestmark = pytest.mark.anyio

HOSTILE = (
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '![x](https://example.com/a.png" onerror=alert(1))',
    '<img src=x onerror="alert(1)">',
    '<a href="https://e.example" style="x" onclick="a()">x</a>',
    "<svg/onload=alert(1)>",
    "<iframe src=https://e.example></iframe>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_gets_through(text: str) -> None:
    html = as_html(f"# سلام\n\n{text}\n\n**درشت**")
    assert "<h2>سلام</h2>" in html
    assert "<strong>درشت</strong>" in html
    seen = _Elements()
    seen.feed(html)
    assert {name for name, _ in seen.found} <= {"h2", "p", "strong", "a", "img"}
    for _, attributes in seen.found:
        assert attributes.keys() <= {"href", "rel", "title", "src", "alt"}
        assert all(attributes[name].startswith("https:") for name in ("href", "src") if name in attributes)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_links_and_tables_stay_and_reading_time_is_of_words() -> None:
    html = as_html("[پیوند](https://example.com) ~~نه~~\n\n| الف | ب |\n|---|---|\n| ۱ | ۲ |")
    assert '<a href="https://example.com" rel="noopener noreferrer">' in html
    assert "<td>۱</td>" in html
    assert [reading_minutes(as_html("واژه " * words)) for words in (1, 200, 201, 1000)] == [1, 1, 2, 5]


def test_addresses_and_words_are_of_one_spelling() -> None:
    assert slug_of("كتابِ يك — Market ۲۰۲۶!") == slug_of("کتاب یک Market 2026") == "کتاب-یک-market-2026"
    assert slug_of("؟!") == ""
    assert words_of("می\u200cخواهم كتاب‌هاي") == ["میخواهم", "می", "خواهم", "کتابهای", "کتاب", "های"]


async def _titles(api: RunningApi, path: str = "/v1/blog/articles", **query: object) -> list[object]:
    return [post["title"] for post in items_of(await get(api, path, **query))]


async def test_an_article_from_the_draft_to_its_withdrawal(api: RunningApi) -> None:
    desk = await Desk.of(api)
    made = await post(api, "/v1/blog/posts", desk.draft("امتیاز چیست؟", tags=["امتیاز", "إمتیاز", "راهنما"]))
    assert (made["slug"], made["state"], made["tags"]) == ("امتیاز-چیست", "draft", ["امتیاز", "راهنما"])
    assert await refusal(api, "/v1/blog/posts", desk.draft("امتیاز چیست")) == "blog-slug-taken"
    assert (
        await refusal(api, "/v1/blog/posts", desk.draft("x", category_id=99)) == "content-category-not-found"
    )
    path = f"/v1/blog/posts/{made['id']}"
    assert await refusal(api, f"{path}/review", None) == "second-person-needed"
    assert await refusal(api, f"{path}/publication", {}) == "blog-post-not-in-state"
    assert (await desk.other.post(f"{path}/review"))["reviewed_by"] == "second"
    # Whoever changes it after that is its writer, and another reviews it again.
    changed = await change(api, "PATCH", path, {"body": "## تازه\n\nمتن"})
    assert (changed.json()["state"], changed.json()["html"]) == ("draft", "<h2>تازه</h2>\n<p>متن</p>\n")
    await desk.other.post(f"{path}/review")
    for unknown in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert await refusal(api, f"{path}/publication", {"published_at": unknown}) == "validation-failed"
    soon = (utc_now() + timedelta(days=1)).isoformat()
    assert (await post(api, f"{path}/publication", {"published_at": soon}))["state"] == "published"
    assert await _titles(api) == []
    assert (await api.client.get(f"/v1/blog/articles/{made['slug']}")).status_code == 404
    assert (await change(api, "PATCH", path, {"title": "نو"})).status_code == 409
    await post(api, f"{path}/withdrawal", {"reason": "زود بود"})
    await change(api, "PATCH", path, {"summary": "چکیدهٔ تازه"})
    await desk.other.post(f"{path}/review")
    await post(api, f"{path}/publication", {})
    read = await get(api, f"/v1/blog/articles/{made['slug']}")
    assert (read["category_fa"], read["author_fa"], read["reading_minutes"]) == ("بورس", "نویسندهٔ نمونه", 1)
    english = desk.draft("What are points?", language="en", translation_of=made["id"])
    translated = await post(api, "/v1/blog/posts", english)
    assert translated["slug"] == "what-are-points"
    wrong = desk.draft("سه", translation_of=translated["id"])
    assert await refusal(api, "/v1/blog/posts", wrong) == "blog-translation-wrong"


async def test_search_tags_categories_and_related_articles(api: RunningApi) -> None:
    desk = await Desk.of(api)
    below = {"area": "blog", "slug": "oil", "title": "Oil", "title_fa": "نفت", "parent_id": desk.category_id}
    oil = int(str((await post(api, "/v1/content/categories", below))["id"]))
    old = "2026-01-0{}T00:00:00Z"
    first = await desk.published("كتاب‌هاي مالي", old.format(1), tags=["سرمایه", "بورس"], body="سالِ ۱۴۰۵")
    await desk.published("می‌خواهم بخرم", old.format(2), tags=["بورس"], category_id=oil)
    await desk.published("نفت خام", old.format(3), tags=["سرمایه گذاری"], category_id=oil, body="Brent crude")
    await desk.published("سرمایه و بورس", old.format(4), tags=["سرمایه", "بورس"])
    for query, expected in (
        ("کتابهای مالی", ["كتاب‌هاي مالي"]),
        ("كتاب", ["كتاب‌هاي مالي"]),
        ("سال 1405", ["كتاب‌هاي مالي"]),
        ("می خواهم", ["می‌خواهم بخرم"]),
        ("میخواهم", ["می‌خواهم بخرم"]),
        ("می‌خواهم", ["می‌خواهم بخرم"]),
        ("BREN", ["نفت خام"]),
        ("نفت کتاب", []),
        ("؟!", []),
    ):
        found = await _titles(api, q=query)
        assert found == [title.replace("ي", "ی").replace("ك", "ک") for title in expected], query
    assert await _titles(api, category_id=oil) == ["نفت خام", "می‌خواهم بخرم"]
    assert len(await _titles(api, category_id=desk.category_id)) == 4
    assert await _titles(api, tag="سرمايه") == ["سرمایه و بورس", "کتاب‌های مالی"]
    page = await get(api, "/v1/blog/articles", limit=3)
    assert len(await _titles(api, limit=3, cursor=page["next_cursor"])) == 1
    related = (await get(api, f"/v1/blog/articles/{first['slug']}"))["related"]
    assert isinstance(related, list)
    # Two tags in common before one; then what is of the same category.
    assert [each["title"] for each in related] == ["سرمایه و بورس", "می‌خواهم بخرم"]


async def test_views_are_added_up_and_written_together(api: RunningApi) -> None:
    desk = await Desk.of(api)
    posts = [await desk.published(f"مطلب {number}") for number in range(3)]
    ids = [int(str(each["id"])) for each in posts]
    counts = ViewCounts(api.runtime.database, most=2)
    for post_id, views in ((ids[0], 2), (ids[1], 5), (ids[2], 9)):
        for _ in range(views):
            counts.note(FIRST_PROGRAMME, post_id)
    await counts.write()
    await counts.write()
    for _ in range(4):
        counts.note(FIRST_PROGRAMME, ids[0])
    await counts.write()
    viewed = items_of(await get(api, "/v1/blog/most-viewed"))
    # The third came while two were counted: beyond the bound, forgotten.
    assert [(_id(each), each["views"]) for each in viewed] == [(ids[0], 6), (ids[1], 5)]
    assert len(items_of(await get(api, "/v1/blog/most-viewed", limit=1, days=1, language="fa"))) == 1


def _id(viewed: Json) -> int:
    summary = viewed["post"]
    assert isinstance(summary, dict)
    return int(summary["id"])


async def test_members_say_what_they_think_within_bounds(api: RunningApi) -> None:
    desk, member, other = await Desk.of(api), await add_member(api), await add_member(api)
    shown, later = await desk.published("نخست"), await desk.published("سپس", "2126-01-01T00:00:00Z")
    review: Json = {"member_id": member, "subject_kind": "post", "text": "بسیار آموزنده بود", "stars": 5}
    for subject in (later["id"], 999, "x"):
        expected = "validation-failed" if subject == "x" else "review-subject-not-found"
        assert await refusal(api, "/v1/reviews", review | {"subject": str(subject)}) == expected
    written = await post(api, "/v1/reviews", review | {"subject": str(shown["id"])})
    report: Json = {"member_id": other, "reason": "نادرست است"}
    path = f"/v1/reviews/{written['id']}"
    assert await refusal(api, f"{path}/reports", report) == "review-not-found"
    await post(api, f"{path}/approval", None)
    assert await refusal(api, f"{path}/reports", report | {"member_id": member}) == "review-reported"
    await post(api, f"{path}/reports", report)
    assert await refusal(api, f"{path}/reports", report) == "review-reported"
    assert [row["reason"] for row in items_of(await get(api, "/v1/review-reports"))] == ["نادرست است"]
    policy = await change(api, "PATCH", "/v1/review-policies/review", {"most_per_day": 1})
    assert policy.json()["most_per_day"] == 1
    again = review | {"subject_kind": "product", "subject": "A", "text": "کالای بسیار خوبی بود"}
    assert await refusal(api, "/v1/reviews", again) == "reviews-today"
