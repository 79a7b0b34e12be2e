"""Tickets over HTTP: threads, queues and who sees them, files, promises, merging, the timeline."""

from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.tickets import handling
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import texts
from tests.host_api.services.rules.rule_calls import code_of
from tests.host_api.services.tickets.test_ticket_parts import JPEG, PDF, PNG

pytestmark = pytest.mark.anyio

Row = dict[str, object]

ORDER: Row = {
    "code": "order",
    "name_fa": "سفارش آفلاین",
    "name_en": "Offline order",
    "fields": [
        {"name": "side", "label_fa": "سو", "label_en": "Side", "kind": "choice", "choices": ["buy", "sell"]},
        {"name": "units", "label_fa": "تعداد", "label_en": "Units", "kind": "number", "least": 1},
        {"name": "symbol", "label_fa": "نماد", "label_en": "Symbol", "is_required": False},
    ],
}


class _Club:
    """Two units, one above the other, with somebody in each; and two members."""

    def __init__(self, api: RunningApi) -> None:
        self.api = api

    async def set_up(self) -> "_Club":
        api = self.api
        self.head = await post(api, "/v1/tickets/departments", _unit("head"))
        self.cards = await post(api, "/v1/tickets/departments", _unit("cards", above_id=self.head["id"]))
        self.other = await post(api, "/v1/tickets/departments", _unit("other"))
        self.clerk = await self._staff("نگار", self.cards)
        self.boss = await self._staff("امید", self.head)
        self.stranger = await self._staff("سارا", self.other)
        await post(api, "/v1/tickets/types", ORDER | {"department_id": self.cards["id"]})
        self.sara = await _member(api, "سارا", "09120000001")
        self.omid = await _member(api, "Omid", "09120000002")
        return self

    async def _staff(self, name: str, department: Row) -> Person:
        who = await person(self.api, name, "tickets:read", "tickets:write")
        key = f"api_key:{who.headers['X-API-Key'].split('_')[1]}"
        path = f"/v1/tickets/departments/{department['id']}/staff"
        await post(self.api, path, {"caller_key": key, "name": name})
        return who

    async def ticket(self, member: int, **more: object) -> Row:
        body: Row = {
            "member_id": member,
            "type": "order",
            "subject": "سفارشِ فروش يكم",
            "text": "پیش از پایان بازار",
            "values": {"side": "sell", "units": 10},
        }
        return await post(self.api, "/v1/tickets", body | more)


async def test_a_ticket_goes_its_way(api: RunningApi) -> None:
    club = await _Club(api).set_up()
    wrong = {"member_id": club.sara, "type": "order", "subject": "x", "text": "y", "values": {"side": "hold"}}
    refused = await post(api, "/v1/tickets", wrong, 422)
    assert [each["field"] for each in _errors(refused)] == ["values.side", "values.units"]
    ticket = await club.ticket(club.sara)
    code, path = ticket["tracking_code"], f"/v1/tickets/{ticket['id']}"
    assert (ticket["department_id"], ticket["state"]) == (club.cards["id"], "open")

    # Its unit and the one above see it; another unit isn't told that it is there.
    for who, count in ((club.clerk, 1), (club.boss, 1), (club.stranger, 0)):
        found = await _get(who, "/v1/tickets", q="فروش یکم", department_id=club.cards["id"])
        assert len(items_of(found)) == count
    assert code_of(await _get(club.stranger, path, 404)) == "ticket-not-found"
    await club.stranger.post(f"{path}/messages", {"text": "x"}, 404)
    # A member follows their own by its code, and nobody else's.
    own = await get(api, f"/v1/tickets/by-code/{str(code).lower()}", member_id=club.sara)
    assert part(own, "messages", 0, "text") == "پیش از پایان بازار"
    answer = await api.client.get(f"/v1/tickets/by-code/{code}", params={"member_id": str(club.omid)})
    assert answer.status_code == 404

    canned = {"code": "seen", "text_fa": "{name}، تیکت {code} رسید. {other}", "text_en": "Ticket {code}"}
    await club.clerk.post("/v1/tickets/canned-answers", canned)
    await club.clerk.post(f"{path}/messages", {"text": "از او بپرس", "is_internal": True})
    answered = await club.clerk.post(f"{path}/messages", {"canned": "seen", "text": "کدام نماد؟"})
    assert part(answered, "ticket", "state") == "answered"
    assert part(answered, "messages", 2, "text") == f"سارا، تیکت {code} رسید. {{other}}\n\nکدام نماد؟"
    assert await texts(api, "tickets") == [("+989120000001", f"تیکت {code} پاسخ تازه دارد.")]
    own = await get(api, f"/v1/tickets/by-code/{code}", member_id=club.sara)
    assert [row["author"] for row in _rows(own, "messages")] == ["", ""]

    told = await post(api, f"/v1/tickets/by-code/{code}/messages", {"member_id": club.sara, "text": "وفا"})
    assert part(told, "ticket", "state") == "open"
    to_other = {"department_id": club.other["id"], "note": "بورس"}
    await club.clerk.post(f"{path}/forwarding", {"caller_key": "user:99"}, 409)
    led_on = await club.clerk.post(f"{path}/forwarding", to_other)
    assert [row["kind"] for row in _rows(led_on, "steps")] == ["opened", "answered", "forwarded"]
    assert code_of(await _get(club.clerk, path, 404)) == "ticket-not-found"
    await club.stranger.post(f"{path}/resolution", None)
    score = {"member_id": club.sara, "score": 4}
    assert (await post(api, f"/v1/tickets/by-code/{code}/score", score))["score"] == 4
    reopened = await post(
        api, f"/v1/tickets/by-code/{code}/messages", {"member_id": club.sara, "text": "هنوز نه"}
    )
    assert (part(reopened, "ticket", "state"), part(reopened, "ticket", "reopened")) == ("open", 1)
    await club.stranger.post(f"{path}/resolution", None)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await handling.close_old(session, utc_now(), 10) == 0
        assert await handling.close_old(session, utc_now() + timedelta(days=15), 10) == 1
    late = {"member_id": club.sara, "text": "باز هم"}
    assert code_of(await post(api, f"/v1/tickets/by-code/{code}/messages", late, 409)) == "ticket-state"


