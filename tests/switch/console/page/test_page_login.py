"""People who log in at the real page and give orders, in a real browser before a real switch."""

from playwright.sync_api import Locator, Page, expect

from switch.console.access.roles import Role
from switch.console.actions.declaration import ACTIONS
from switch.journal.format import UNFINISHED_SUFFIX
from switch.snapshot.files import SNAPSHOT_SUFFIX
from tests.switch.conftest import TERMINAL, Link, SwitchProcess
from tests.switch.console.page.watching import Visitors
from tests.switch.console.people import PASSWORD, put_users, user_of


def asked(page: Page, action: str, *answers: str) -> Locator:
    """Begin an action, fill in what it asks for; the dialog, which asks whether really."""
    page.locator(f"[data-action={action}] button").click()
    dialog = page.locator("dialog")
    for answer in answers:
        dialog.locator("input").fill(answer)
    dialog.locator("form button:not([type=button])").click()
    return dialog


def confirm(page: Page) -> None:
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Really")
    dialog.locator("form button:not([type=button])").click()
    expect(dialog).to_be_hidden()


def orders(page: Page, action: str, outcome: str) -> Locator:
    return page.locator(f"#orders [data-order={action}][data-outcome={outcome}]")


def listed(page: Page) -> list[str]:
    expect(page.locator("[data-action]").first).to_be_visible()
    names = page.locator("[data-action]").evaluate_all("all => all.map((one) => one.dataset.action)")
    return [str(name) for name in names]


def test_orders_from_the_login_to_what_came_of_them(
    visitors: Visitors, switch: SwitchProcess, host: Link
) -> None:
    put_users(switch, user_of("sara", "operator"))
    with visitors.looking(switch, "actions", role="") as watched:
        page = watched.page
        page.wait_for_url("**/console/login")
        watched.faults.clear()  # the browser itself tells of a 401
        page.locator("#name").fill("sara")
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console")
        expect(page.locator("#person")).to_contain_text("sara")
        page.keyboard.press("5")
        assert listed(page) == [action.name for action in ACTIONS if action.role <= Role.OPERATOR]
        dialog = asked(page, "close-terminal", "T9")
        expect(dialog.locator("[role=alert]")).to_contain_text("no terminal")
        watched.faults.clear()
        dialog.locator("input").fill(TERMINAL)
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("SHOP1")
        confirm(page)
        expect(page.locator("#told")).to_have_text("Close a terminal: done.")
        expect(orders(page, "close-terminal", "done")).to_contain_text(TERMINAL)
        expect(page.locator("main dl")).to_contain_text(TERMINAL)
        last = switch.feed()[-1]
        assert (last["kind"], last["person"], last["order"]) == ("order", "sara", "close-terminal")
        _take_snapshots(page, switch)
        # Whoever is given another role must log in again; the open page says so by itself.
        put_users(switch, user_of("sara", "viewer"))
        page.wait_for_url("**/console/login")
    with visitors.looking(switch, "actions", role="supervisor") as watched:
        page = watched.page
        assert listed(page) == [action.name for action in ACTIONS]
        expect(asked(page, "drain")).to_contain_text("Terminals signed on")
        confirm(page)
        expect(orders(page, "drain", "done")).to_contain_text("all that came in is answered")
        expect(page.locator("#state")).to_have_attribute("data-state", "down")
        page.locator("#logout").click()
        page.wait_for_url("**/console/login")
        assert watched.faults == []
    assert [(each["order"], each["outcome"]) for each in switch.feed() if each["kind"] == "order"] == [
        ("close-terminal", "done"),
        ("take-snapshot", "begun"), ("take-snapshot", "done"),
        ("take-snapshot", "begun"), ("take-snapshot", "failed"),
        ("drain", "begun"), ("drain", "done"),
    ]  # fmt: skip


def _take_snapshots(page: Page, switch: SwitchProcess) -> None:
    """One that succeeds, and one that can't."""
    position = switch.status()["position"]
    asked(page, "take-snapshot")
    confirm(page)
    expect(orders(page, "take-snapshot", "done")).to_contain_text(f"snapshot at position {position}")
    expect(page.locator("#told")).to_contain_text(f"Take a snapshot: done. snapshot at position {position}")
    expect(orders(page, "take-snapshot", "begun")).to_have_count(0)
    (switch.journal / f"in-the-way{SNAPSHOT_SUFFIX}{UNFINISHED_SUFFIX}").mkdir()
    asked(page, "take-snapshot")
    confirm(page)
    expect(orders(page, "take-snapshot", "failed").locator(".bad")).to_contain_text("the log tells why")
    expect(page.locator("#told")).to_contain_text("Take a snapshot: failed. no snapshot was made")
