"""A shop's day before a real switch: sales at a terminal, undone from the back office, traced, summed up."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from terminal.devices.escpos.slip import BIG, CENTRED, DIRECTION, ROW, SEPARATOR
from terminal.messages.codec import unpack
from terminal.screens.receipt import receipt
from terminal.system.clock import Clock, seconds_of
from terminal.system.config import Config
from terminal.transactions.outcome import Outcome

from host_api.core.database import AnySession
from host_api.core.settings import Settings
from host_api.core.tehran_time import TEHRAN
from host_api.services.transactions.rule_texts import MemberText, RuleVersion, tell_rule_texts
from protocol.message import Message
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.switch.conftest import FEED_TOKEN, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"
DEFAULT_RULES = Path(__file__).parents[3] / "switch" / "rules" / "default_rules.toml"
STYLES = {ROW: "row", CENTRED: "centred", BIG: "big", SEPARATOR: "separator"}


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


@pytest.fixture
def rules_are_told() -> Iterator[None]:
    """The words of the rules in force, as the service that keeps them would tell."""
    rules = tomllib.loads(DEFAULT_RULES.read_text("utf-8"))["rules"]
    texts = {rule["rule_id"]: MemberText(**rule["member_text"]) for rule in rules}

    async def reader(
        _session: AnySession, wanted: Collection[RuleVersion]
    ) -> Mapping[RuleVersion, MemberText]:
        return {version: texts[version.rule] for version in wanted}

    forget = tell_rule_texts(reader)
    yield
    forget()


@dataclass
class Till:
    """A terminal of the shop, and what it asked and heard, by RRN."""

    link: Link
    card: str
    heard: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)

    async def ask(
        self, amount: int, processing_code: str = "000000", *, mti: str = "0200", rrn: str = ""
    ) -> str:
        """Ask the switch; the RRN."""
        message = self.link.purchase(
            amount, processing_code, card=self.card, terminal_id=TERMINAL, merchant_id=SHOP
        )
        fields = message.fields | ({48: {"DF0E": rrn}} if rrn else {})
        asked, answered = await asyncio.to_thread(self._exchange, Message(mti, fields))
        reply = unpack(answered)[1]
        found = str(reply[37])
        self.heard[found] = (asked, answered)
        return found

    def _exchange(self, message: Message) -> tuple[bytes, bytes]:
        asked = self.link.send(message)
        answered = self.link.receive_payload()
        assert answered is not None
        return asked, answered

    def printed(self, rrn: str, language: str, at: datetime) -> list[dict[str, str]]:
        """What the terminal's own firmware prints of it as a copy, at the switch's time."""
        asked, answered = (unpack(payload)[1] for payload in self.heard[rrn])
        local = at.astimezone(TEHRAN)
        asked |= {12: f"{local:%H%M%S}", 13: f"{local:%m%d}"}
        now = seconds_of(at.year, at.month, at.day, hour=at.hour, minute=at.minute)
        config = Config(
            {
                "terminal_id": TERMINAL,
                "merchant_id": SHOP,
                "switch_host": "127.0.0.1",
                "switch_port": 7000,
                "merchant_name_fa": "فروشگاه مهر",
                "merchant_name_en": "فروشگاه مهر",
                "languages": [language],
            }
        )
        outcome = Outcome(asked, answered, Clock(lambda: now, 210))
        return [
            {"style": STYLES[kind], "text": str(text), "value": value}
            for kind, text, value in receipt(outcome, config, copy=True)
            if kind != DIRECTION
        ]


async def _opened(api: RunningApi, switch: SwitchProcess) -> tuple[Till, int]:
    """The shop with its terminal signed on, and a member with a card."""
    member = await post(api, "/v1/members", {"name": "سارا عضو", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه مهر"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    assert isinstance(member["id"], int)
    return Till(link, str(card["number"])), member["id"]


async def _trace(api: RunningApi, rrn: object) -> dict[str, object]:
    """The trace, once it is projected."""

    async def is_there() -> bool:
        return (await api.client.get(f"/v1/transactions/{rrn}/trace")).status_code == 200

    await eventually(is_there)
    return await get(api, f"/v1/transactions/{rrn}/trace")


async def _undo(api: RunningApi, what: str, **body: object) -> dict[str, object]:
    why = {"reason_code": "mistake", "reason": "keyed in wrongly"}
    return await post(api, f"/v1/transaction-requests/{what}?wait_s=10", why | body)


async def test_a_shops_day(api: RunningApi, switch: SwitchProcess, rules_are_told: None) -> None:
    till, member_id = await _opened(api, switch)
    sale = await till.ask(2_500_000)
    paid = await till.ask(100_000, "009100")
    refused = await till.ask(9_000_000, "009100")
    returned = await till.ask(500_000, "200000", rrn=sale)
    held = await till.ask(50_000, "009100", mti="0100")
    assert (await _trace(api, held))["meaning"] == {"en": "Approved", "fa": "تأیید شد"}
    for rrn in (sale, paid, refused, returned):
        at = datetime.fromisoformat(str((await get(api, f"/v1/transactions/{rrn}"))["at"]))
        for language in ("fa", "en"):
            again = await get(api, f"/v1/transactions/{rrn}/receipt", language=language)
            assert again["lines"] == till.printed(rrn, language, at), (rrn, language)
            assert again["direction"] == ("rtl" if language == "fa" else "ltr")
            text = str(again["text"])
            assert all(line.startswith("\u200f") for line in text.split("\n")) == (language == "fa")
    answer = await api.client.get(f"/v1/transactions/{held}/receipt", headers={"Accept-Language": "fa"})
    assert answer.json()["language"] == "fa"

    story = await _trace(api, sale)
    grants = story["grants"]
    assert isinstance(grants, list)
    assert {(grant["rule"], grant["granted"], grant["text"]["en"]) for grant in grants} == {
        ("EARN-01", 250, "100 points for every 100,000 toman"),
        ("EARN-02", 50_000, "2% of your purchase as card credit"),
    }
    assert story["business_date"] is not None
    assert str(story["masked_card"]) == f"{till.card[:6]}******{till.card[-4:]}"
    (link,) = _links(story)
    assert (link["relation"], link["rrn"], link["amount"]) == ("returned_by", returned, 500_000)

    # What is left of the sale, the spending as a whole, and the hold, undone from the back office.
    rest = await _undo(api, "returns", rrn=sale, amount=1_000_000)
    assert (rest["state"], rest["refund_amount"], rest["refund_units"]) == ("done", 1_000_000, None), rest
    spent = await _undo(api, "voids", rrn=paid)
    assert (spent["state"], spent["refund_amount"], spent["refund_units"]) == ("done", 0, 100)
    freed = await _undo(api, "voids", rrn=held)
    assert (freed["state"], freed["kind"], freed["balances_after"]) == (
        "done",
        "void_hold",
        {"91": 100, "92": 20_000},
    )
    too_much = await _undo(api, "returns", rrn=sale)
    assert (too_much["amount"], too_much["state"]) == (1_000_000, "done")
    await _trace(api, too_much["rrn"])
    story = await _trace(api, sale)
    transaction = story["transaction"]
    assert isinstance(transaction, dict)
    assert (transaction["standing"], transaction["returned_amount"]) == ("returned", 2_500_000)
    assert [link["relation"] for link in _links(story)] == ["returned_by"] * 3
    asked = story["voids_and_returns"]
    assert isinstance(asked, list)
    assert [each["rrn"] for each in asked] == [rest["rrn"], too_much["rrn"]]
    own = await _trace(api, spent["rrn"])
    (request,) = _list(own["requests"])
    assert (request["service"], request["state"], request["sendings"]) == (
        "transaction_requests",
        "approved",
        1,
    )
    assert [(link["relation"], link["rrn"]) for link in _links(own)] == [("is_about", paid)]
    assert _standing(await _trace(api, held)) == "voided"
    assert _standing(await _trace(api, paid)) == "returned"

    await _books_agree(api, member_id)
    till.link.close()
    await asyncio.to_thread(switch.stop)


async def _books_agree(api: RunningApi, member_id: int) -> None:
    """Balances, statement, timeline and dashboard tell the same, and the switch's totals too."""
    balances = await get(api, f"/v1/members/{member_id}/balances")
    assert (balances["points"], balances["credit"]) == (0, 0)
    statement = await get(api, f"/v1/members/{member_id}/statement")
    for purse in _list(statement["purses"]):
        turnover = _list(purse["turnover"])
        assert purse["opening"] == purse["closing"] == 0
        assert sum(int(str(line["received"])) - int(str(line["spent"])) for line in turnover) == 0
    kinds = {line["kind"] for purse in _list(statement["purses"]) for line in _list(purse["turnover"])}
    assert kinds == {"earn", "spend", "return", "hold"}
    timeline = items_of(await get(api, f"/v1/members/{member_id}/timeline"))
    assert len(timeline) == 9
    dashboard = await get(api, "/v1/dashboard")
    today = dashboard["today"]
    assert isinstance(today, dict)
    assert (today["approved"], today["declined"], today["active_members"], today["new_members"]) == (
        8,
        1,
        1,
        1,
    )
    assert {(line["response_code"], line["count"]) for line in today["declines"]} == {("51", 1)}
    assert (today["sales"]["sales"], today["sales"]["returns"]) == (2, 5)
    assert all(owed["amount"] == 0 for owed in _list(dashboard["liability"]))
    (branch,) = _list(dashboard["top_branches"])
    assert (branch["merchant_name"], branch["branch_name"], branch["sales"]) == ("فروشگاه مهر", "مرکزی", 2)
    assert {"member.joined", "card.issued"} <= {str(item["type"]) for item in _list(dashboard["news"])}
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


def _links(story: dict[str, object]) -> list[dict[str, object]]:
    return _list(story["linked"])


def _standing(story: dict[str, object]) -> object:
    transaction = story["transaction"]
    assert isinstance(transaction, dict)
    return transaction["standing"]
