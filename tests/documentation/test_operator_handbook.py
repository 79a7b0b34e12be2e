"""The operator's handbook leads where it says: places in pages, keys of `vafa switch top`, alarms."""

import re
from pathlib import Path

from switch.console.access.roles import Role
from switch.console.access.sessions import IDLE_S
from switch.console.actions.declaration import ACTIONS
from switch.console.alarms.rules import default_rules
from switch.console.live import VIEWERS_MAX
from tools.top.app import TopApp
from tools.top.details import TERMINALS_PAGE
from tools.top.picture import STALE_MS
from tools.top.views import VIEWS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "operator.md").read_text("utf-8")


def places(page: str) -> set[str]:
    """Anchors as GitHub makes them of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


def test_every_place_that_is_named_is_there() -> None:
    named = re.findall(r"\]\(([\w-]*\.md)?#([^)]+)\)", PAGE)
    assert len(named) > 40
    for page, place in named:
        text = (DOCS / page).read_text("utf-8") if page else PAGE
        assert place in places(text), f"{page}#{place}"


def test_the_bad_day_has_every_symptom() -> None:
    day = PAGE.partition("## A bad day")[2].partition("\n## ")[0]
    alarms = {rule.name for rule in default_rules()}
    assert len(re.findall(r"^### ", day, re.MULTILINE)) == 12
    symptoms = re.findall(r"`([a-z]+-[a-z-]+)`", day.partition("### ")[0])
    assert len(symptoms) > 10 and set(symptoms) <= alarms
    for section in day.split("\n### ")[1:-1]:
        assert "*Do*" in section or "| do |" in section or "action `" in section, section


def test_orders_are_those_that_are_declared() -> None:
    table = PAGE.partition("| order | role | what it does |")[2].partition("\n\n")[0]
    told: dict[str, str] = {}
    for names, roles in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", table, re.MULTILINE):
        actions, labels = re.findall(r"`([a-z-]+)`", names), roles.split(", ")
        told |= dict(zip(actions, labels if len(labels) > 1 else labels * len(actions), strict=True))
    assert told == {action.name: action.role.label for action in ACTIONS}
    elsewhere = re.findall(r"actions? `([a-z-]+)`", PAGE)
    assert len(elsewhere) > 3 and set(elsewhere) <= told.keys()


def test_roles_and_their_hours_are_those_of_the_console() -> None:
    told = dict(re.findall(r"^\| `([a-z]+)` \| [^|]* \| (\d+ (?:h|min)) \|$", PAGE, re.MULTILINE))
    minutes = {role.label: int(IDLE_S[role]) // 60 for role in Role}
    assert told == {
        name: f"{span // 60} h" if span >= 60 else f"{span} min" for name, span in minutes.items()
    }


def test_every_picture_is_there_and_shown() -> None:
    shown = set(re.findall(r"\]\((console/[\w-]+\.png)\)", PAGE))
    assert shown == {f"console/{path.name}" for path in (DOCS / "console").iterdir()}


def test_keys_and_numbers_are_those_of_top() -> None:
    told = PAGE.partition("| key | |")[2].partition("```")[0]
    bound = {key for binding in TopApp.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
    cells = re.findall(r"^\| ([^|]*) \|", told, re.MULTILINE)
    keys = [key for cell in cells for key in re.findall(r"`([a-z]+)`", cell)]
    assert len(keys) > 10 and set(keys) <= bound
    assert f"`1` to `{len(VIEWS)}`" in told and f"{TERMINALS_PAGE} terminals on" in told
    assert (VIEWERS_MAX, STALE_MS) == (16, 2000)
    assert "lets sixteen watch" in PAGE and "nothing has come for two seconds" in PAGE
