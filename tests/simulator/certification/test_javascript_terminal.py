"""A terminal without any of our code: the golden vectors, the pack, a real switch, and power cuts."""

import asyncio
import json
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protocol.original_data import OriginalData
from protocol.security.keys import derive_terminal_key
from protocol.spec import load_spec
from simulator.certification import Subject, cases_of
from simulator.scripted_switch import Behaviour, ScriptedSwitch
from tests.simulator.certification.javascript_terminal import (
    CARD,
    EXAMPLE,
    PATIENT,
    ROOT,
    JavascriptTerminal,
    command,
    node,
)
from tests.switch.conftest import MASTER_KEY, SwitchProcess
from tools.cli import main

KEY = bytes(range(16))
VECTORS = ROOT / "tests/documentation/on_node/golden_vectors.mjs"
FEATURES_IT_LACKS = ("offline", "totals")

AFTER_A_SALE = """
format = 1
as = "switch"
wait_ms = 3000
title = { en = "Mended and repeated", fa = "درست شد و تکرار شد" }

[[steps]]
do = "connect"

[[steps]]
do = "sign_on"
MORE
[[steps]]
do = "ask"
what = "purchase"
amount = 250000
text = { en = "Buy", fa = "بخرید" }

[[steps]]
do = "expect"
message = "0200"
name = "sale"

[[steps]]
do = "answer"
response_code = "CODE"

[[steps]]
do = "STEP"

[[steps]]
do = "expect"
message = "0201"
name = "again"
fields = { stan = "{sale.stan}", transmission_time = "{sale.transmission_time}", amount = "{sale.amount}" }

[[steps]]
do = "answer"
to = "again"

[[steps]]
do = "silence"
for_ms = 200
"""


def vafa_sim(*arguments: object, start: str, key: Path) -> Result:
    common = ("--listen", "127.0.0.1:0", "--start", start, "--key-file", key)
    return CliRunner().invoke(main, ["sim", *(str(each) for each in (*arguments, *common))])


def test_golden_vectors() -> None:
    done = subprocess.run(
        [node(), VECTORS, EXAMPLE, ROOT / "tests/vectors"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("failed 0\n") and "tried 0" not in done.stdout


def test_its_spec_is_the_spec() -> None:
    assert load_spec(EXAMPLE / "spec.json") == load_spec("vafa")


def test_it_needs_no_package() -> None:
    imports = [
        line.rpartition('from "')[2].rstrip('";')
        for path in EXAMPLE.glob("*.js")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("import ") or line.startswith("} from ")
    ]
    assert imports
    assert [name for name in imports if not name.startswith(("node:", "./"))] == []


def test_it_passes_the_pack(tmp_path: Path) -> None:
    kept = tmp_path / "conformance.toml"
    start = shlex.join(command(tmp_path, "{address}", KEY))
    cases = cases_of(Subject.TERMINAL)
    without = sorted({case.feature for case in cases} & set(FEATURES_IT_LACKS))
    options = [word for feature in without for word in ("--without", feature)]
    done = vafa_sim(
        "certify",
        *options,
        "--wait-ms",
        "5000",
        "--conformance",
        kept,
        start=start,
        key=tmp_path / "terminal.key",
    )
    assert done.exit_code == 0, done.stderr
    conformance = tomllib.loads(kept.read_text("utf-8"))
    assert conformance["passed"] is True and conformance["pack"]["whole"] is True
    assert conformance["pack"]["without"] == without
    expected = {case.name: "left out" if case.feature in without else "passed" for case in cases}
    assert conformance["cases"] == expected


@pytest.mark.parametrize(
    ("code", "step", "more", "options"),
    [
        ("58", "sign_on", "", ()),
        ("63", "key_change", '\n[[steps]]\ndo = "key_change"\n', ("--sessions",)),
    ],
    ids=["sign-on forgotten", "session forgotten"],
)
def test_a_sale_is_repeated_when_the_link_is_mended(
    code: str, step: str, more: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    script = tmp_path / "script.toml"
    text = AFTER_A_SALE.replace("CODE", code).replace("STEP", step).replace("MORE", more)
    script.write_text(text, "utf-8")
    start = shlex.join(command(tmp_path, "{address}", KEY, *PATIENT, *options))
    done = vafa_sim("run", script, start=start, key=tmp_path / "terminal.key")
    assert done.exit_code == 0, done.stderr
    assert "approved" in done.stderr


def test_it_sells_at_a_real_switch_under_changing_keys(club: SwitchProcess, tmp_path: Path) -> None:
    key = derive_terminal_key(MASTER_KEY, "T0000001", 1)
    sessions = []
    for _ in range(2):
        with JavascriptTerminal(tmp_path, club.terminals, key, *PATIENT, "--sessions") as terminal:
            assert terminal.do("echo") == "echo"
            assert terminal.do("purchase 2500000").startswith("approved 0000")
            assert terminal.do("key_change") == "keys changed"
            assert terminal.do("redemption 1000").startswith("approved 0000")
            assert terminal.do("redemption 999999999999") == "declined 51"
            assert terminal.do("purchase 2500000 6280000000000099") == "declined 14"
            assert terminal.do("purchase 1e9") == "no such amount"
            assert terminal.do("sell 5") == "not understood"
        sessions.append(json.loads((tmp_path / "terminal.journal").read_text())["session"])
    # Two in each life, and none twice.
    assert 2 <= sessions[0] <= sessions[1] - 2


def test_a_power_cut_in_a_sale_is_reversed_in_the_next_life(tmp_path: Path) -> None:
    async def lives() -> None:
        async with ScriptedSwitch(KEY) as switch:
            switch.script.next("02", Behaviour.SILENT)
            with JavascriptTerminal(tmp_path, switch.address, KEY, *PATIENT) as first:
                first.tell("purchase 250000")
                await switch.wait_for(lambda: bool(switch.requests_of("02")))
                first.cut_power()
            journal = (tmp_path / "terminal.journal").read_text()
            assert CARD not in journal

            # Nobody acknowledges it in the second life, nor does the third one's first repeat get an answer.
            switch.script.next("04", *[Behaviour.SILENT] * 2)
            with JavascriptTerminal(tmp_path, switch.address, KEY, *PATIENT) as second:
                await switch.wait_for(lambda: len(switch.requests_of("04")) == 1)
                second.cut_power()
            with JavascriptTerminal(tmp_path, switch.address, KEY) as third:
                await switch.wait_for(lambda: len(switch.requests_of("04")) == 3)
                answer = await asyncio.to_thread(third.do, "purchase 1000")
            assert answer.startswith("approved")
            sale, reversals = switch.requests_of("02")[0], switch.requests_of("04")
            original = OriginalData("0200", sale.text(11), sale.text(7)).pack()
            assert [reversal.mti for reversal in reversals] == ["0400", "0401", "0401"]
            assert {reversal.text(90) for reversal in reversals} == {original}
            assert len({(reversal.text(11), reversal.text(7)) for reversal in reversals}) == 1

    asyncio.run(lives())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--switch wants HOST:PORT"),
        (("--switch", "nowhere", "--key-file", "none"), "--switch wants HOST:PORT"),
        (("--switch", "127.0.0.1:1"), "--key-file is missing"),
        (("--switch", "127.0.0.1:1", "--key-file", "none"), "no such file"),
        (("--switch", "127.0.0.1:1", "--colour"), "--colour"),
    ],
    ids=["nothing", "no port", "no key", "no key file", "unknown option"],
)
def test_wrong_options_are_told(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [node(), EXAMPLE / "main.js", *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert told in done.stderr and "usage: node main.js" in done.stderr
