"""`vafa rules` as it is run: arguments, standard input, exit codes, JSON, and never a traceback."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from switch.rules.packing import unpack
from tools.cli import main

ROOT = Path(__file__).parents[3]
EXAMPLES = Path("docs/examples/rules")
LOYAL = EXAMPLES / "earn-07-loyal-members.toml"
BOUNDED = EXAMPLES / "burn-16-bounded-discounting.toml"


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def run(*arguments: str | Path, given: bytes = b"") -> Done:
    """One command in this process; an exception that click doesn't know is no way to end."""
    result = CliRunner().invoke(main, ["rules", *map(str, arguments)], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout_bytes, result.stderr_bytes)


def test_it_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tools.cli", "rules", "explain", "-", "--amount", "1000000", "--json"]
    given = LOYAL.read_bytes()
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["grants"][0]["granted"] == 100


def test_compile_writes_the_table(tmp_path: Path) -> None:
    output = tmp_path / "table.bin"
    done = run("compile", LOYAL, "-o", output)
    table = unpack(output.read_bytes())
    assert done.returncode == 0
    assert table.digest in done.stdout.decode()
    assert [rule.rule_id for rule in table.rules][:1] == ["EARN-01"]


def test_compile_tells_the_same_from_standard_input() -> None:
    told = [run("compile", "--json", LOYAL), run("compile", "--json", "-", given=LOYAL.read_bytes())]
    first, second = (json.loads(done.stdout) for done in told)
    assert first["digest"] == second["digest"]
    assert (first["rules"], first["rules_left_out"], first["segments"]) == (4, 0, 1)
    assert first["versions"]["EARN-01"] == 1
    assert (first["source"], second["source"]) == (str(LOYAL), "standard input")


def test_compile_counts_rules_that_are_left_out() -> None:
    text = LOYAL.read_text("utf-8").replace('status = "active"', 'status = "draft"', 1)
    told = json.loads(run("compile", "--json", "-", given=text.encode()).stdout)
    assert (told["rules"], told["rules_left_out"]) == (3, 1)


def test_all_faults_of_rules_are_told_at_once() -> None:
    text = LOYAL.read_text("utf-8").replace('op = "in"', 'op = "inn"').replace("give = 3", "give = 0")
    for command in (("compile",), ("lint",)):
        done = run(*command, "-", given=text.encode())
        assert done.returncode == 1
        told = done.stderr.decode()
        assert "EARN-07-GOLD: when.op" in told
        assert "EARN-07-PLATINUM: when.op" in told
        assert "EARN-07-GOLD: effects.0.calc.give" in told


LINTED = """
format = 2
programme = "sample-club"
[segments]
vip = 0
[[rules]]
rule_id = "NEVER"
status = "active"
kind = "earn"
name = { fa = "نمونه", en = "Sample" }
trigger = "purchase"
when = { all = [{ f = "amount", op = ">", v = 10 }, { f = "amount", op = "<", v = 5 }] }
effects = [{ type = "earn", purse = "points", calc = { mode = "fixed", give = 5 } }]
[[rules]]
rule_id = "UNBOUNDED"
status = "active"
kind = "earn"
name = { fa = "نمونه", en = "Sample" }
member_text = { fa = "نمونه", en = "Sample" }
trigger = "purchase"
effects = [{ type = "earn", purse = "points", calc = { mode = "percent", give = 5 } }]
"""


