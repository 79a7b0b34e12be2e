"""Metrics of the link to a partner's switch: a scripted partner answers, declines, is late or silent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from protocol.message import Message
from simulator.scripted_switch import Behaviour
from switch.metrics.catalogue import Metric
from switch.metrics.labels import CODE_LABEL
from switch.metrics.store import Metrics
from switch.operations.gauges import watch_partner
from switch.operations.upstream_gauges import of_partner
from tests.switch.conftest import HOST
from tests.switch.upstream.club_requests import PARTNER_CARD, purchase
from tests.switch.upstream.forwarding_bench import Bench
from tests.switch.upstream.scripted_partner import ScriptedPartner, upstream_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.switch.conftest import Connect, SwitchAt, SwitchProcess

PATIENCE_S = 60.0
Told = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture
def partner() -> Iterator[ScriptedPartner]:
    with ScriptedPartner() as found:
        yield found


def scrape(switch: SwitchProcess) -> Told:
    """Samples of the link "sister" by name and its other label."""
    found: Told = {}
    for family in text_string_to_metric_families(switch.get("/metrics")[1].decode()):
        for sample in family.samples:
            if sample.labels.get("link") == "sister":
                others = tuple(value for name, value in sample.labels.items() if name != "link")
                found.setdefault(sample.name.removeprefix("vafa_switch_"), {})[others] = sample.value
    return found


def until(switch: SwitchProcess, name: str, label: str, value: float) -> Told:
    """Scrape until a sample has this value."""
    end_s = time.monotonic() + PATIENCE_S
    while (told := scrape(switch)).get(name, {}).get((label,) if label else ()) != value:
        assert time.monotonic() < end_s, told
    return told


def test_a_switch_tells_what_became_of_a_partners_requests(
    switch_at: SwitchAt, connect: Connect, tmp_path: Path, partner: ScriptedPartner
) -> None:
    path = upstream_file(tmp_path, partner)
    path.write_text(path.read_text().replace("reply_timeout_s = 2.0", "reply_timeout_s = 0.4"))
    club = switch_at("club").start(upstream_file=path)
    host = connect(club)
    host.sign_on(HOST)
    assert host.make_terminal().fields[39] == "00"
    until(club, "upstream_links", "up", 1)
    till = connect(club)
    till.sign_on()

    def sell(mti: str = "0200") -> object:
        sale = till.purchase(1000, card=PARTNER_CARD)
        return till.call(Message(mti, sale.fields)).fields[39]

    partner.refuse("02", "00", "51", "00", "12")
    assert [sell(), sell()] == ["00", "51"]
    partner.behave("02", Behaviour.LATE)
    assert sell() == "91"
    told = until(club, "upstream_messages_total", "late", 1)
    assert told["upstream_messages_total"][("timed_out",)] == 1
    partner.behave("02", Behaviour.SILENT)
    assert sell() == "91"
    told = until(club, "stored_events_total", "delivered", 2)
    assert told["stored_requests"][()] == told["stored_age_seconds"][()] == 0
    assert sell("0220") == "00"
    told = until(club, "dead_letters", "", 1)
    assert told["upstream_requests_total"] == {
        ("answered",): 2,
        ("refused",): 0,
        ("taken_back",): 2,
        ("expired",): 0,
        ("stored",): 1,
        ("repeated",): 0,
        ("conflicting",): 0,
    }
    assert told["upstream_answers_total"] == {("00",): 1, ("51",): 1}
    assert told["upstream_messages_total"] == {
        ("sent",): 7,
        ("answered",): 5,
        ("timed_out",): 2,
        ("late",): 1,
        ("lost",): 0,
        ("unmatched",): 0,
        ("unreadable",): 0,
    }
    assert told["stored_events_total"] == {
        ("queued",): 3,
        ("delivered",): 2,
        ("retried",): 0,
        ("buried",): 1,
        ("revived",): 0,
        ("discarded",): 0,
    }
    assert told["store_writable"] == {(): 1}
    assert told["upstream_in_flight_requests"] == {(): 0}

    partner.leave()
    told = until(club, "upstream_links", "down", 1)
    assert told["upstream_losses_total"][()] >= 1
    assert sell() == "91"
    assert sell("0220") == "00"
    told = until(club, "stored_requests", "", 1)
    assert told["upstream_requests_total"][("refused",)] == 1
    assert told["stored_age_seconds"][()] >= 0
    assert club.stop() == 0


def test_what_waits_for_a_partner_is_in_flight() -> None:
    bench = Bench()
    bench.ask(purchase(1, processing_code="310000", mti="0100"), "inquiry")
    bench.ask(purchase(2), "sale")
    bench.write()
    told = of_partner("sister", bench.parts, 0)
    assert told[Metric.UPSTREAM_IN_FLIGHT] == {("sister",): 2}
    bench.wait(10.0)
    assert bench.codes("inquiry") == ["91"]
    told = of_partner("sister", bench.parts, 0)
    assert told[Metric.UPSTREAM_IN_FLIGHT] == {("sister",): 0}
    outcomes = told[Metric.UPSTREAM_REQUESTS]
    assert not isinstance(outcomes, int)
    assert (outcomes["sister", "expired"], outcomes["sister", "taken_back"]) == (1, 1)


def test_a_partners_own_codes_share_one_label() -> None:
    bench = Bench()
    for stan, code in ((1, "00"), (2, "Q1"), (3, "Q2")):
        bench.ask(purchase(stan))
        bench.write()
        bench.reply(*bench.taken(), code=code)
    told = of_partner("sister", bench.parts, 0)[Metric.UPSTREAM_ANSWERS]
    assert told == {("sister", "00"): 1, ("sister", "other"): 2}
    assert "other" in CODE_LABEL.values


def test_a_switch_without_a_partner_has_the_metrics_and_no_link() -> None:
    metrics = Metrics()
    watch_partner(metrics, None)
    asked = metrics.asked()
    assert set(asked) == set(of_partner("sister", Bench(is_up=False).parts, 0))
    assert not any(asked.values())
