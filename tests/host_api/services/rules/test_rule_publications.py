"""Rules come into force by two persons: with a real switch, kills, conflicts and ways back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.application import create_runtime
from host_api.core.clock import utc_now
from host_api.core.feed_projection import clear_projection
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.runtime import Runtime
from host_api.core.settings import Settings
from host_api.core.tehran_time import TEHRAN
from host_api.rebuild import rebuild
from host_api.services.catalogue import projectors
from protocol.message import Message
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.rules.rule_calls import (
    Json,
    approver,
    code_of,
    editor,
    freeze,
    get,
    rule_ids_of,
    use_default,
)
from tests.switch.conftest import FEED_TOKEN, HOST, Link, SwitchProcess
from tests.switch.publication.uploads import sample_table, upload

pytestmark = pytest.mark.anyio

MANY_PARTS = "\n".join(
    f'[[simple]]\nrule_id = "MORE-{number:03}"\ntext = "{number + 7} points per {number * 7919 + 1} rial '
    f'above {number * 104729} rial, max {number + 9} points per day"\n'
    for number in range(1, 90)
)


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


class GatedPool(HostLinkPool):
    """Links on which this process dies at a part: before it is sent, or before its answer is heard."""

    def __init__(self, settings: HostLinkSettings | None) -> None:
        super().__init__(settings)
        self.parts = 0
        self.dies_before: int | None = None
        self.dies_after: int | None = None
        self.has_died = asyncio.Event()

    async def exchange(self, request: Message) -> Message:
        if request.fields.get(101) != "RULES":
            return await super().exchange(request)
        self.parts += 1
        if self.parts == self.dies_before:
            await self._die()
        answer = await super().exchange(request)
        if self.parts == self.dies_after:
            await self._die()
        return answer

    async def _die(self) -> None:
        self.has_died.set()
        await asyncio.Event().wait()


def _gate_of(api: RunningApi) -> GatedPool:
    pool = api.runtime.switches.of(FIRST_PROGRAMME).links
    assert isinstance(pool, GatedPool)
    return pool


@asynccontextmanager
async def _served(runtime: Runtime) -> AsyncIterator[RunningApi]:
    async with running_api(runtime) as api:
        await eventually(lambda: runtime.switches.of(FIRST_PROGRAMME).feed_projection.state == "following")
        yield api


@pytest.fixture
def runtime(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> Runtime:
    return runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )


async def _ask(who: Person, version: Json, status: int = 201, **more: object) -> Json:
    body = {"version_id": version["id"], "reason": "as agreed", **more}
    return await who.post("/v1/rules/publications", body, status)


async def _decide(who: Person, publication: Json, what: str = "approval", status: int = 201) -> Json:
    path = f"/v1/rules/publications/{publication['id']}/{what}"
    return await who.post(f"{path}?wait_s=10" if what == "approval" else path, {}, status)


def _kinds(publication: Json) -> tuple[object, object, object]:
    return publication["kind"], publication["state"], publication["table_version"]


async def _publish_elsewhere(switch: SwitchProcess, points: int, expected_version: int) -> None:
    """Another host's hand: `vafa rules publish` at the same time."""

    def send() -> None:
        link = Link(switch.terminals)
        link.sign_on(HOST)
        for message in upload(link, sample_table(points).packed, expected_version):
            assert link.call(message).fields[39] == "00"
        link.close()

    await asyncio.to_thread(send)


async def test_two_persons_publish_and_go_back(runtime: Runtime, switch: SwitchProcess) -> None:
    async with _served(runtime) as api:
        sara, omid = await editor(api, "sara"), await approver(api, "omid")
        boss = await editor(api, "boss")
        page = await get(omid, "/v1/rules/member-page")
        assert rule_ids_of(page, "now") == ["EARN-01", "BURN-04", "EARN-02"]
        await use_default(sara)
        same = await freeze(sara)
        assert code_of(await _ask(sara, same, 409)) == "rules-already-in-force"
        await use_default(sara, points=200)
        double = await freeze(sara)
        asked = await _ask(boss, double)
        assert _kinds(await _decide(omid, asked)) == ("publish", "published", 2)
        assert switch.status()["rule_table_digest"] == double["digest"]

        async def is_told() -> bool:
            return (await get(omid, "/v1/rules/in-force"))["table_version"] == 2

        await eventually(is_told)
        in_force = await get(omid, "/v1/rules/in-force")
        assert (in_force["version_id"], in_force["publication_id"]) == (double["id"], asked["id"])
        assert in_force["asked_by"] == "boss"
        # Back, by the switch's own number, which no version of another digest has.
        back = await sara.post("/v1/rules/publications", {"table_version": 1, "reason": "as it was"})
        assert (back["kind"], back["version_id"]) == ("rollback", same["id"])
        done = await _decide(omid, back)
        assert _kinds(done) == ("rollback", "published", 3)
        assert switch.status()["rule_table_digest"] == same["digest"]

        async def published() -> list[object]:
            events = (await api.client.get("/v1/events")).json()["items"]
            told = [event for event in events if event["type"] == "rules.published"]
            return [event["data"]["table_version"] for event in told]

        async def are_told() -> bool:
            return await published() == [2, 3]

        await eventually(are_told)
        await eventually(lambda: runtime.switches.of(FIRST_PROGRAMME).feed_projection.state == "following")
    # A projection from zero tells nothing again.
    await clear_projection(runtime.database, FIRST_PROGRAMME, projectors())
    await rebuild(runtime.settings)
    async with _served(runtime) as api:
        assert await published() == [2, 3]
        tables = (await api.client.get("/v1/rules/tables")).json()["items"]
        assert [table["table_version"] for table in tables] == [3, 2, 1]


