"""The console in a real browser, before a real switch under load."""

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from simulator import BlockingTerminal, VirtualCard, VirtualSwitch
from simulator.scripts import Profile
from simulator.virtual_switch.switch import FEED_TOKEN as BENCH_TOKEN
from switch.console.story.receipt import LANGUAGES
from tests.switch.conftest import (
    CARD,
    FEED_TOKEN,
    HOST,
    MASTER_KEY,
    MERCHANT,
    TERMINAL,
    Connect,
    Link,
    SwitchAt,
    SwitchProcess,
)
from tests.switch.console.page.watching import RunningLoad, Visitors, figure, wait_until

UNKNOWN_CARD = "6280000000009992"
ALARMS = """
[[alarms]]
name = "deserted-link"
severity = "critical"
raise_after_s = 0
clear_after_s = 1
"""
PROFILE = Profile(
    terminal_id=TERMINAL, merchant_id=MERCHANT, master_key=MASTER_KEY.hex(), variables={"card": CARD}
)
DIRECTION_MARKS = dict.fromkeys(range(0x2066, 0x206A))
VIEWS = ("live", "alarms", "terminals", "search", "actions")


def totals(switch: SwitchProcess) -> dict[str, int]:
    """Answers to shops by code, as /metrics tells them."""
    found: dict[str, int] = {}
    line = re.compile(r'vafa_switch_answers_total{type="(\w+)",code="(\w+)"} (\d+)')
    for kind, code, count in line.findall(switch.get("/metrics")[1].decode()):
        if int(count) and kind not in ("file_action", "network_management", "reconciliation"):
            found[code] = found.get(code, 0) + int(count)
    return found


def shown(page: Page) -> dict[str, int]:
    """The same, as the page tells them."""
    rows = page.locator("#panel-answers tr[data-code]")
    codes = rows.evaluate_all("rows => rows.map((row) => row.dataset.code)")
    return {
        code: figure(page, f'#panel-answers tr[data-code="{code}"] td:last-child') for code in map(str, codes)
    }


def test_figures_are_those_of_the_load_and_of_the_metrics(
    visitors: Visitors, standing_switch: SwitchProcess, standing_host: Link
) -> None:
    stages = [{"name": "steady", "seconds": 3.0, "rate": 60}]
    cards = [{"first": CARD, "weight": 3}, {"first": UNKNOWN_CARD, "weight": 1}]
    mix = {"purchase": 8, "balance": 1, "reversal": 1}
    with visitors.looking(standing_switch) as watched:
        page = watched.page
        expect(page.locator("#state")).to_have_attribute("data-state", "serving")
        before = totals(standing_switch)
        with RunningLoad(PROFILE, standing_switch.terminals, stages, cards=cards, mix=mix) as load:
            wait_until(page, lambda: 50 <= figure(page, "[data-figure=tps]") <= 70, 3)
            wait_until(page, lambda: figure(page, "[data-figure=signed_on]") == 2, 3)
            expect(page.locator("[data-figure=p99]")).to_contain_text("ms")
            result = load.result
        ended = time.monotonic()
        wait_until(page, lambda: shown(page) == totals(standing_switch), 1)
        assert time.monotonic() - ended < 1.5
        tally = result.figures.tally(counting=True)
        answered = {code: count - before.get(code, 0) for code, count in shown(page).items()}
        assert {code: count for code, count in answered.items() if count} == tally.codes
        assert tally.codes.keys() >= {"00", "14"} and tally.failed == 0
        assert figure(page, ".tile:first-child small") == sum(totals(standing_switch).values())
        position = standing_switch.status()["position"]
        wait_until(page, lambda: figure(page, "#panel-journal dd") == position, 1)
        expect(page.locator("#panel-links [data-link=terminals]")).to_contain_text("listening")
        expect(page.locator("#panel-day")).to_contain_text("IRR")
    assert watched.faults == []


