"""`vafa message` as it is run: arguments, standard input, exit codes, JSON, and no secret in any of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.framing import frame
from protocol.message import Message
from protocol.presentation.json_form import to_json
from tests.protocol.golden_vectors import MALFORMED, MESSAGES

ROOT = Path(__file__).parents[2]
PURCHASE = next(case for case in MESSAGES if case.name == "purchase, stripe")
RESPONSE = next(case for case in MESSAGES if case.name == "purchase response")
FILE_ACTION = next(case for case in MESSAGES if case.name == "file action, card")
HEX = PURCHASE.payload.hex()
CARD = "9364000000000017"


def run(*arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "tools.cli", "message", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        check=False,
        timeout=60,
    )


def _text(done: "subprocess.CompletedProcess[bytes]") -> str:
    return (done.stdout + done.stderr).decode()


def test_view_from_an_argument_standard_input_and_a_file(tmp_path: Path) -> None:
    path = tmp_path / "capture.bin"
    path.write_bytes(PURCHASE.payload)
    shown = [run("view", HEX), run("view", given=HEX.encode()), run("view", str(path))]
    assert {done.returncode for done in shown} == {0}
    assert len({done.stdout for done in shown}) == 1
    lines = shown[0].stdout.decode().splitlines()
    assert lines[0] == "message 1: vafa, 85 bytes"
    assert lines[1].split()[:2] == ["0-1", "mti"]
    track = next(line for line in lines if line.startswith("34-51"))
    assert track.split()[1] == "35"
    assert track.endswith("936400******0017=*****************")
    assert CARD not in _text(shown[0])
    assert "\x1b" not in _text(shown[0])


def test_view_unsafe_in_colour_and_in_persian() -> None:
    done = run("view", "--unsafe", "--color", "--language", "fa", HEX)
    assert f"{CARD}=30121010000000000" in done.stdout.decode()
    assert "شیار دوم کارت" in done.stdout.decode()
    assert "\x1b[" in done.stdout.decode()


def test_view_as_json_of_several_messages() -> None:
    done = run("view", "--json", given=f"{HEX}\n{RESPONSE.payload.hex()}\n".encode())
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["message"], first["mti"], second["message"], second["mti"]) == (1, "0200", 2, "0210")
    track = next(field for field in first["fields"] if field["path"] == "35")
    assert (track["start"], track["end"]) == (34, 52)
    tags = next(field for field in second["fields"] if field["path"] == "48")["parts"]
    assert {tag["name"]: tag["value"] for tag in tags}["member_name"] == "*****"
    assert done.returncode == 0


def test_view_of_a_damaged_message_shows_what_was_read() -> None:
    done = run("view", HEX[:80])
    assert done.returncode == 1
    assert "000002500000" in done.stdout.decode()
    told = done.stderr.decode()
    assert told.startswith("message 1: truncated in field 35 at byte 35")
    assert "bytes 23-39" in told
    assert "likely cause: the message ends too early" in told
    assert CARD[:10] not in _text(done)


def test_frames() -> None:
    framed = frame(PURCHASE.payload) + frame(b"") + frame(RESPONSE.payload)
    done = run("convert", "--framed", given=framed)
    assert [json.loads(line)["mti"] for line in done.stdout.splitlines()] == ["0200", "0210"]
    back = run("convert", "--framed", "--to", "binary", given=done.stdout)
    assert back.stdout == frame(PURCHASE.payload) + frame(RESPONSE.payload)
    assert run("view", "--framed", given=PURCHASE.payload).returncode == 2
    assert run("convert", "--to", "binary", given=done.stdout).returncode == 2
    assert run("view", "--framed", "--envelope", "tpdu", HEX).returncode == 2


def test_convert_is_lossless_in_both_directions() -> None:
    everything = "\n".join(case.payload.hex() for case in MESSAGES)
    there = run("convert", "--from", "hex", "--to", "json", given=everything.encode())
    assert there.returncode == 0
    assert [json.loads(line) for line in there.stdout.splitlines()] == [
        json.loads(json.dumps(to_json(case.message))) for case in MESSAGES
    ]
    back = run("convert", "--from", "json", "--to", "hex", given=there.stdout)
    assert back.stdout.decode().split() == everything.split()
    assert back.returncode == 0


def test_convert_does_not_judge_by_the_type_and_validate_does() -> None:
    document = json.dumps(to_json(Message("0200", {70: "001"})))
    assert run("convert", document).returncode == 0
    done = run("validate", "--json", document)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert not told["valid"]
    assert {"missing_field", "unexpected_field"} == {fault["code"] for fault in told["faults"]}
    assert len(told["faults"]) > 10
    assert run("validate", HEX).stdout.decode() == "message 1 (0200): valid\n"


def test_validate_tells_all_faults_of_json() -> None:
    document = {"mti": "0200", "fields": {"4": 1, "48": {"DF01": "x", CARD: ""}, CARD: CARD}}
    done = run("validate", given=json.dumps(document).encode())
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 4
    assert CARD not in _text(done)


def test_redact() -> None:
    done = run("redact", HEX)
    assert done.returncode == 0
    assert len(done.stdout.strip()) == len(HEX)
    assert CARD not in done.stdout.decode()
    assert run("validate", given=done.stdout).returncode == 0
    record = json.loads(run("redact", "--to", "json", FILE_ACTION.payload.hex()).stdout)
    assert record["fields"]["120"]["DF20"] == "000000000000"
    assert run("redact", HEX[:60]).returncode == 1
    assert run("redact", HEX[:60]).stdout == b""


def test_diff_of_messages() -> None:
    other = HEX.replace(CARD, "9364000000770017")
    done = run("diff", HEX, other)
    assert done.returncode == 1
    assert done.stdout.decode().startswith("~ 35  Track 2")
    assert "(changed where it is masked)" in done.stdout.decode()
    assert CARD not in _text(done)
    assert run("diff", HEX, HEX).returncode == 0
    told = json.loads(run("diff", "--json", HEX, RESPONSE.payload.hex()).stdout)["differences"]
    assert {"path", "change", "title", "old", "new"} == set(told[0])
    assert run("diff", HEX, HEX[:60]).returncode == 1
    assert run("diff", HEX, "-", given=f"{HEX}\n{HEX}".encode()).returncode == 2


def test_diff_of_specs(tmp_path: Path) -> None:
    text = (ROOT / "protocol/spec/vafa.toml").read_text("utf-8")
    path = tmp_path / "next.toml"
    path.write_text(text.replace("size = 19", "size = 18"), "utf-8")
    done = run("diff", "--specs", "vafa", str(path))
    assert done.returncode == 1
    assert "fields.2 size: 19 -> 18" in done.stdout.decode()
    assert "verdict: breaking" in done.stdout.decode()
    told = json.loads(run("diff", "--specs", "--json", "vafa", str(path)).stdout)
    assert told["verdict"] == "breaking"
    assert run("diff", "--specs", "vafa", "vafa").returncode == 0


def test_doctor() -> None:
    done = run("doctor", given=frame(PURCHASE.payload))
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[0].split()[:3] == ["1.", "vafa", "length-2"]
    assert CARD not in _text(done)
    told = json.loads(run("doctor", "--json", HEX).stdout)["diagnoses"]
    assert (told[0]["spec"], told[0]["envelope"], told[0]["fits"]) == ("vafa", "none", True)
    assert all(each["reason"] for each in told[1:] if not each["fits"])
    assert run("doctor", "ffff").returncode == 1
    assert run("doctor", "{}").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["view", "card 9364000000000017"],
        ["view", "93640000000000179"],
        ["view", '{"mti": 9364000000000017'],
        ["view", "--spec", "nothing", HEX],
        ["view", "--from", "json", HEX],
        ["view", "--framed", HEX],
        ["diff", HEX, "9364000000000017x"],
    ],
)
def test_wrong_input_is_told_in_one_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert CARD not in _text(done)
    assert "Traceback" not in _text(done)
    lines = done.stderr.decode().splitlines()
    assert lines[0].startswith("Error: ")
    assert len(lines) == (2 if "nothing" in arguments else 1)


def test_no_input_at_all() -> None:
    assert run("view").returncode == 2


def test_malformed_messages_are_told_where_they_are_wrong() -> None:
    cases = [case for case in MALFORMED if case.payload]
    done = run("validate", "--json", given="\n".join(case.payload.hex() for case in cases).encode())
    assert done.returncode == 1
    for case, line in zip(cases, done.stdout.splitlines(), strict=True):
        fault = json.loads(line)["faults"][0]
        assert (fault["code"], fault["path"], fault["offset"]) == (case.code, case.path, case.offset)
    assert CARD not in _text(done)


@pytest.mark.parametrize("verb", ["view", "diff", "redact", "convert", "validate", "doctor"])
def test_every_verb_has_help(verb: str) -> None:
    done = run(verb, "--help")
    assert done.returncode == 0
    if verb == "convert":
        assert "NOT masked" in done.stdout.decode()