async def test_a_table_that_only_the_switch_has_comes_back(runtime: Runtime, switch: SwitchProcess) -> None:
    await _publish_elsewhere(switch, 300, 1)
    first = switch.status()["rule_table_digest"]
    await _publish_elsewhere(switch, 400, 2)
    async with _served(runtime) as api:
        sara, omid = await editor(api), await approver(api)
        unknown = await api.client.get("/v1/rules/member-page", headers=sara.headers)
        assert problem(unknown) == (409, "rules-not-known-here")
        asked = await sara.post("/v1/rules/publications", {"table_version": 2, "reason": "as it was"})
        assert asked["version_id"] is None
        assert _kinds(await _decide(omid, asked)) == ("rollback", "published", 4)
        assert switch.status()["rule_table_digest"] == first


async def test_who_may_decide_and_when(runtime: Runtime, switch: SwitchProcess) -> None:
    async with _served(runtime) as api:
        sara, omid = await editor(api), await approver(api)
        everything = Person(api, {"X-API-Key": api.client.headers["X-API-Key"]})
        await use_default(everything, points=150)
        own = await freeze(everything)
        asked = await _ask(sara, own)
        assert code_of(await _decide(everything, asked, status=403)) == "rule-version-own"
        mine = await _ask(everything, own)
        assert code_of(await _decide(everything, mine, status=403)) == "second-person-needed"
        assert (await _decide(everything, mine, "rejection", 403))["status"] == 403
        assert (await _decide(sara, mine, "cancellation", 403))["status"] == 403
        assert (await _decide(everything, mine, "cancellation"))["state"] == "cancelled"
        assert (await _decide(omid, asked, "rejection"))["state"] == "rejected"
        assert (await _decide(omid, asked, status=409))["status"] == 409
        for at in ("1390-01-01", "1405-13-01T00:00", "2100-01-01"):
            assert code_of(await _ask(sara, own, 409, publish_at=at)) == "rule-publish-time"
        # At a time: it waits, is told to members as upcoming, and may still be turned down.
        later = (utc_now() + timedelta(hours=2)).astimezone(TEHRAN)
        waiting = await _decide_later(omid, await _ask(sara, own, publish_at=f"{later:%Y-%m-%dT%H:%M}"))
        assert waiting["state"] == "waiting"
        assert (await _decide(omid, waiting, "rejection"))["state"] == "rejected"
        soon = (utc_now() + timedelta(seconds=2)).astimezone(TEHRAN)
        due = await _decide_later(omid, await _ask(sara, own, publish_at=f"{soon:%Y-%m-%dT%H:%M:%S}"))
        assert switch.status()["rule_table_version"] == 1

        async def is_published() -> bool:
            return (await get(omid, f"/v1/rules/publications/{due['id']}"))["state"] == "published"

        await eventually(is_published)
        assert switch.status()["rule_table_digest"] == own["digest"]


async def _decide_later(who: Person, publication: Json) -> Json:
    return await who.post(f"/v1/rules/publications/{publication['id']}/approval", {}, 202)


