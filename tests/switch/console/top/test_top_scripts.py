"""`vafa switch top` for scripts, and far away over TLS."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.switch.conftest import Link, SwitchProcess
from tests.switch.console.top.typed import PATIENCE_S, VAFA, at, counted, run, token_file
from tests.switch.links.certificates import Certificates

if TYPE_CHECKING:
    pass


def test_one_frame_for_a_script(standing_switch: SwitchProcess, standing_terminal: Link) -> None:
    switch, terminal = standing_switch, standing_terminal
    terminal.call(terminal.purchase(2_500_000))
    terminal.call(terminal.purchase(0))
    done = run(switch, "--once", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    told, metrics = json.loads(done.stdout), counted(switch)
    assert (told["ready"], told["reasons"]) == (True, [])
    for name, metric in (
        ("position", "journal_position"),
        ("durable_position", "journal_durable_position"),
        ("connections", "connections,terminals,signed_on"),
        ("signed_on", "signed_on_terminals,terminals"),
        ("queued", "queued_requests"),
        ("in_flight", "in_flight_requests"),
    ):
        assert told[name] == metrics[metric], name
    assert told["rules"]["version"] == metrics["rule_table_version"]
    assert told["records"] == {name: metrics[name] for name in ("cards", "members", "terminals")}
    answers = {f"answers_total,{each['type']},{each['code']}": each["total"] for each in told["answers"]}
    assert answers == {name: count for name, count in metrics.items() if name.startswith("answers_total")}
    assert answers["answers_total,purchase,13"] >= 1


def test_rates_for_a_script_are_those_of_a_second(
    standing_switch: SwitchProcess, standing_terminal: Link
) -> None:
    """While sales are made, and counted by /metrics as well."""
    switch, terminal = standing_switch, standing_terminal
    has_ended = threading.Event()
    counts: list[tuple[int, int]] = []

    def sell() -> None:
        while not has_ended.wait(0.01):
            terminal.call(terminal.purchase(1000))

    terminal.call(terminal.purchase(1000))
    seller = threading.Thread(target=sell)
    seller.start()
    try:
        counts.append((time.monotonic_ns(), counted(switch)["answers_total,purchase,00"]))
        told = json.loads(run(switch, "--once", "--json").stdout)
        counts.append((time.monotonic_ns(), counted(switch)["answers_total,purchase,00"]))
    finally:
        has_ended.set()
        seller.join()
    (early_ns, early), (late_ns, late) = counts
    per_s = (late - early) * 1_000_000_000 // (late_ns - early_ns)
    assert per_s // 2 <= told["approved"] <= per_s * 2
    # The clock of replies ticks in milliseconds: half of them may be faster.
    assert 0 <= told["request_p50_us"] <= told["request_p99_us"] <= told["request_p999_us"]
    assert told["sync_p99_us"] > 0


def test_one_picture_as_text(standing_switch: SwitchProcess) -> None:
    done = run(standing_switch, "--once", "--interval", "0.1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout and "READY, live" in done.stdout and "terminals" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_lines_for_a_script_end_with_their_reader(standing_switch: SwitchProcess) -> None:
    command = [*VAFA, *at(standing_switch)]
    with subprocess.Popen(
        [*command, "--json", "--interval", "0.1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as top:
        assert top.stdout is not None and top.stderr is not None
        assert [json.loads(top.stdout.readline())["ready"] for _ in range(2)] == [True, True]
        top.stdout.close()
        assert top.wait(PATIENCE_S) == 0
        assert top.stderr.read() == ""


def test_what_cannot_be_watched_is_said_in_a_line(standing_switch: SwitchProcess, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.token"
    wrong.write_text("wrong")
    url = standing_switch.operations
    for options, said in (
        (["--token-file", str(wrong)], f"{url}: the switch wants its feed token: --token-file"),
        (["--url", f"{url}/health/live"], f"{url}/health/live: 404 is answered"),
        (["--url", "http://127.0.0.1:1"], "http://127.0.0.1:1: no switch there: "),
        (["--url", "http://switch.example"], "http://switch.example: another machine"),
        (["--url", "nonsense"], "nonsense: no URL like"),
    ):
        done = run(standing_switch, "--once", *options)
        assert (done.exit_code, done.stdout) == (1, "") and done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"Error: {said}"), done.stderr
    done = run(standing_switch)
    assert done.exit_code == 2 and "this is no terminal" in done.stderr


class Front:
    """TLS before an operations port, as a proxy is."""

    def __init__(self, operations: str, certificate: tuple[Path, Path]) -> None:
        host, _, port = operations.removeprefix("http://").rpartition(":")
        self._to = (host, int(port))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=self._listener.accept()[:1], daemon=True).start()

    def _carry(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            plain,
            socket.create_connection(self._to) as behind,
            self._context.wrap_socket(plain, server_side=True) as front,
        ):
            while True:
                ready = [front] if front.pending() else select.select([front, behind], [], [])[0]
                for one in ready:
                    data = one.recv(65_536)
                    if not data:
                        return
                    (behind if one is front else front).sendall(data)


def test_far_away_over_tls_that_is_verified(standing_switch: SwitchProcess, tmp_path: Path) -> None:
    issuer, other = Certificates(tmp_path / "tls"), Certificates(tmp_path / "other")
    good = Front(standing_switch.operations, issuer.make("switch.example", is_server=True))
    misnamed = Front(standing_switch.operations, issuer.make("elsewhere.example"))
    try:
        for url, ca_file, said in (
            (good.url, None, "CERTIFICATE_VERIFY_FAILED"),
            (good.url, other.ca, "CERTIFICATE_VERIFY_FAILED"),
            (misnamed.url, issuer.ca, "CERTIFICATE_VERIFY_FAILED"),
            (good.url, issuer.ca, ""),
        ):
            options = [] if ca_file is None else ["--ca-file", str(ca_file)]
            done = run(standing_switch, "--once", "--json", "--interval", "0.1", "--url", url, *options)
            assert (done.exit_code == 0) == (not said), done.stderr
            assert said in done.stderr and done.stderr.count("\n") == (1 if said else 0)
    finally:
        good.close()
        misnamed.close()


def test_settings_come_from_the_environment(standing_switch: SwitchProcess) -> None:
    settings = {
        "VAFA_TOP_URL": standing_switch.operations,
        "VAFA_TOP_TOKEN_FILE": str(token_file(standing_switch)),
    }
    done = run(standing_switch, "--once", "--json", "--interval", "0.1", **settings)
    assert done.exit_code == 0 and json.loads(done.stdout)["ready"] is True
