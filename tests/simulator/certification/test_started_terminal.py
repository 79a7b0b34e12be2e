"""`--start`, `--without` and `--wait-ms`: a terminal's program is told what to do, and what may go wrong."""

import json
import shlex
import socket
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.certification import Subject, cases_of, features_of
from tools.cli import main

# Signs on, answers every line, and says nothing else.
MUTE = """
import os, socket, sys
from datetime import UTC, datetime
from protocol.codec import encode_sealed
from protocol.framing import frame
from protocol.message import Message
from protocol.security.mac import Mac
from protocol.spec import load_spec
now = datetime.now(UTC).strftime("%m%d%H%M%S")
for line in sys.stdin:
    link = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    sign_on = Message("0800", {7: now, 11: "000001", 41: "T0000001", 70: "001"})
    link.sendall(frame(encode_sealed(load_spec("vafa"), sign_on, Mac(bytes(16)))))
    print("heard", line.strip(), "at", sys.argv[3], flush=True)
"""


def certify(folder: Path, *options: str, start: str | None = None) -> Result:
    (folder / "test.key").write_text("00" * 16)
    common = ("sim", "certify", "--listen", "127.0.0.1:0", "--key-file", str(folder / "test.key"))
    started = () if start is None else ("--start", start)
    return CliRunner().invoke(main, [*common, *options, *started])


def program(folder: Path, text: str) -> str:
    path = folder / "terminal.py"
    path.write_text(text)
    return shlex.join([sys.executable, str(path), "{host}", "{port}", "{address}"])


def test_what_is_asked_is_a_line_and_the_hint_tells_what_is_missing(tmp_path: Path) -> None:
    kept = tmp_path / "conformance.toml"
    done = certify(
        tmp_path, "--case", "sign-on", "--case", "purchase", "--wait-ms", "2000", "--conformance", str(kept),
        start=program(tmp_path, MUTE),
    )  # fmt: skip
    assert done.exit_code == 1 and "1 of 2 cases passed" in done.stdout
    assert "→ power_on" in done.stderr and "← heard power_on at 127.0.0.1:" in done.stderr
    assert "nobody connected" in done.stderr and "rule      " in done.stderr
    assert tomllib.loads(kept.read_text())["cases"] == {"sign-on": "passed", "purchase": "failed"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("print('x' * 100_000, flush=True); input(); input()", "a line that never ends"),
        ("import sys; sys.stdin.close()", "ended with code 0"),
    ],
    ids=["ends", "endless line", "does not listen"],
)
def test_a_program_that_cannot_be_told_anything_ends_the_run(text: str, told: str, tmp_path: Path) -> None:
    done = certify(tmp_path, "--case", "sign-on", start=program(tmp_path, text))
    assert done.exit_code == 2
    assert told in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "start", "told"),
    [
        ((), "no-such-program", "--start: no-such-program: No such file or directory"),
        ((), " ", "--start wants a command"),
        ((), "'unclosed", "--start: No closing quotation"),
        (("--drive", "'unclosed"), None, "--drive: No closing quotation"),
        (("--drive", "true"), "true", "exclude each other"),
        (("--without", "everything"), None, "it may be without: key_change, offline, redemption, totals"),
        (("--wait-ms", "0"), None, "'--wait-ms'"),
    ],
    ids=["no program", "empty", "quotes", "quotes to drive", "two ways", "unknown feature", "no patience"],
)
def test_wrong_options_are_told_in_code_2(
    options: tuple[str, ...], start: str | None, told: str, tmp_path: Path
) -> None:
    done = certify(tmp_path, *options, start=start)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_report_that_could_not_be_written_is_told_before_the_run(tmp_path: Path) -> None:
    for option in ("--html", "--conformance"):
        done = certify(tmp_path, option, str(tmp_path / "nowhere" / "report"))
        assert done.exit_code == 2 and "there is no folder" in done.stderr
        assert "listening" not in done.stderr


def test_a_key_of_another_length_and_a_port_that_is_taken_are_told(tmp_path: Path) -> None:
    (tmp_path / "long.key").write_text("00" * 32)
    done = certify(tmp_path, "--key-file", str(tmp_path / "long.key"))
    assert done.exit_code == 2 and "32 hexadecimal digits, not 64" in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = certify(tmp_path, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.exit_code == 2 and "in use; port 0 takes a free one" in done.stderr


def test_a_switch_lacks_nothing_and_is_not_started(tmp_path: Path) -> None:
    (tmp_path / "test.key").write_text("00" * 16)
    common = ["sim", "certify", "--target", "127.0.0.1:1", "--key-file", str(tmp_path / "test.key")]
    common += ["--set", "card=6280000000001006"]
    for options, told in (
        (["--without", "offline"], "it may be without: none"),
        (["--start", "x"], "--listen"),
    ):
        done = CliRunner().invoke(main, [*common, *options])
        assert done.exit_code == 2 and told in done.stderr


def test_what_is_left_out_is_told_everywhere(tmp_path: Path) -> None:
    """All features are declared away, one of them in the profile; nobody comes for the other cases."""
    features = features_of(Subject.TERMINAL)
    profile, page, kept = (tmp_path / name for name in ("profile.toml", "page.html", "conformance.toml"))
    profile.write_text(f'without = ["{features[0]}"]\nkeys.T0000001 = "{"00" * 16}"\n')
    options = [word for feature in features[1:] for word in ("--without", feature)]
    done = CliRunner().invoke(
        main,
        ["sim", "certify", "--listen", "127.0.0.1:0", "--profile", str(profile), *options, "--wait-ms", "1",
         "--json", "--html", str(page), "--conformance", str(kept)],
    )  # fmt: skip
    left_out = [case.name for case in cases_of(Subject.TERMINAL) if case.feature]
    report, conformance = json.loads(done.stdout), tomllib.loads(kept.read_text())
    assert report["pack"]["without"] == conformance["pack"]["without"] == list(features)
    assert report["pack"]["left_out"] == left_out
    assert report["pack"]["whole"] is True and report["passed"] is False
    assert [name for name, outcome in conformance["cases"].items() if outcome == "left out"] == left_out
    assert list(conformance["cases"]) == [case.name for case in cases_of(Subject.TERMINAL)]
    assert page.read_text("utf-8").count(", ".join(features)) == 2


def test_every_feature_has_a_case_and_every_case_a_known_one() -> None:
    for subject in Subject:
        assert {case.feature for case in cases_of(subject)} - {""} == set(features_of(subject))
    listed = CliRunner().invoke(main, ["sim", "certify", "--list"]).stdout
    assert all(f"[--without {feature}]" in listed for feature in features_of(Subject.TERMINAL))