async def test_late_tickets_go_up_and_duplicates_become_one(api: RunningApi) -> None:
    club = await _Club(api).set_up()
    await post(api, f"/v1/tickets/departments/{club.other['id']}/customers", {"member_id": club.omid})
    linked = await club.ticket(club.omid)
    assert linked["department_id"] == club.other["id"]
    etag = (await api.client.get(f"/v1/tickets/departments/{club.head['id']}")).headers["ETag"]
    circle = await api.client.patch(
        f"/v1/tickets/departments/{club.head['id']}",
        json={"above_id": club.cards["id"]},
        headers={"If-Match": etag},
    )
    assert code_of(circle.json()) == "ticket-departments-circle"

    first, second = await club.ticket(club.sara), await club.ticket(club.sara)
    await club.clerk.post(f"/v1/tickets/{second['id']}/merging", {"into": linked["id"]}, 404)
    merged = await club.clerk.post(f"/v1/tickets/{second['id']}/merging", {"into": first["id"]})
    assert len(_rows(merged, "messages")) == 2
    own = await get(api, f"/v1/tickets/by-code/{second['tracking_code']}", member_id=club.sara)
    assert part(own, "ticket", "id") == first["id"]

    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await handling.note_late(session, utc_now(), 10) == 0
        assert await handling.note_late(session, utc_now() + timedelta(minutes=61), 10) == 2
        assert await handling.note_late(session, utc_now() + timedelta(minutes=61), 10) == 0
    late = await _get(club.boss, f"/v1/tickets/{first['id']}")
    assert [row["kind"] for row in _rows(late, "steps")][-2:] == ["late_answer", "escalated"]
    assert part(late, "ticket", "department_id") == club.head["id"]
    assert await _get(club.clerk, f"/v1/tickets/{first['id']}", 404)

    timeline: list[Row] = []
    page = await get(api, f"/v1/tickets/timeline/{club.sara}", limit=1)
    timeline += items_of(page)
    page = await get(api, f"/v1/tickets/timeline/{club.sara}", limit=1, cursor=page["next_cursor"])
    timeline += items_of(page)
    assert [(row["source"], row["id"]) for row in timeline] == [
        ("tickets", second["id"]),
        ("tickets", first["id"]),
    ]
    assert page["next_cursor"] is None
    assert items_of(await _get(club.stranger, f"/v1/tickets/timeline/{club.sara}")) == []
    bad = await api.client.get(f"/v1/tickets/timeline/{club.sara}", params={"cursor": "WzFd"})
    assert bad.status_code == 422
    report = await api.client.get("/v1/tickets/report")
    assert {row["department_id"]: row["answered_late"] for row in report.json()} == {
        club.head["id"]: 1,
        club.cards["id"]: 0,
        club.other["id"]: 1,
    }