def test_a_killed_link_raises_its_alarm_and_clears_it(
    visitors: Visitors, switch_at: SwitchAt, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "alarms.toml"
    path.write_text(ALARMS)
    switch = switch_at().start(alarms_file=path)
    link = connect(switch)
    link.sign_on(HOST)
    with visitors.looking(switch) as watched:
        page = watched.page
        expect(page.locator("#state")).to_have_attribute("data-state", "serving")
        link.close()
        expect(page.locator("#raised [data-rule=deserted-link]")).to_be_visible()
        expect(page.locator("#state")).to_have_attribute("data-state", "critical")
        expect(page.locator("#alarm-count")).to_have_text("1")
        page.keyboard.press("2")
        alarm = page.locator("article[data-rule=deserted-link]")
        expect(alarm.locator("button")).to_have_count(2)
        with visitors.looking(switch, "alarms", role="viewer") as viewers:
            only_seen = viewers.page.locator("article[data-rule=deserted-link]")
            expect(only_seen).to_be_visible()
            expect(only_seen.locator("button")).to_have_count(0)
        assert viewers.faults == []
        alarm.focus()
        page.keyboard.press("a")
        dialog = page.locator("dialog")
        dialog.locator("input").fill("کابل عوض شد")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("کابل عوض شد")
        assert json.loads(switch.get("/console/alarms", FEED_TOKEN)[1])["alarms"][0]["acknowledged"] is None
        dialog.locator("button.first").click()
        expect(alarm.locator(".seen")).to_contain_text("operator")
        expect(alarm.locator(".seen")).to_contain_text("کابل عوض شد")
        link = connect(switch)
        link.sign_on(HOST)
        expect(alarm).to_have_count(0)
        expect(page.locator("#alarm-history tbody tr td:nth-child(2)")).to_have_text(
            ["cleared", "acknowledged", "raised"]
        )
        expect(page.locator("#state")).to_have_attribute("data-state", "serving")
    assert watched.faults == []


def first_shown(page: Page) -> str:
    """From when on the first chart shows something."""
    label = page.locator(".plot").first.get_attribute("aria-label") or ""
    found = re.search(r"from (\S+ )?(\d\d:\d\d:\d\d)", label)
    return found[2] if found else ""


def test_figures_that_are_old_are_told_and_history_outlives_reload_and_kill(
    visitors: Visitors, switch_at: SwitchAt
) -> None:
    switch = switch_at().start()
    port = switch.operations.rpartition(":")[2]
    with visitors.looking(switch) as watched:
        page = watched.page
        wait_until(page, lambda: first_shown(page) != "", 5)
        page.wait_for_timeout(1200)  # a second of the history is over
        page.reload()
        wait_until(page, lambda: first_shown(page) != "", 5)
        expect(page.locator("#state")).to_have_attribute("data-state", "serving")
        began = first_shown(page)
        switch.kill()
        expect(page.locator("#state")).to_have_attribute("data-state", "stale")
        expect(page.locator("html")).to_have_class("stale")
        assert watched.faults, "the browser itself tells of a lost connection"
        watched.faults.clear()
        switch.start(operations_port=port)
        page.wait_for_url("**/console/login")
        watched.faults.clear()
        visitors.let_in(page, switch, "operator")
        page.goto(f"{switch.operations}/console")
        expect(page.locator("#state")).to_have_attribute("data-state", "serving")
        wait_until(page, lambda: first_shown(page) == began, 5)
        page.locator("[data-range=hour]").click()
        wait_until(page, lambda: "T" not in first_shown(page) and first_shown(page)[:5] == began[:5], 5)
    assert watched.faults == []


@pytest.fixture(scope="module")
def story(standing_switch: SwitchProcess) -> Iterator[str]:
    """RRN of a sale that was taken back."""
    link = Link(standing_switch.terminals)
    link.sign_on()
    sale = link.purchase(1_250_000)
    reply = link.call(sale)
    assert reply.fields[39] == "00"
    assert link.call(link.reversal(sale)).fields[39] == "00"
    link.close()
    yield reply.text(37)


def test_a_story_is_found_and_told(visitors: Visitors, standing_switch: SwitchProcess, story: str) -> None:
    asked: list[str] = []
    with visitors.looking(standing_switch, "search", language="fa") as watched:
        page = watched.page
        page.on("request", lambda request: asked.append(request.url))
        page.locator("input[name=rrn]").fill(story.lstrip("0"))
        page.keyboard.press("Enter")
        expect(page.locator("#found tbody tr")).to_have_count(1)
        page.locator("input[name=rrn]").fill("")
        page.locator("input[name=card_number]").fill(f"{CARD[:4]} {CARD[4:]}")
        page.keyboard.press("Enter")
        row = page.locator(f'#found tr[data-position="{int(story)}"]')
        expect(row).to_be_visible()
        row.press("Enter")
        expect(page.locator("header.story")).to_contain_text("تأیید شد")
        expect(page.locator(".slip")).to_contain_text("۱٬۲۵۰٬۰۰۰")
        expect(page.locator("main")).to_contain_text("برگشت می‌زند")
        field = page.locator('#message-reply tr[data-path="39"]')
        expect(field.locator(".hex")).to_have_text("30 30")
        field.focus()
        expect(page.locator("#message-reply .pointed")).to_have_text(["30", "30"])
        expect(page.locator("main .hash").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    assert watched.faults == []
    assert not any(CARD[4:] in url for url in asked)


def test_times_are_those_of_the_programmes_zone_and_digits_of_either_script(
    visitors: Visitors, standing_switch: SwitchProcess
) -> None:
    local = [
        ("2026-11-22T22:15:00", "Asia/Tehran", "2026-11-22T18:45:00+00:00"),
        ("2026-11-22T22:15", "UTC", "2026-11-22T22:15:00+00:00"),
        ("2021-03-21T23:30:00", "Asia/Tehran", "2021-03-21T20:00:00+00:00"),
        ("2021-03-22T01:30:00", "Asia/Tehran", "2021-03-21T21:00:00+00:00"),
        ("2026-10-25T12:00:00", "Europe/Berlin", "2026-10-25T11:00:00+00:00"),
    ]
    with visitors.looking(standing_switch, "search") as watched:
        found = watched.page.evaluate(
            """async (local) => {
                const { instantOf, plainDigits } = await import("/console/page/search.js");
                return [local.map(([time, zone]) => instantOf(time, zone)), plainDigits("۱۲٣4 A")];
            }""",
            local,
        )
    wanted = [int(datetime.fromisoformat(utc).timestamp() * 1000) for _, _, utc in local]
    assert found == [wanted, "1234 A"]


def test_a_swipe_of_the_firmware_opens_as_its_story(
    visitors: Visitors, vafa_switch: VirtualSwitch, vafa_terminal: BlockingTerminal, vafa_card: VirtualCard
) -> None:
    vafa_terminal.purchase(vafa_card, 1_250_000)
    paper = " ".join(vafa_terminal.receipts[-1])
    _is_told_as_printed(vafa_switch, vafa_card, paper)
    with visitors.looking(vafa_switch, "search", language="fa") as watched:
        page = watched.page
        page.locator("input[name=terminal_id]").fill(vafa_switch.terminal_id)
        page.keyboard.press("Enter")
        page.locator("#found tbody tr").first.press("Enter")
        expect(page.locator("header.story")).to_contain_text("خرید")
        told = page.locator(".slip").inner_text().translate(DIRECTION_MARKS)
        words = [word for word in told.split() if set(word) != {"*"}]
        assert len(words) > 20 and [word for word in words if word not in paper] == []
        page.keyboard.press("3")
        expect(page.locator(f"[data-terminal={vafa_switch.terminal_id}] .mark-good")).to_have_text("وارد شده")
    assert watched.faults == []


def _is_told_as_printed(switch: VirtualSwitch, card: VirtualCard, paper: str) -> None:
    """The sale is found by its member, and its story has what the paper has."""
    code, body = switch.get(f"/console/transactions?member_number={card.member_number}&limit=1", BENCH_TOKEN)
    assert code == 200
    (row,) = json.loads(body)["transactions"]
    assert row["rrn"] in paper
    code, body = switch.get(f"/console/transactions/{row['position']}", BENCH_TOKEN)
    assert code == 200 and card.number not in body.decode()
    for language in LANGUAGES:
        for _, text, beside in json.loads(body)["receipt"]["lines"][language]:
            for word in f"{text} {beside}".translate(DIRECTION_MARKS).split():
                assert word in paper or set(word) == {"*"}, word


@pytest.mark.parametrize("look", ["fa dark operator", "en light supervisor"])
def test_every_view_fits_in_both_languages(
    visitors: Visitors, standing_switch: SwitchProcess, story: str, look: str
) -> None:
    language, theme, role = look.split()
    with visitors.looking(standing_switch, language=language, theme=theme, role=role) as watched:
        page = watched.page
        html = page.locator("html")
        expect(html).to_have_attribute("lang", language)
        expect(html).to_have_attribute("dir", "rtl" if language == "fa" else "ltr")
        expect(page.locator("#panel-links tbody tr")).to_have_count(1)
        for number, view in enumerate(VIEWS, start=1):
            page.keyboard.press(str(number))
            expect(page.locator(f"#tabs [data-view={view}]")).to_have_attribute("aria-current", "page")
            assert _overflows(page) == [], view
        page.goto(f"{standing_switch.operations}/console#story/{int(story)}")
        expect(page.locator("#message-reply")).to_be_visible()
        assert _overflows(page) == []
        if language == "fa":
            digits = page.locator("header.story, #state, .slip").all_inner_texts()
            assert not re.search("[0-9]", re.sub("[A-Z]+[0-9]+|[0-9]{12}|[0-9]{6}", "", " ".join(digits)))
        page.keyboard.press("Shift+Slash")
        expect(page.locator("dialog kbd")).to_have_count(10)
        page.keyboard.press("Escape")
        page.keyboard.press("l")
        expect(html).to_have_attribute("lang", "en" if language == "fa" else "fa")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.keyboard.press("t")
        page.keyboard.press("t" if theme == "light" else "Escape")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != paper
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert watched.faults == []


def _overflows(page: Page) -> list[int]:
    """Widths at which one would have to scroll sideways."""
    found = []
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(width)
    return found


def test_who_is_not_logged_in_is_led_to_the_login(visitors: Visitors, standing_switch: SwitchProcess) -> None:
    with visitors.looking(standing_switch, role="") as watched:
        watched.page.wait_for_url("**/console/login")
