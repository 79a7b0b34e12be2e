"""Articles of the tests, made through the served API."""

from tests.host_api.api_calls import post
from tests.host_api.points_bench import Person, new_key
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change

Json = dict[str, object]


async def category(api: RunningApi, area: str = "blog", **values: object) -> int:
    body = {"area": area, "slug": "bourse", "title": "Stocks", "title_fa": "بورس"}
    return int(str((await post(api, "/v1/content/categories", body | values))["id"]))


async def person(api: RunningApi, role: str = "author") -> int:
    body = {"role": role, "name": "An author", "name_fa": "نویسندهٔ نمونه"}
    return int(str((await post(api, "/v1/content/people", body))["id"]))


async def second(api: RunningApi) -> Person:
    """Somebody who may review what the first key has written."""
    return Person(api, await new_key(api, "second", "blog:*"))


class Desk:
    """Where articles are written and found good."""

    def __init__(self, api: RunningApi, category_id: int, author_id: int, other: Person) -> None:
        self.api = api
        self.category_id = category_id
        self.author_id = author_id
        self.other = other

    @classmethod
    async def of(cls, api: RunningApi) -> "Desk":
        return cls(api, await category(api), await person(api), await second(api))

    def draft(self, title: str, **values: object) -> Json:
        texts: Json = {"language": "fa", "title": title, "summary": f"چکیدهٔ {title}", "body": "متن کوتاه."}
        return texts | {"category_id": self.category_id, "author_id": self.author_id} | values

    async def published(self, title: str, at: str | None = None, **values: object) -> Json:
        made = await post(self.api, "/v1/blog/posts", self.draft(title, **values))
        await self.other.post(f"/v1/blog/posts/{made['id']}/review")
        return await post(self.api, f"/v1/blog/posts/{made['id']}/publication", {"published_at": at})

    async def opened(self, **values: object) -> None:
        """Show the articles to everybody."""
        body = {"title": "Club", "title_fa": "باشگاه نمونه", "is_open": True} | values
        answer = await change(self.api, "PUT", "/v1/blog/site", body)
        assert answer.status_code == 200, answer.text