async def test_files_are_looked_at_and_only_for_who_may_read_the_ticket(api: RunningApi) -> None:
    club = await _Club(api).set_up()
    ticket = await club.ticket(club.sara)
    code, path = ticket["tracking_code"], f"/v1/tickets/{ticket['id']}/files"
    own = f"/v1/tickets/by-code/{code}/files"
    by_staff = f"/v1/tickets/files?ticket_id={ticket['id']}"
    by_member = f"/v1/tickets/files-of-members?code={code}&member_id="

    async def send(who: Person | None, where: str, name: str, content: bytes) -> tuple[int, Row]:
        headers = None if who is None else who.headers
        answer = await api.client.post(where, files={"file": (name, content)}, headers=headers)
        return answer.status_code, answer.json()

    # Told by the content, not by the name; whole, and one thing only.
    for content in (
        b"MZ\x90\x00" + bytes(60),
        b"name,mobile\nx,1\n",
        PNG + b"PK",
        PDF[:30],
        JPEG + b"<script>",
    ):
        assert (await send(None, f"{by_member}{club.sara}", "photo.png", content))[0] == 415
    large = PDF + bytes(10 * 1024 * 1024) + b"\n%%EOF\n"
    assert (await send(None, f"{by_member}{club.sara}", "a.pdf", large))[0] == 415
    assert (await send(None, f"{by_member}{club.omid}", "a.png", PNG))[0] == 404
    assert (await send(club.stranger, by_staff, "a.png", PNG))[0] == 404
    status, kept = await send(None, f"{by_member}{club.sara}", "../../etc/\u202egnp.exe", PNG)
    assert (status, kept["name"], kept["media_type"]) == (201, "gnp.exe", "image/png")
    _, internal = await send(club.clerk, f"{by_staff}&is_internal=true", "note.pdf", PDF)

    got = await api.client.get(f"{own}/{kept['id']}", params={"member_id": str(club.sara)})
    assert got.content == PNG
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment")
    for where, member in ((f"{own}/{internal['id']}", club.sara), (f"{own}/{kept['id']}", club.omid)):
        assert (await api.client.get(where, params={"member_id": str(member)})).status_code == 404
    assert (await api.client.get(f"{path}/{internal['id']}", headers=club.boss.headers)).content == PDF
    hidden = await api.client.get(f"{path}/{kept['id']}", headers=club.stranger.headers)
    assert hidden.status_code == 404
    of_other = await club.ticket(club.omid)
    elsewhere = f"/v1/tickets/by-code/{of_other['tracking_code']}/files/{kept['id']}"
    assert (await api.client.get(elsewhere, params={"member_id": str(club.omid)})).status_code == 404
    # The files service gives it to nobody, not even to who may read all files.
    for file in items_of(await get(api, "/v1/files")):
        assert (await api.client.get(f"/v1/files/{file['id']}/content")).status_code == 403


def _unit(code: str, **more: object) -> Row:
    names = {"name_fa": code, "name_en": code}
    return {"code": code, "first_answer_minutes": 60, "resolution_minutes": 600} | names | more


async def _member(api: RunningApi, name: str, mobile: str) -> int:
    return int(str((await post(api, "/v1/members", {"name": name, "mobile": mobile}))["id"]))


async def _get(who: Person, path: str, status: int = 200, **query: object) -> Row:
    answer = await who.api.client.get(
        path, headers=who.headers, params={key: str(value) for key, value in query.items()}
    )
    assert answer.status_code == status, answer.text
    found: Row = answer.json()
    return found


def _rows(thread: Row, name: str) -> list[Row]:
    rows = thread[name]
    assert isinstance(rows, list)
    return rows


def _errors(problem: Row) -> list[Row]:
    return _rows(problem, "errors")


def part(found: object, *path: str | int) -> object:
    """What stands at a path of nested objects and lists."""
    for step in path:
        if isinstance(found, dict):
            found = found[step]
        else:
            assert isinstance(found, list) and isinstance(step, int)
            found = found[step]
    return found