def _lints(text: str, *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    done = run("lint", "-", "--json", *arguments, given=text.encode())
    lints = json.loads(done.stdout)["lints"]
    return done.returncode, [(each["severity"], each["code"], each["rule_id"]) for each in lints]


def test_lint_tells_errors_first() -> None:
    exit_code, lints = _lints(LINTED)
    assert exit_code == 1
    assert ("error", "contradiction", "NEVER") in lints
    assert ("warning", "unbounded", "UNBOUNDED") in lints
    shown = run("lint", "-", given=LINTED.encode()).stdout.decode().splitlines()
    assert shown[0].startswith("error NEVER: ")
    assert shown[-1].startswith("standard input: 2 rules, 1 error, ")
    persian = run("lint", "-", "--language", "fa", given=LINTED.encode()).stdout.decode().splitlines()
    assert len(persian) == len(shown)
    assert persian[0] != shown[0]


def test_lint_is_strict_where_it_is_asked_to() -> None:
    text = LINTED.replace("v = 5 }] }", "v = 50 }] }")
    assert _lints(text)[0] == 0
    assert _lints(text, "--strict")[0] == 1
    assert run("lint", LOYAL, "--strict").returncode == 0


def test_lint_in_json_tells_faults_too() -> None:
    done = run("lint", "-", "--json", given=LINTED.replace("percent", "share").encode())
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [fault for fault in told["faults"] if fault.startswith("UNBOUNDED: effects.0.calc.mode")]
    assert told["lints"] == []


def test_lint_estimates_the_cost(tmp_path: Path) -> None:
    mix = tmp_path / "mix.toml"
    mix.write_text('[[sales]]\namount = 1000000\nfacts = { tier = "gold" }\nweight = 3\n'
                   "[[sales]]\namount = 2000000\n", "utf-8")  # fmt: skip
    told = json.loads(run("lint", LOYAL, "--mix", mix, "--json").stdout)["cost"]
    # Three gold members get 100 and 50 points, one of no tier gets 200.
    assert (told["transactions"], told["rial"]) == (1000, 250 * (150_000 * 3 + 200_000))
    assert {each["rule_id"]: each["units"] for each in told["rules"]}["EARN-07-GOLD"] == 250 * 50 * 3
    shown = run("lint", LOYAL, "--cost").stdout.decode()
    assert "estimated for 1,000 transactions:" in shown
    wrong = run("lint", LOYAL, "--mix", LOYAL)
    assert wrong.returncode == 2


def test_explain_tells_why_and_why_not() -> None:
    done = run("explain", LOYAL, "--amount", "2500000", "--tier", "gold", "--at", "1405-08-10T10:00")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert lines[0] == ("purchase of 2,500,000 rial, 2026-11-01 10:00 (1405-08-10 SUN), member 1, tier gold")
    rules = {line.split()[0]: line for line in lines if line.startswith("  EARN")}
    assert "granted" in rules["EARN-01"]
    assert "250 points" in rules["EARN-01"]
    assert "condition fails" in rules["EARN-07-PLATINUM"]
    assert "tier is gold" in rules["EARN-07-PLATINUM"]
    assert lines[-3:] == [
        "to pay 2,500,000 of 2,500,000 rial",
        "member reads: 100 points for every 100,000 toman",
        "member reads: Gold member: one and a half times",
    ]


def test_explain_in_persian() -> None:
    told = run("explain", LOYAL, "--amount", "2500000", "--tier", "gold", "--language", "fa").stdout.decode()
    assert "شرط برقرار نیست" in told
    assert "پرداختنی 2,500,000 از 2,500,000 ریال" in told
    assert "عضو می‌خواند: عضو طلایی: یک و نیم برابر" in told


def test_explain_of_a_file_plays_the_sales_before() -> None:
    sales = EXAMPLES / "burn-16-bounded-discounting.sales.toml"
    last = json.loads(run("explain", BOUNDED, "--sale", sales, "--json").stdout)
    second = json.loads(run("explain", BOUNDED, "--sale", sales, "--number", "2", "--json").stdout)
    assert (last["discounts"][0]["granted"], last["discounts"][0]["reason"]) == (400_000, "rule_cap")
    assert last["rules"][0]["verdict"] == "clipped"
    assert (second["discounts"][0]["granted"], second["discounts"][0]["reason"]) == (600_000, "granted")
    assert [part["party"] for part in second["discounts"][0]["funding"]] == ["merchant", "programme"]


def test_explain_takes_options_in_place_of_what_the_sale_says() -> None:
    sales = EXAMPLES / "earn-06-products.sales.toml"
    rules = EXAMPLES / "earn-06-products.toml"
    arguments = (
        "--number",
        "1",
        "--line",
        "OIL-1L,grocery,2,1000000,new+bio",
        "--amount",
        "1000000",
        "--json",
    )
    told = json.loads(run("explain", rules, "--sale", sales, *arguments).stdout)
    assert {each["rule_id"]: each["granted"] for each in told["grants"]} == {
        "EARN-06-BASE": 100,
        "EARN-06-SKU": 40,
    }
    assert told["request"]["lines"][0]["labels"] == ["new", "bio"]


def test_explain_of_what_only_the_ledger_refuses() -> None:
    rules = EXAMPLES / "burn-04-points-as-money.toml"
    done = run("explain", rules, "--amount", "2000000", "--balance", "points=100", "--pay", "points=500")
    assert "refused with code 51 by BURN-04-POINTS: the balance doesn't suffice" in done.stdout.decode()
    paid = run("explain", rules, "--amount", "2000000", "--balance", "points=700", "--pay", "points=500")
    assert "takes BURN-04-POINTS: 500 points" in paid.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("compile", "nowhere.toml"), "cannot read nowhere.toml: No such file"),
        (("compile", "docs"), "cannot read docs: Is a directory"),
        (("compile", LOYAL, "-o", "/nowhere/table.bin"), "cannot write /nowhere/table.bin"),
        (("explain", LOYAL, "--segment", "vips"), "no segment 'vips'; the rules declare founding-member"),
        (("explain", LOYAL, "--balance", "gold=5"), "no purse 'gold'; the rules declare g"),
        (("explain", LOYAL, "--balance", "points"), "write name=number"),
        (("explain", LOYAL, "--metric", "miles=-5"), "write name=number"),
        (("explain", LOYAL, "--at", "1405-13-01"), "--at: there is no day 1405-13-01"),
        (("explain", LOYAL, "--at", "tomorrow"), "--at: a time is written 2026-11-01T18:30"),
        (("explain", LOYAL, "--at", "2026-11-01T25:00"), "--at:"),
        (("explain", LOYAL, "--amount", "-5"), "--amount: Input should be greater"),
        (("explain", LOYAL, "--line", "milk"), "write sku,category,quantity,amount"),
        (("explain", LOYAL, "--pay", "points=much"), "write purse or purse=units"),
        (("explain", "docs/examples/rules/gate-pin.sales.toml"), "rule set: programme: Field required"),
        (("explain", LOYAL, "--sale", LOYAL), "format: Extra inputs are not permitted"),
        (("explain", LOYAL, "--sale", "nowhere.toml"), "cannot read nowhere.toml"),
        (
            ("explain", LOYAL, "--sale", "docs/examples/rules/gate-pin.sales.toml", "--number", "9"),
            "--number 9: there are 4 sales",
        ),
        (("explain", "-", "--sale", "-"), "cannot both come from standard input"),
        (("simulate", LOYAL, "--sales", "README.md"), "README.md: "),
        (("simulate", LOYAL, "--sales", "nowhere.jsonl"), "cannot read nowhere.jsonl"),
        (("simulate", LOYAL), "Missing option '--sales'"),
        (("simulate", "-", "--sales", "-"), "only one of rules and sales"),
    ],
)
def test_wrong_input_is_told_in_words(arguments: tuple[str | Path, ...], told: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()


@pytest.mark.parametrize(
    "given", [b"", b"\xff\xfe", b"[[[", b"{", b"format = 2", b'{"format": 2}', b"\x00" * 9]
)
def test_no_input_ends_in_a_traceback(given: bytes) -> None:
    for command, exit_code in ((("compile", "-"), (1, 2)), (("lint", "-"), (1, 2)), (("explain", "-"), (2,))):
        done = run(*command, given=given)
        assert done.returncode in exit_code
        done = run("simulate", LOYAL, "--sales", "-", given=given)
    assert done.returncode in (1, 2)


def test_simulate_totals_and_expectations() -> None:
    sales = EXAMPLES / "earn-07-loyal-members.sales.toml"
    done = run("simulate", LOYAL, "--sales", sales, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["expectations"] == {"sales": 5, "missed": 0, "faults": []}
    assert told["rules"]["given"] == {"points": 720}
    assert told["rules"]["liability_rial"] == 720_000
    assert told["rules"]["rules"]["EARN-07-GOLD"]["times"] == 2
    shown = run("simulate", LOYAL, "--sales", sales).stdout.decode()
    assert "5 of 5 sales as expected" in shown


def test_simulate_tells_a_missed_expectation() -> None:
    text = (EXAMPLES / "earn-07-loyal-members.sales.toml").read_text("utf-8")
    done = run("simulate", LOYAL, "--sales", "-", given=text.replace("100 points", "99 points", 1).encode())
    assert done.returncode == 1
    assert "sale 1: grants: expected EARN-01: 99 points, came EARN-01: 100 points" in done.stderr.decode()
    assert "4 of 5 sales as expected" in done.stdout.decode()


def test_simulate_against_another_file() -> None:
    sales = EXAMPLES / "earn-07-loyal-members.sales.toml"
    other = EXAMPLES / "earn-01-points-by-amount.toml"
    done = run("simulate", LOYAL, "--sales", sales, "--against", other, "--json")
    told = json.loads(done.stdout)
    members = told["members"]
    assert (members["winners"], members["losers"], members["unchanged"]) == (4, 0, 1)
    assert (
        members["won_rial"] == told["rules"]["liability_rial"] - told["against"]["liability_rial"] == 220_000
    )
    assert members["most"][0] == {"member": 3, "rial": 100_000}
    shown = run("simulate", LOYAL, "--sales", sales, "--against", other).stdout.decode()
    assert "4 members win 220,000 rial, 0 lose 0, for 1 nothing changes" in shown


def test_simulate_reads_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "sales.jsonl"
    lines = [
        json.dumps({"member": n % 7, "amount": 1_000_000, "at": f"2026-11-0{1 + n % 2}"}) for n in range(20)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    from_file = run("simulate", LOYAL, "--sales", path, "--json")
    piped = run("simulate", LOYAL, "--sales", "-", "--json", given=path.read_bytes())
    assert from_file.stdout == piped.stdout
    assert json.loads(piped.stdout)["rules"]["given"] == {"points": 2000}
    path.write_text(lines[0] + '\n{"amount": 1.5}\n', "utf-8")
    wrong = run("simulate", LOYAL, "--sales", path)
    assert wrong.returncode == 2
    assert "line 2: 1 faults" in wrong.stderr.decode()


def test_help_of_every_command() -> None:
    for command in ("compile", "lint", "explain", "simulate"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert b"FILE" in done.stdout
