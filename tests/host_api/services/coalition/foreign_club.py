"""A club of another installation: letters that it brings and fetches with its own key."""

import hashlib
from dataclasses import dataclass, field

import httpx2

from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change

PATH = "/v1/coalition"

Row = dict[str, object]


def whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def rows(value: object) -> list[Row]:
    assert isinstance(value, list)
    return value


@dataclass
class ForeignClub:
    """The other side of the counter.

    Attributes:
        club: what this installation knows of it.
        fetched: letters that it has, in order.
    """

    api: RunningApi
    key: Person
    second: Person
    club: Row
    written: int = 0
    fetched: list[Row] = field(default_factory=list)

    async def deliver(self, *contents: Row, first: int | None = None) -> httpx2.Response:
        """Bring letters, numbered from `first`; by default behind those that it brought."""
        begin = self.written + 1 if first is None else first
        letters = [{"number": number, "content": content} for number, content in enumerate(contents, begin)]
        body = {"taken": len(self.fetched), "letters": letters}
        return await self.api.client.post(f"{PATH}/letters", json=body, headers=self.key.headers)

    async def bring(self, *contents: Row) -> None:
        answer = await self.deliver(*contents)
        assert answer.status_code == 200, answer.text
        self.written += len(contents)
        assert answer.json() == {"taken": self.written}

    async def next(self) -> Row:
        """The next letter for it, once it is there."""

        async def is_there() -> bool:
            answer = await self.api.client.get(
                f"{PATH}/letters", params={"after": len(self.fetched)}, headers=self.key.headers
            )
            found = rows(answer.json()["letters"])
            if not found:
                return False
            assert found[0]["number"] == len(self.fetched) + 1
            self.fetched.append(found[0])
            return True

        await eventually(is_there)
        content = self.fetched[-1]["content"]
        assert isinstance(content, dict)
        return content

    async def stands(self) -> Row:
        """The club as this installation shows it now."""
        return await get(self.api, f"{PATH}/clubs/{self.club['id']}")

    async def link(self, member_id: int, reference: str) -> None:
        """Link one of its records with a member here."""
        made = await post(self.api, f"{PATH}/link-codes", {"member_id": member_id})
        digest = hashlib.sha256(str(made["code"]).replace("-", "").encode()).hexdigest()
        await self.bring({"kind": "link_asked", "reference": reference, "code_sha256": digest})
        assert await self.next() == {"kind": "link_answered", "reference": reference, "is_made": True}


async def conclude(api: RunningApi, limit: int, **terms: object) -> tuple[ForeignClub, Row]:
    """A foreign club that may owe so many rials, and a contract with it."""
    key = await person(api, "books", "club_letters:act")
    second = await person(api, "second", "coalition:approve")
    club = await post(
        api,
        f"{PATH}/clubs",
        {"club_code": "books", "name": "کتاب", "api_key_id": key.headers["X-API-Key"][5:13]},
    )
    path = f"{PATH}/clubs/{club['id']}"
    await change(api, "PUT", f"{path}/credit-limit", {"credit_limit_rials": limit}, of=path)
    foreign = ForeignClub(api, key, second, club)
    wanted: Row = {"club_id": club["id"], "code": "BOOKS1", "own_units": 6, "partner_units": 4}
    asked = await post(api, f"{PATH}/contracts", wanted | {"rials": 2_000} | terms)
    offered = await second.post(f"{PATH}/contracts/{asked['id']}/approval", status=200)
    assert offered["state"] == "offered"
    letter = await foreign.next()
    assert (letter["kind"], letter["code"]) == ("contract_offered", "BOOKS1")
    await foreign.bring({"kind": "contract_answered", "code": "BOOKS1", "is_accepted": True})
    return foreign, await get(api, f"{PATH}/contracts/{asked['id']}")
