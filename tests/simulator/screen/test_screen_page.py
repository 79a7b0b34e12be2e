"""The page in a real Chromium: a shopkeeper's and an integrator's hands on it, in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.screen.cards import BY_NAME
from tests.simulator.screen.chromium import RunningCommand, browser_here, in_state, opened, running

ELSEWHERE = "http://localhost:1/"
OPEN_SOCKET = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""
FETCH = """url => fetch(url, {mode: "no-cors", credentials: "include"}).then(() => "read", () => "refused")"""
FRAME = """url => new Promise(done => {
    const frame = document.createElement("iframe");
    frame.onload = () => done(frame.contentDocument?.getElementById("device") ? "ours" : "nothing of ours");
    frame.src = url;
    document.body.append(frame);
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_here() as found:
        yield found


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCommand]:
    with running(tmp_path_factory.mktemp("terminal"), "--pages", "2") as found:
        yield found


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('role') ?? document.activeElement.tagName"))


def test_a_sale_in_persian_by_keyboard_alone_from_the_card_to_the_handbook(
    browser: Browser, command: RunningCommand
) -> None:
    with opened(browser, command) as page:
        assert (page.locator("html").get_attribute("lang"), page.locator("html").get_attribute("dir")) == (
            "fa",
            "rtl",
        )
        in_state(page, "idle")
        expect(page.locator("#lcd-text")).to_contain_text("کارت را بکشید")
        keys = page.keyboard
        # The second card of the wallet: the arrow goes the way of reading.
        keys.press("k")
        keys.press("ArrowLeft")
        assert page.evaluate("document.activeElement.getAttribute('aria-checked')") == "true"
        expect(page.locator("#card-about")).to_have_text("هنوز خریدی نکرده است")
        keys.press("s")
        in_state(page, "amount")
        # The layout of the keyboard is Persian: what counts is where a key is.
        page.evaluate(
            "for (const [code, key] of [['Digit2', '۲'], ['Digit5', '۵']])"
            " document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true}))"
        )
        keys.type("00000")
        expect(page.locator("#lcd-text")).to_contain_text("۲٬۵۰۰٬۰۰۰")
        keys.press("Enter")
        in_state(page, "remove")
        assert page.evaluate("Number(document.documentElement.dataset.beeps)") > 5
        keys.press("o")
        in_state(page, "idle")
        slip = page.locator("#paper img")
        expect(slip).to_have_attribute("width", "384")
        assert page.evaluate("document.querySelector('#paper img').naturalWidth") == 384
        paper = slip.get_attribute("alt") or ""
        assert "۲٬۵۰۰٬۰۰۰" in paper and "عضو تازه" in paper and BY_NAME["new"].number not in paper


def test_the_wire_the_handbook_and_the_journal_by_keyboard_alone(
    browser: Browser, command: RunningCommand
) -> None:
    with opened(browser, command) as page:
        in_state(page, "idle")
        keys = page.keyboard
        keys.press("k")
        keys.press("ArrowLeft")
        keys.press("s")
        in_state(page, "amount")
        keys.type("2500000")
        keys.press("h")
        keys.press("Enter")
        expect(page.locator("#entries .entry")).to_have_count(1)
        keys.press("w")
        assert focused(page) == "option"
        keys.press("ArrowDown")
        chosen = page.locator("#messages [aria-selected=true]")
        expect(chosen).to_contain_text("0200")
        page.locator("#fields [data-path='3']").focus()
        keys.press("Enter")
        expect(page.locator("#handbook")).to_contain_text("کد پردازش")
        expect(page.locator("#handbook")).to_contain_text("استعلام مانده")
        expect(page.locator("#dump .chosen")).to_have_count(3)
        keys.press("ArrowDown")
        expect(page.locator("#handbook")).to_contain_text("مبلغ تراکنش")
        expect(page.locator("#dump .chosen")).to_have_text(["00", "00", "02", "50", "00", "00"])

        entry = page.locator(".entry.same")
        expect(entry).to_contain_text("۲۵۰ امتیاز")
        expect(entry).to_contain_text("programme:liability")
        expect(entry).to_contain_text("EARN-01")
        keys.press("j")
        assert focused(page) == "BUTTON"
        keys.press("Enter")
        expect(chosen).to_contain_text("0210")
        keys.press("Escape")
        keys.press("o")
        in_state(page, "idle")
        keys.press("?")
        expect(page.locator("#help")).to_be_visible()
        keys.press("1")
        keys.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        in_state(page, "idle")
        # What the spec masks is masked: the card's track, the member's name.
        text = page.locator("#wire").inner_text() + page.locator("#journal").inner_text()
        assert "عضو تازه" not in text and BY_NAME["new"].number not in text.replace(" ", "")
        assert page.locator("#dump .hidden-byte").count() > 0


def test_a_decline_in_english_with_the_mouse(browser: Browser, command: RunningCommand) -> None:
    with opened(browser, command, path="/en") as page:
        assert page.locator("html").get_attribute("dir") == "ltr"
        in_state(page, "idle")
        expect(page.locator("#lcd-text")).to_contain_text("Sample Shop")
        page.get_by_role("radio", name="Lost card").click()
        page.get_by_role("button", name="Swipe").click()
        in_state(page, "amount")
        pad = page.get_by_role("group", name="The terminal's keys")
        for key in ("5", "0", "0", "0"):
            pad.get_by_role("button", name=key, exact=True).click()
        pad.get_by_role("button", name="Enter").click()
        in_state(page, "remove")
        expect(page.locator("#lcd-text")).to_contain_text("Card restricted")
        page.get_by_role("button", name="Take the card back").click()
        in_state(page, "idle")
        assert "Card restricted" in (page.locator("#paper img").get_attribute("alt") or "")
        expect(page.locator("#entries .code.bad").first).to_have_text("62")
        expect(page.locator("#entries")).to_contain_text("Nothing moved")
        page.locator("#dump [data-path='39']").first.click()
        expect(page.locator("#fields [data-path='39']")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#handbook")).to_contain_text("No such card")
        page.locator("#fields [data-path=length]").click()
        expect(page.locator("#handbook")).to_contain_text("keep-alive")

        page.get_by_role("switch", name="Line").click()
        in_state(page, "out_of_service")
        page.keyboard.press("l")
        in_state(page, "idle")
        page.get_by_role("switch", name="Power").click()
        in_state(page, "off")
        expect(page.locator("#lcd-text")).to_have_text("Off")
        page.keyboard.press("x")
        in_state(page, "idle")


def test_a_phone_shows_it_all_without_sideways_scrolling(browser: Browser, command: RunningCommand) -> None:
    width = "document.documentElement.scrollWidth"
    with opened(browser, command, width=360, height=740) as page:
        in_state(page, "idle")
        page.locator("#ways .tap").click()
        in_state(page, "amount")
        assert page.evaluate(width) == 360
        page.locator(".key.digit").first.click()
        page.locator(".key.enter").click()
        expect(page.locator("#entries .entry")).to_have_count(1)
        in_state(page, "idle")
        page.locator("#fields [data-path='48']").click()
        expect(page.locator("#handbook dl")).to_be_visible()
        assert page.evaluate(width) == 360
        for target in page.locator(".key, .way").all():
            box = target.bounding_box()
            assert box is not None and box["height"] >= 36
        page.locator("#language").click()
        in_state(page, "idle")
        assert (page.locator("html").get_attribute("lang"), page.evaluate(width)) == ("en", 360)
        for place in ("#terminal", "#wallet", "#wire", "#journal"):
            page.locator(f".tabs a[href='{place}']").click()
            expect(page.locator(place)).to_be_in_viewport()


def test_each_page_has_its_terminal_and_takes_it_along(browser: Browser, command: RunningCommand) -> None:
    with opened(browser, command) as first:
        in_state(first, "idle")
        with opened(browser, command) as second:
            in_state(second, "idle")
            names = {page.locator("#terminal-id").inner_text() for page in (first, second)}
            assert len(names) == command.machines == 2
            with opened(browser, command) as third:
                expect(third.locator("#gone")).to_contain_text("همهٔ پایانه‌ها")
            first.keyboard.press("5")
            in_state(first, "amount")
            in_state(second, "idle")
        with opened(browser, command) as again:
            in_state(again, "idle")
            in_state(first, "amount")
            assert command.machines == 2


def test_another_site_gets_nothing(browser: Browser, command: RunningCommand) -> None:
    with opened(browser, command) as page:
        in_state(page, "idle")
        machines = command.machines
        # The same browser, with the cookie, on a page of another origin.
        foreign = page.context.new_page()
        foreign.route(
            f"{ELSEWHERE}*", lambda route: route.fulfill(body="<h1>other</h1>", content_type="text/html")
        )
        foreign.goto(ELSEWHERE)
        socket = command.origin.replace("http:", "ws:") + "/terminal"
        assert foreign.evaluate(OPEN_SOCKET, socket) == "refused"
        assert foreign.evaluate(FETCH, command.origin + "/fa") == "refused"
        assert foreign.evaluate(FRAME, command.origin + "/fa") == "nothing of ours"
        assert command.machines == machines
        foreign.close()