async def test_upcoming_benefits_are_on_the_members_page(runtime: Runtime) -> None:
    async with _served(runtime) as api:
        sara, omid = await editor(api), await approver(api)
        await use_default(sara)
        text = {"fa": "<b>۵</b> امتیاز", "en": "5 & more"}
        line = {"rule_id": "SPRING", "text": "5 points for visit, once per day", "member_text": text}
        await sara.post("/v1/rules/draft/rules", {"simple": line})
        later = (utc_now() + timedelta(days=2)).astimezone(TEHRAN)
        asked = await _ask(sara, await freeze(sara), publish_at=f"{later:%Y-%m-%d}")
        await _decide_later(omid, asked)
        page = await get(omid, "/v1/rules/member-page")
        listed = page["upcoming"]
        assert isinstance(listed, list)
        (upcoming,) = listed
        assert (upcoming["rule_id"], upcoming["text_en"]) == ("SPRING", "5 & more")
        assert upcoming["begins_at"] == asked["publish_at"]
        html = await api.client.get("/v1/rules/member-page.html", headers=omid.headers)
        assert '<html lang="fa" dir="rtl">' in html.text
        assert "&lt;b&gt;۵&lt;/b&gt; امتیاز" in html.text
        assert html.headers["content-security-policy"].startswith("default-src 'none'")
        english = await api.client.get("/v1/rules/member-page.html?language=en", headers=omid.headers)
        assert "5 &amp; more" in english.text
        assert f"from {later:%Y-%m-%d}" in english.text


async def test_a_killed_upload_is_gone_on_with(runtime: Runtime, switch: SwitchProcess) -> None:
    async with _served(create_runtime(runtime.settings, new_links=GatedPool)) as api:
        pool = _gate_of(api)
        pool.dies_before = 3
        sara, omid = await editor(api), await approver(api)
        await sara.post("/v1/rules/draft/import", {"text": f'programme = "main"\n{MANY_PARTS}'})
        version = await freeze(sara)
        asked = await _ask(sara, version)
        await sara.api.client.post(
            f"/v1/rules/publications/{asked['id']}/approval?wait_s=0", json={}, headers=omid.headers
        )
        await asyncio.wait_for(pool.has_died.wait(), 60)
        assert (await get(omid, f"/v1/rules/publications/{asked['id']}"))["state"] == "sending"
        assert (await _decide(sara, asked, "cancellation", 409))["status"] == 409
        await api.runtime.job_runner.stop()  # given back, and begun again by whoever looks next
        api.runtime.job_runner.wake()

        async def is_over() -> bool:
            return (await get(omid, f"/v1/rules/publications/{asked['id']}"))["state"] == "published"

        await eventually(is_over)
        assert switch.status()["rule_table_digest"] == version["digest"]
        assert switch.status()["rule_table_version"] == 2
        assert pool.parts > 5


async def test_somebody_published_meanwhile(runtime: Runtime, switch: SwitchProcess) -> None:
    async with _served(create_runtime(runtime.settings, new_links=GatedPool)) as api:
        pool = _gate_of(api)
        sara, omid = await editor(api), await approver(api)
        await use_default(sara, points=200)
        version = await freeze(sara)
        asked = await _ask(sara, version)
        await _publish_elsewhere(switch, 300, 1)
        other = switch.status()["rule_table_digest"]
        failed = await _decide(omid, asked)
        assert (failed["state"], failed["failure"], failed["found_version"]) == ("failed", "conflict", 2)
        assert switch.status()["rule_table_digest"] == other

        async def is_known() -> bool:
            return (await get(omid, "/v1/rules/in-force"))["table_version"] == 2

        await eventually(is_known)
        # Now the answer is lost, and somebody else comes after it: the journal has the last word.
        pool.parts, pool.dies_after = 0, 1
        again = await _ask(sara, version)
        parts = await api.client.post(
            f"/v1/rules/publications/{again['id']}/approval?wait_s=0", json={}, headers=omid.headers
        )
        assert parts.status_code == 202
        await asyncio.wait_for(pool.has_died.wait(), 60)
        assert switch.status()["rule_table_digest"] == version["digest"]
        await _publish_elsewhere(switch, 500, 3)
        await api.runtime.job_runner.stop()
        api.runtime.job_runner.wake()

        async def is_over() -> bool:
            return (await get(omid, f"/v1/rules/publications/{again['id']}"))["state"] == "published"

        await eventually(is_over)
        found = await get(omid, f"/v1/rules/publications/{again['id']}")
        assert (found["table_version"], found["failure"]) == (3, None)
        assert switch.status()["rule_table_version"] == 4


async def test_without_a_switch_nothing_is_pretended(api: RunningApi) -> None:
    sara = await editor(api)
    await use_default(sara)
    version = await freeze(sara)
    assert code_of(await _ask(sara, version, 409)) == "rules-in-force-unknown"
    unknown = await api.client.get("/v1/rules/in-force", headers=sara.headers)
    assert problem(unknown) == (409, "rules-in-force-unknown")
