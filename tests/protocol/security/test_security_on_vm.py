"""The terminal's side of the security layer on MicroPython, with less heap than a terminal has."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from protocol.security.session_keys import SESSION_KEY_BYTES, SessionKeys, derive_session_key
from simulator.micropython_vm import FIRMWARE, MicropythonVm
from tests.protocol.security.dukpt_state import state_before
from tests.protocol.security.security_vectors import Vector, number, octets, rows, text, vectors

SCRIPT = Path(__file__).parent / "on_vm" / "security_vectors.py"
HEAP_BYTES = 96 * 1024
TERMINAL_KEY_TYPES = ("AES128", "AES256")  # what its cipher can do


def lines() -> Iterator[Vector]:
    """What the terminal needs of the vectors, one thing at a time."""
    (section,) = vectors("aes_cmac")
    for row in rows(section, "macs"):
        message = text(section, "message")[: 2 * number(row, "length")]
        yield {"kind": "aes_cmac", "key": text(section, "key"), "message": message, "mac": text(row, "mac")}
    for vector in vectors("kdf_counter_mode"):
        if len(octets(vector, "derived")) != SESSION_KEY_BYTES:
            continue  # longer than any key that the terminal derives
        yield {**vector, "kind": "kdf_counter_mode"}
    for vector in vectors("check_value"):
        if vector["method"] == "cmac":
            yield {**vector, "kind": "cmac_check_value"}
    for vector in vectors("pin_block_format_4"):
        if vector["random"] is not None:
            yield {**vector, "kind": "pin_block_format_4"}
    for vector in vectors("dukpt"):
        yield from dukpt_lines(vector)
    yield session_line()


def dukpt_lines(vector: Vector) -> Iterator[Vector]:
    """The first transactions one after the other, the last ones from a state that was stored before them."""
    key_id, initial_key = octets(vector, "initial_key_id"), octets(vector, "initial_key")
    yield {"kind": "dukpt_initial_key", "initial_key": initial_key.hex(), "initial_key_id": key_id.hex()}
    following = 1
    for transaction in rows(vector, "transactions"):
        counter = number(transaction, "counter")
        if counter != following:
            yield {"kind": "dukpt_stored_state", "state": state_before(initial_key, key_id, counter).hex()}
        working_keys = [
            row for row in rows(transaction, "working_keys") if row["key_type"] in TERMINAL_KEY_TYPES
        ]
        yield {"kind": "dukpt_transaction", "counter": counter, "working_keys": working_keys}
        following = counter + 1


def session_line() -> Vector:
    key, terminal_id = bytes(range(16)), "T0000001"
    offer = SessionKeys(key, terminal_id).offer(0, 0, 1)
    return {
        "kind": "session",
        "key": key.hex(),
        "terminal_id": terminal_id,
        "counter": offer.counter,
        "check_value": offer.check_value.hex(),
        "session_key": derive_session_key(key, terminal_id, offer.counter).hex(),
    }


def test_published_vectors_on_the_vm(vm: MicropythonVm, tmp_path: Path) -> None:
    file = tmp_path / "vectors.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines()), encoding="ascii")
    done = subprocess.run(
        vm.command(SCRIPT, str(file), heap_bytes=HEAP_BYTES),
        cwd=tmp_path,
        env=vm.environment(FIRMWARE),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"vectors {len(list(lines()))}\n"
