"""Cards before a real switch: what terminals give out, codes on screens, phones, gift cards, a rebuild."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.rebuild import rebuild
from host_api.services.cards.digital.models import CardCode
from protocol.message import Message, Value
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.cards.bench import card, member, product, until
from tests.switch.conftest import FEED_TOKEN, MERCHANT, TERMINAL, Link, SwitchProcess, balances_of

pytestmark = pytest.mark.anyio

ENROLMENT, REPLACEMENT, BALANCES, PURCHASE = "910000", "920000", "310000", "000000"
BARCODE = "031"


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@dataclass
class Club:
    """The API, and a terminal of one of its shops."""

    api: RunningApi
    link: Link
    branch_id: int

    def message(
        self, code: str, number: object, amount: int = 0, tags: dict[str, str] | None = None
    ) -> Message:
        """What a terminal sends after a scan."""
        fields: dict[int, Value] = dict(self.link.purchase(amount, code).fields)
        del fields[35]
        fields |= {2: str(number), 22: BARCODE}
        if tags:
            fields[48] = dict(tags)
        return Message("0100" if code == BALANCES else "0200", fields)

    async def call(self, message: Message) -> Message:
        return await asyncio.to_thread(self.link.call, message)

    async def ask(self, code: str, number: object, tags: dict[str, str] | None = None) -> str:
        """Field 39 of the answer."""
        return (await self.call(self.message(code, number, tags=tags))).text(39)

    async def is_sent(self) -> None:
        """The switch has every record."""

        async def is_empty() -> bool:
            outbox = (await get(self.api, "/v1/status"))["outbox"]
            assert isinstance(outbox, dict)
            assert outbox["refused"] == 0, outbox
            return bool(outbox["waiting"] == 0)

        await eventually(is_empty)

    async def is_active(self, number: object) -> bool:
        return await self.ask(BALANCES, number) == "00"


@pytest.fixture
async def club(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[Club]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as api:
        merchant = await post(api, "/v1/merchants", {"merchant_id": MERCHANT, "name": "Shop"})
        place = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "One", "city": "Tehran"})
        await post(api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": place["id"]})
        with closing(Link(switch.terminals)) as link:
            found = Club(api, link, int(str(place["id"])))
            await found.is_sent()
            await asyncio.to_thread(link.sign_on)
            yield found


async def _states(club: Club) -> dict[object, tuple[object, object]]:
    cards = items_of(await get(club.api, "/v1/cards"))
    return {entry["id"]: (entry["status"], entry["member_id"]) for entry in cards}


async def test_what_terminals_give_out_is_known_here_once(club: Club) -> None:
    api = club.api
    first, second, third = [await card(api, branch_id=club.branch_id) for _ in range(3)]
    await club.is_sent()
    enrolled = await club.call(club.message(ENROLMENT, first["number"]))
    assert enrolled.text(39) == "00"
    # A member whom the switch has numbered.
    await until(api, f"/v1/cards/{first['id']}", "active", "status")
    number = (await get(api, f"/v1/cards/{first['id']}"))["member_id"]
    assert (await get(api, f"/v1/members/{number}"))["joined_via"] == "counter"
    assert (await club.ask(REPLACEMENT, first["number"], tags={"DF18": str(second["number"])})) == "00"
    await until(api, f"/v1/cards/{second['id']}", "active", "status")
    assert await _states(club) == {
        first["id"]: ("replaced", number),
        second["id"]: ("active", number),
        third["id"]: ("new", None),
    }
    assert (await get(api, f"/v1/cards/{second['id']}"))["replaces_id"] == first["id"]
    # Given out and taken back: the terminal saw no answer.
    message = club.message(ENROLMENT, third["number"])
    assert (await club.call(message)).text(39) == "00"
    assert (await club.call(club.link.reversal(message))).text(39) == "00"
    await _until_steps(club, third["id"], 2)
    # The club blocks the second one; all is then read once more from the journal's beginning.
    await post(api, f"/v1/cards/{second['id']}/block", {"reason": "stolen"}, 200)
    before = await _states(club)
    assert before[third["id"]] == ("new", None)
    steps = [await _steps(club, entry["id"]) for entry in (first, second, third)]
    await club.is_sent()
    assert await club.ask(BALANCES, second["number"]) == "62"
    report = await rebuild(api.runtime.settings)
    assert report.position > 4
    assert await _states(club) == before
    assert [await _steps(club, entry["id"]) for entry in (first, second, third)] == steps


async def _steps(club: Club, card_id: object) -> list[object]:
    page = await get(club.api, f"/v1/cards/{card_id}/transitions", sort="id")
    return [(entry["to_status"], entry["reason"]) for entry in items_of(page)]


async def _until_steps(club: Club, card_id: object, count: int) -> None:
    async def are_there() -> bool:
        return len(await _steps(club, card_id)) == count

    await eventually(are_there)


async def test_codes_are_the_card_until_they_end(club: Club) -> None:
    api = club.api
    await product(api, "APP", media=["digital", "barcode"], static_code="ean13")
    holder = await member(api, mobile="09123456789")
    issued = await card(api, member_id=holder, card_type="APP")
    path = f"/v1/cards/{issued['id']}"
    first = str((await post(api, f"{path}/moment-codes", None))["payload"]).removeprefix("vafa:")
    ean = (await post(api, f"{path}/static-code", None))["payload"]
    await api.client.put(f"/v1/members/{holder}/phone-card")
    await club.is_sent()
    for number in (issued["number"], first, ean, "989123456789"):
        assert await club.is_active(number), len(str(number))
    bought = await club.call(club.message(PURCHASE, first, 1_000_000))
    assert bought.text(39) == "00"

    async def is_the_cards() -> bool:
        found = items_of(await get(api, "/v1/transactions", member_id=holder))
        return [entry["card_id"] for entry in found] == [issued["id"]]

    await eventually(is_the_cards)
    # The next code ends the one before; a screenshot of it is worth nothing.
    made = await post(api, f"{path}/moment-codes", None)
    second = str(made["payload"]).removeprefix("vafa:")
    await club.is_sent()
    assert (await club.ask(BALANCES, first), await club.ask(BALANCES, second)) == ("14", "00")
    for text, card_id in ((f"VAFA:{second}", issued["id"]), (ean, issued["id"]), ("0912 345 6789", None)):
        found = await post(api, "/v1/cards/lookup", {"code": text}, 200)
        assert found["member_id"] == holder
        shown = found["card"]
        assert (shown["id"] if isinstance(shown, dict) else None) == card_id
    assert (await post(api, "/v1/cards/lookup", {"code": first}, 404))["status"] == 404
    image = await api.client.get(str(made["image"]))
    assert (image.headers["content-type"], image.content[:5]) == ("image/svg+xml", b"<?xml")
    # Its time is over.
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(CardCode).where(CardCode.kind == "moment").values(expires_at=utc_now()))
    assert (await api.client.get(str(made["image"]))).status_code == 404
    await post(api, "/v1/jobs/end-card-codes/runs", {}, 202)

    async def is_over() -> bool:
        return await club.ask(BALANCES, second) == "14"

    await eventually(is_over)
    # Hot-listing takes the codes along, releasing brings the lasting one back.
    await post(api, f"{path}/block", {"reason": "lost"}, 200)
    await club.is_sent()
    assert (await club.ask(BALANCES, issued["number"]), await club.ask(BALANCES, ean)) == ("62", "14")
    await post(api, f"{path}/release", {}, 200)
    await club.is_sent()
    assert await club.is_active(ean)
    # So does a replacement at a terminal, with the next run of the job.
    spare = await card(api, card_type="APP")
    await club.is_sent()
    assert await club.ask(REPLACEMENT, issued["number"], tags={"DF18": str(spare["number"])}) == "00"
    await until(api, path, "replaced", "status")
    await post(api, "/v1/jobs/end-card-codes/runs", {}, 202)

    async def is_gone() -> bool:
        return await club.ask(BALANCES, ean) == "14"

    await eventually(is_gone)
    assert (await api.client.delete(f"/v1/members/{holder}/phone-card")).status_code == 204
    await club.is_sent()
    assert await club.ask(BALANCES, "989123456789") == "14"


async def test_a_gift_card_is_sold_loaded_and_replaced_with_what_is_on_it(club: Club) -> None:
    api = club.api
    await product(api, "G500", kind="gift")
    gift, spare = [await card(api, card_type="G500") for _ in range(2)]
    assert (gift["card_type"], gift["status"]) == ("GIFT", "new")
    path = f"/v1/gift-cards/{gift['id']}"
    sold = await post(api, f"{path}/sale?wait_s=10", {"amount": 500_000, "merchant_id": MERCHANT})
    assert (sold["state"], sold["balance_after"]) == ("done", 500_000)
    await post(api, f"{path}/sale", {"amount": 5, "merchant_id": MERCHANT}, 409)
    failed = await post(api, f"{path}/loads?wait_s=10", {"amount": 5, "merchant_id": "NOSHOP"})
    assert (failed["state"], failed["response_code"]) == ("failed", "03")
    await post(api, f"{path}/loads?wait_s=10", {"amount": 20_000, "merchant_id": MERCHANT})

    async def holds(card_id: object) -> object:
        return (await get(api, f"/v1/gift-cards/{card_id}"))["balance"]

    async def is_projected() -> bool:
        return await holds(gift["id"]) == 520_000

    await eventually(is_projected)
    wish = {"reason": "lost", "number": spare["number"]}
    replaced = await post(api, f"/v1/cards/{gift['id']}/replacement", wish)
    assert replaced["number"] is None
    await club.is_sent()
    assert await club.ask(BALANCES, gift["number"]) == "62"
    assert balances_of(await club.call(club.message(BALANCES, spare["number"])))["96"] == 520_000
    assert (await holds(gift["id"]), await holds(spare["id"])) == (0, 520_000)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert (await session.scalars(select(CardCode))).all() == []
