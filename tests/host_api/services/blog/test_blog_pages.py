"""The public pages: by path and by domain, in both languages, their feeds, and how they look in a browser."""

from xml.etree import ElementTree

import pytest

from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.blog.blog_calls import Desk
from tests.host_api.services.earning_events.earning_calls import add_member

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def _page(api: RunningApi, path: str, status: int = 200, *, host: str | None = None) -> str:
    headers = {"X-API-Key": ""} | ({} if host is None else {"Host": host})
    answer = await api.client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_pages_by_path_and_by_the_clubs_own_domain(api: RunningApi) -> None:
    desk = await Desk.of(api)
    first = await desk.published(
        'نخست <b>"و"', tags=["آ&ب"], references=[{"title": "منبع", "address": "https://example.com/?a=1&b=2"}]
    )
    await _page(api, "/clubs/club/blog", 404)
    await desk.opened(tagline_fa="هر روز یک خبر")
    front = await _page(api, "/clubs/club/blog")
    assert '<html lang="fa" dir="rtl">' in front
    assert "نخست &lt;b&gt;&quot;و&quot;" in front
    assert "<b>" not in front
    assert f'<link rel="canonical" href="{api.base_url}/clubs/club/blog">' in front
    for path in ("/blog", "/clubs/other/blog", "/clubs/CLUB/blog", "/clubs/club/blog/nothing%00"):
        await _page(api, path, 422 if "CLUB" in path else 404)
    article = await _page(api, f"/clubs/club/blog/{first['slug']}")
    assert 'href="https://example.com/?a=1&amp;b=2"' in article
    assert "هنوز نظری" in article
    answer = await api.client.get("/clubs/club/blog")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script" not in policy

    await desk.opened(domain="news.example.com")
    host = "news.example.com"
    article = await _page(api, f"/blog/{first['slug']}", host=host)
    assert '<link rel="canonical" href="https://news.example.com/blog/%D9%86' in article
    # Also where it is read under the club's code: one address for everybody.
    by_code = await _page(api, f"/clubs/club/blog/{first['slug']}")
    assert '<link rel="canonical" href="https://news.example.com/blog/%D9%86' in by_code
    await _page(api, "/blog", 404, host="other.example.com")
    await _page(api, "/blog", 404, host='x"><script>')
    await api.client.put("/v1/modules/blog/switch", json={"is_on": False})
    await _page(api, "/blog", 404, host=host)


async def test_both_languages_reviews_and_views(api: RunningApi) -> None:
    desk, member = await Desk.of(api), await add_member(api)
    await desk.opened()
    original = await desk.published("اصل")
    await desk.published("Translated", language="en", translation_of=original["id"])
    review = {"member_id": member, "subject_kind": "post", "subject": str(original["id"]), "stars": 4}
    written = await post(api, "/v1/reviews", review | {"text": "خواندنی و <سودمند> بود"})
    assert "خواندنی" not in await _page(api, "/clubs/club/blog/اصل")
    await post(api, f"/v1/reviews/{written['id']}/approval", None)
    page = await _page(api, "/clubs/club/blog/اصل")
    assert "خواندنی و &lt;سودمند&gt; بود" in page
    assert "۴ از ۵" in page
    assert 'hreflang="en"' in page
    english = await _page(api, "/clubs/club/blog/translated")
    assert '<html lang="en" dir="ltr">' in english
    assert "Translated" in await _page(api, "/clubs/club/blog?lang=en")
    assert "Translated" not in await _page(api, "/clubs/club/blog?lang=fa")
    assert "مطلبی یافت نشد" in await _page(api, "/clubs/club/blog?q=ناپیدا")
    assert "اصل" in await _page(api, "/clubs/club/blog?q=اصل")
    await _page(api, "/clubs/club/blog?q=%00", 422)
    await api.runtime.page_views.write()
    viewed = items_of(await get(api, "/v1/blog/most-viewed"))
    assert [row["views"] for row in viewed] == [2, 1]


async def test_feeds_and_the_site_map_are_what_their_standards_ask_for(api: RunningApi) -> None:
    desk = await Desk.of(api)
    await desk.opened(domain="news.example.com", tagline_fa="هر روز")
    for number in (1, 2):
        await desk.published(f"خبر & {number}", f"2026-01-0{number}T06:30:00+03:30", tags=["خبر"])
    await desk.published("News", "2026-01-03T00:00:00Z", language="en")
    host = "news.example.com"
    atom = ElementTree.fromstring(await _page(api, "/blog/feed.atom", host=host))
    # RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must have.
    for element in (atom, *atom.findall(f"{ATOM}entry")):
        for needed in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{needed}")) == 1
        assert element.find(f"{ATOM}link[@rel='alternate']") is not None
    assert atom.find(f"{ATOM}author/{ATOM}name") is not None
    titles = [entry.findtext(f"{ATOM}title") for entry in atom.findall(f"{ATOM}entry")]
    assert titles == ["خبر & 2", "خبر & 1"]
    assert atom.findtext(f"{ATOM}updated") == "2026-01-02T03:00:00+00:00"

    rss = ElementTree.fromstring(await _page(api, "/blog/feed.rss?lang=en", host=host))
    channel = rss.find("channel")
    assert channel is not None
    assert rss.get("version") == "2.0"
    assert all(channel.findtext(needed) for needed in ("title", "link", "description"))
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert own.get("href") == "https://news.example.com/blog/feed.rss?lang=en"
    (item,) = channel.findall("item")
    assert item.findtext("pubDate") == "Sat, 03 Jan 2026 00:00:00 +0000"
    assert item.findtext("guid") == item.findtext("link") == "https://news.example.com/blog/news"

    site_map = ElementTree.fromstring(await _page(api, "/blog/sitemap.xml", host=host))
    addresses = [url.findtext(f"{MAP}loc") or "" for url in site_map.findall(f"{MAP}url")]
    assert len(addresses) == len(set(addresses)) == 4
    assert all(address.startswith("https://news.example.com/blog") for address in addresses)
    assert all(address.isascii() for address in addresses)
