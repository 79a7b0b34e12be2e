"""The page's files: both languages say the same, nothing comes from elsewhere, nothing stands inline."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from switch.console.alarms.records import What
from switch.console.alarms.rules import Severity
from switch.console.frame import Frame
from switch.console.page import shelf
from switch.console.story.links import Way
from switch.console.story.receipt import LACKS
from switch.fleet.health import PAPER
from switch.gate.states import DialPhase
from switch.journal.entries import Outcome, Reason
from switch.ledger.records import Status
from switch.metrics.labels import RequestType
from switch.rules.outcome import EffectType, Party
from tests.switch.conftest import SwitchProcess

DIRECTORY = Path(shelf.__file__).parent / "files"
SCRIPTS = sorted(DIRECTORY.glob("*.js"))
TEXTS: dict[str, dict[str, str]] = json.loads((DIRECTORY / "texts.json").read_text("utf-8"))
# What the switch names, and the page says in words.
NAMED = {
    "kind": [kind.name for kind in RequestType],
    "what": [what.value for what in What],
    "severity": [severity.value for severity in Severity],
    "way": [way.value for way in Way],
    "lacks": LACKS,
    "paper": PAPER,
    "phase": [phase.name for phase in DialPhase],
    "reason": [reason.name for reason in Reason],
    "status": [status.name for status in Status],
    "outcome": [outcome.name for outcome in Outcome],
    "effect": [effect.name for effect in EffectType],
    "party": [party.name for party in Party],
}


def test_both_languages_have_the_same_texts() -> None:
    assert list(TEXTS) == ["fa", "en"]
    assert list(TEXTS["fa"]) == list(TEXTS["en"])
    for name, persian in TEXTS["fa"].items():
        english = TEXTS["en"][name]
        assert persian.strip() and english.strip(), name
        assert sorted(re.findall(r"{\w+}", persian)) == sorted(re.findall(r"{\w+}", english)), name
        assert not re.search("[\u0600-\u06ff]", english), name
        assert not re.search("[0-9ىي\u0643]", persian), name


def test_every_text_that_is_shown_is_there_and_none_that_is_not() -> None:
    scripts = "".join(path.read_text("utf-8") for path in SCRIPTS)
    page = (DIRECTORY / "index.html").read_text("utf-8")
    shown = set(re.findall(r'text\("(\w+)"', scripts)) | set(re.findall(r'data-\w+="(\w+)"', page))
    assert shown - {"waiting"} <= set(TEXTS["en"])
    quoted = set(re.findall(r'[`"](\w+)[`"]', scripts)) | shown
    prefixes = set(re.findall(r"text\(`(\w+)_\$", scripts)) | set(re.findall(r'named\("(\w+)"', scripts))
    unused = {
        name
        for name in TEXTS["en"]
        if name not in quoted and not any(name.startswith(f"{p}_") for p in prefixes)
    }
    assert unused == set()


@pytest.mark.parametrize("prefix", NAMED)
def test_every_name_of_the_switch_has_its_word(prefix: str) -> None:
    assert {f"{prefix}_{name.lower()}" for name in NAMED[prefix]} <= set(TEXTS["fa"])


def test_charts_show_numbers_that_there_are() -> None:
    script = (DIRECTORY / "live.js").read_text("utf-8")
    charted = re.findall(r'\["(\w+)", "line-\d', script) + re.findall(r'figures\.of\("(\w+)"\)', script)
    assert len(charted) > 20
    assert set(charted) <= set(Frame._fields)


@pytest.mark.parametrize("path", sorted(DIRECTORY.rglob("*.*")), ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere_and_nothing_is_inline(path: Path) -> None:
    content = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    if path.name == "uplot.js":  # its head says where it is from
        content = content.partition("\n")[2]
    assert not re.search(r"(https?:)?//[\w-]+\.\w", re.sub(r"^\s*//.*$", "", content, flags=re.MULTILINE))
    assert "innerHTML" not in content and "eval(" not in content
    if path.suffix == ".html":
        assert not re.search(r"<style|<script>|\sstyle=|\son\w+=", content)


def test_the_charts_library_is_there_with_its_licence() -> None:
    assert "MIT" in (DIRECTORY / "vendor/uplot-LICENSE.txt").read_text("utf-8")
    assert "v1.6.32" in (DIRECTORY / "vendor/uplot.js").read_text("utf-8")[:100]


def fetched(switch: SwitchProcess, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(switch.operations + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_everybody_gets_the_page_once_and_under_a_strict_policy(standing_switch: SwitchProcess) -> None:
    code, headers, body = fetched(standing_switch, "/console")
    assert code == 200 and body.startswith(b"<!DOCTYPE html>")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    for path in DIRECTORY.rglob("*.*"):
        name = path.relative_to(DIRECTORY)
        code, headers, body = fetched(standing_switch, f"/console/page/{name}")
        assert (code, body) == (200, path.read_bytes()), name
        again = {"If-None-Match": headers["etag"]}
        assert fetched(standing_switch, f"/console/page/{name}", **again)[0] == 304, name
    codes = json.loads(fetched(standing_switch, "/console/page/codes.json")[2])
    assert codes["51"].keys() == {"en", "fa"}
    for missing in ("nothing.js", "../shelf.py", "%2e%2e/shelf.py"):
        assert fetched(standing_switch, f"/console/page/{missing}")[0] == 404
