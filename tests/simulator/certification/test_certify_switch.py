"""Our switch, a real process, passes the pack; the commands, their reports and their refusals."""

import json
import re
import socket
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.certification import Subject, cases_of
from simulator.certification.pack import digest_of_pack, digest_of_spec
from simulator.scripts import load_profile
from tests.switch.conftest import CARD, MASTER_KEY, SwitchProcess
from tools.cli import main
from tools.up.sample_shop import CARD_NUMBER, MERCHANT_ID, TERMINAL_ID

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "docs/examples/simulator").glob("*.toml"))
AS_SWITCH = [path for path in EXAMPLES if 'as = "switch"' in path.read_text("utf-8")]
AS_TERMINAL = sorted(set(EXAMPLES) - set(AS_SWITCH))
KEY = bytes(range(16))
SPEC = load_spec("vafa")


def vafa(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def target(club: SwitchProcess) -> str:
    return f"127.0.0.1:{club.terminals[1]}"


class Page(HTMLParser):
    """What a page asks for from elsewhere, and its directions by language."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.directions: dict[str, str] = {}
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.requests += [name for name in ("src", "href", "action") if name in found]
        if tag == "script":
            self.requests.append("script")
        if tag == "main":
            self.directions[found["lang"] or ""] = found["dir"] or ""


def test_our_switch_passes_every_case(club: SwitchProcess, profile_file: Path, tmp_path: Path) -> None:
    page, kept = tmp_path / "report.html", tmp_path / "vafa-conformance.toml"
    common = ("sim", "certify", "--target", target(club), "--profile", profile_file)
    done = vafa(*common, "--json", "--html", page, "--conformance", kept)
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    names = [case.name for case in cases_of(Subject.SWITCH)]
    assert report["passed"] is True
    assert [case["case"] for case in report["cases"]] == names
    for case in report["cases"]:
        assert case["request"]["mti"] and case["difference"] is None
        assert case["handbook"]["paragraph"]["fa"] and case["handbook"]["link"].startswith(
            "docs/messages.md#"
        )
    assert report["cases"][names.index("purchase")]["reply"]["mti"] == "0210"

    html = page.read_text("utf-8")
    parser = Page()
    parser.feed(html)
    assert parser.requests == []
    assert not re.search(r"url\(|@import|https?:", html)
    assert parser.directions == {"fa": "rtl", "en": "ltr"}
    assert html.count("<details") == 2 * len(names)
    for secret in (CARD, MASTER_KEY.hex()):
        assert secret not in html + done.stdout + done.stderr

    conformance = tomllib.loads(kept.read_text("utf-8"))
    assert conformance["passed"] is True and conformance["pack"]["whole"] is True
    assert conformance["spec"]["sha256"] == digest_of_spec()
    assert conformance["pack"]["sha256"] == digest_of_pack(Subject.SWITCH)
    assert conformance["cases"] == dict.fromkeys(names, "passed")
    before = kept.read_bytes()
    assert vafa(*common, "--conformance", kept).exit_code == 0
    assert kept.read_bytes() == before


def test_a_case_that_fails_is_told(club: SwitchProcess, profile_file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "conformance.toml"
    done = vafa(
        "sim", "certify", "--target", target(club), "--profile", profile_file, "--case", "purchase",
        "--generation", 2, "--conformance", kept,
    )  # fmt: skip
    assert done.exit_code == 1
    assert "0 of 1 cases passed" in done.stdout
    assert "mac_refused" not in done.stderr and "likely" in done.stderr
    conformance = tomllib.loads(kept.read_text("utf-8"))
    assert conformance["passed"] is False and conformance["pack"]["whole"] is False
    assert conformance["cases"] == {"purchase": "failed"}


def test_every_anchor_is_in_the_handbook() -> None:
    text = (ROOT / "docs/messages.md").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    hints = tomllib.loads((ROOT / "simulator/scripts/hints.toml").read_text("utf-8"))
    named = {hint["anchor"] for hint in hints.values()}
    named |= {case.script.about for subject in Subject for case in cases_of(subject)}
    assert named - headings == set()


def test_every_case_has_its_words_in_both_languages() -> None:
    for subject in Subject:
        for case in cases_of(subject):
            assert case.script.rule is not None, case.name
            assert re.search("[\u0600-\u06ff]", case.script.title.fa + case.script.rule.fa), case.name


@pytest.mark.parametrize("path", AS_TERMINAL, ids=lambda path: path.stem)
def test_examples_run_against_our_switch(path: Path, club: SwitchProcess, profile_file: Path) -> None:
    done = vafa("sim", "run", path, "--target", target(club), "--profile", profile_file, "--json")
    assert done.exit_code == 0, done.stderr + done.stdout
    outcome = json.loads(done.stdout)
    assert outcome["passed"] and outcome["messages"] > 2
    assert CARD not in done.stdout


@pytest.mark.parametrize("reverses", [True, False], ids=["reverses", "does not reverse"])
def test_the_example_that_listens(reverses: bool, tmp_path: Path) -> None:
    """A toy terminal connects to the command, buys, and reverses, or not, what nobody answers."""
    (script,) = AS_SWITCH
    text = script.read_text("utf-8").replace("wait_ms = 60000", "wait_ms = 500")
    copy = tmp_path / "script.toml"
    copy.write_text(text, "utf-8")
    key_file = tmp_path / "terminal.key"
    key_file.write_text(KEY.hex())
    vafa_file = Path(sys.executable).with_name("vafa")
    options = ["--listen", "127.0.0.1:0", "--key-file", str(key_file)]
    command = [str(vafa_file), "sim", "run", str(copy), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None and process.stdout is not None
        line = process.stderr.readline()
        assert line.startswith("listening on 127.0.0.1:")
        with socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2])), timeout=60) as link:
            _sign_on_and_buy(link, reverses)
            told = process.stderr.read()
        assert "Make a purchase of 250,000 rial" in told and "انجام دهید" in told
        assert process.wait(10) == (0 if reverses else 1)
        assert ("passed: " in process.stdout.read()) is reverses
        assert ("0400 was expected" in told) is not reverses


def _sign_on_and_buy(link: socket.socket, reverses: bool) -> None:
    decoder = FrameDecoder()
    now = datetime.now(UTC).strftime("%m%d%H%M%S")
    sale: dict[int, Value] = {
        3: "000000", 4: "000000250000", 7: now, 11: "000002", 12: "101500", 13: "0830", 22: "021",
        35: f"{CARD}=99125010000", 41: "T0000001", 42: "SHOP1", 49: "364",
    }  # fmt: skip
    reversal = {number: sale[number] for number in (3, 4, 12, 13, 41, 42, 49)}
    reversal |= {7: now, 11: "000003", 90: f"0200000002{now}".ljust(42, "0")}

    def say(mti: str, fields: dict[int, Value]) -> None:
        link.sendall(frame(encode_sealed(SPEC, Message(mti, fields), Mac(KEY))))

    def hear(count: int) -> list[str]:
        heard: list[str] = []
        while len(heard) < count and (data := link.recv(4096)):
            heard += [decode(SPEC, payload).mti for payload in decoder.feed(data)]
        return heard

    say("0800", {7: now, 11: "000001", 41: "T0000001", 70: "001"})
    assert hear(1) == ["0810"]
    say("0200", sale)
    if reverses:
        say("0400", reversal)
        assert hear(2) == ["0210", "0410"]
    assert link.recv(1) == b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("certify",), "--target HOST:PORT or --listen HOST:PORT"),
        (("certify", "--target", "a:1", "--listen", "b:2"), "one of them"),
        (("certify", "--target", "nowhere"), "nowhere"),
        (("certify", "--target", "127.0.0.1:1"), "no key"),
        (("certify", "--target", "127.0.0.1:1", "--key-file", "KEY"), "card"),
        (
            ("certify", "--target", "127.0.0.1:1", "--key-file", "KEY", "--set", "card=1", "--case", "x"),
            "no case x",
        ),
        (("certify", "--target", "127.0.0.1:1", "--key-file", "KEY", "--set", "card"), "NAME=VALUE"),
        (("certify", "--target", "127.0.0.1:1", "--profile", "KEY"), "terminal.key"),
        (("run", "EXAMPLE", "--listen", "127.0.0.1:0", "--key-file", "KEY"), "it wants --target"),
        (("run", "KEY", "--target", "127.0.0.1:1", "--key-file", "KEY"), "1 fault in the script"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_wrong_options_are_told_in_code_2(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    key = tmp_path / "terminal.key"
    key.write_text(KEY.hex())
    stand_ins = {"KEY": str(key), "EXAMPLE": str(AS_TERMINAL[0])}
    done = vafa("sim", *(stand_ins.get(each, each) for each in arguments))
    assert done.exit_code == 2
    assert told in done.stderr
    assert KEY.hex() not in done.stderr


def test_no_switch_there(tmp_path: Path) -> None:
    key = tmp_path / "terminal.key"
    key.write_text(KEY.hex())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = vafa("sim", "run", AS_TERMINAL[0], "--target", f"127.0.0.1:{port}", "--key-file", key)
    assert done.exit_code == 1
    assert "no link could be opened" in done.stderr


def test_the_list_of_cases() -> None:
    done = vafa("sim", "certify", "--list")
    assert done.exit_code == 0
    for subject in Subject:
        for case in cases_of(subject):
            assert f"  {case.name} " in done.stdout


def test_the_handbook_s_scripts_are_scripts_and_its_profile_a_profile(
    club: SwitchProcess, profile_file: Path, tmp_path: Path
) -> None:
    page = (ROOT / "docs/bench.md").read_text("utf-8").partition("## Scripts and certification")[2]
    script, profile = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[:2]
    script_file, shown_profile = tmp_path / "script.toml", tmp_path / "shown.toml"
    script_file.write_text(script, "utf-8")
    shown_profile.write_text(profile, "utf-8")
    assert load_profile(shown_profile).terminal_id == "T0000001"
    done = vafa("sim", "run", script_file, "--target", target(club), "--profile", profile_file)
    assert done.exit_code == 0, done.stderr
    kinds = set(re.findall(r"`([a-z_]+)`", page.partition("A `fault` on `send` or `answer` is one of ")[2]))
    published = json.loads((ROOT / "simulator/scripts/script.schema.json").read_text("utf-8"))["$defs"]
    faults = published["Send"]["properties"]["fault"]["anyOf"][0]["discriminator"]["mapping"]
    assert set(faults) <= kinds
    steps = set(re.findall(r"`([a-z_]+)`", page.partition("| step |")[2].partition("A `fault`")[0]))
    assert set(published["Each"]["properties"]["steps"]["items"]["discriminator"]["mapping"]) <= steps


def test_the_first_thing_shown_says_what_is_told_of_it() -> None:
    page = (ROOT / "docs/bench.md").read_text("utf-8").partition("## Scripts and certification")[2]
    code = re.search(r"python - <<'PY'\n(.*?)\nPY\n", page, re.DOTALL)
    assert code is not None
    done = subprocess.run(
        [sys.executable, "-c", code[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "expected  000000000030" in done.stdout and "got       000000000025" in done.stdout


def test_what_the_handbook_pastes(
    club: SwitchProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command as it stands, but for the address, the terminal and the card of the test's own club."""
    page = (ROOT / "docs/bench.md").read_text("utf-8").partition("## Scripts and certification")[2]
    block = re.search(r"```sh\n\.venv/bin/vafa (.*?)```", page, re.DOTALL)
    assert block is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var/keys").mkdir(parents=True)
    (tmp_path / "var/keys/master.key").write_text(MASTER_KEY.hex())
    own = {
        "127.0.0.1:7583": target(club),
        "SAMPLE01": "T0000001",
        "SAMPLE": "SHOP1",
        f"card={CARD_NUMBER}": f"card={CARD}",
    }
    assert TERMINAL_ID in block[1] and MERCHANT_ID in block[1] and CARD_NUMBER in block[1]
    done = vafa(*(own.get(word, word) for word in block[1].replace("\\\n", " ").split()))
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "report.html").exists() and (tmp_path / "vafa-conformance.toml").exists()
