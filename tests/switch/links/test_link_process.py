"""The whole process with a links file: TLS, a dialled peer, and SIGTERM."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocol.framing import frame
from tests.switch.links.certificates import Certificates

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, Link, SwitchAt, SwitchProcess

PATIENCE_S = 60.0


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "tls")


def tls_settings(certificates: Certificates) -> dict[str, object]:
    certificate, key = certificates.make("switch.example", is_server=True)
    return {
        "tls_certificate_file": certificate,
        "tls_key_file": key,
        "tls_ca_file": certificates.ca,
        "tls_client_certificate": "required",
        "tls_minimum_version": "1.3",
    }


def over_tls(link: Link, certificates: Certificates) -> None:
    """Put TLS on a connection that has just been made."""
    context = ssl.create_default_context(cafile=certificates.ca)
    context.load_cert_chain(*certificates.make("shop"))
    link.socket = context.wrap_socket(link.socket, server_hostname="switch.example")


def test_tls_by_the_settings_alone_and_a_drain(
    switch_at: SwitchAt, connect: Connect, certificates: Certificates
) -> None:
    process = switch_at().start(None, bind_address="0.0.0.0", **tls_settings(certificates))
    process.terminals = ("127.0.0.1", process.terminals[1])
    host, terminal = connect(process), connect(process)
    over_tls(host, certificates)
    host.sign_on("HOST0001")
    assert host.make_terminal().fields[39] == "00"
    host.make_member()
    over_tls(terminal, certificates)
    terminal.sign_on()
    entries = process.status()["entries"]
    terminal.socket.sendall(b"".join(frame(terminal.payload(terminal.purchase(1000))) for _ in range(40)))
    first = terminal.receive()
    assert first.fields[39] == "00"
    assert process.stop() == 0
    answered = 1
    while terminal.receive_payload() is not None:
        answered += 1
    process.start()
    assert process.status()["position"] == entries + answered


def test_several_links_one_of_them_dialled(
    switch_at: SwitchAt, connect: Connect, certificates: Certificates, tmp_path: Path
) -> None:
    settings = tls_settings(certificates)
    with socket.create_server(("127.0.0.1", 0)) as concentrator:
        concentrator.settimeout(60)
        own_tls = {
            "certificate_file": str(settings["tls_certificate_file"]),
            "key_file": str(settings["tls_key_file"]),
        }
        links = [
            {"role": "server", "name": "shops", "address": "127.0.0.1:0", "tls": own_tls},
            {
                "role": "client",
                "name": "north",
                "addresses": [f"127.0.0.1:{concentrator.getsockname()[1]}"],
                "first_wait_s": 0.05,
            },
        ]
        path = tmp_path / "links.json"
        path.write_text(json.dumps({"links": links}))
        process = switch_at().start(links_file=path)
        host = connect(process)
        host.sign_on("HOST0001")
        assert host.make_terminal().fields[39] == "00"
        host.make_member()
        accepted, _ = concentrator.accept()
        dialled = connect(process)
        with contextlib.closing(dialled.socket):
            pass
        accepted.settimeout(60)
        dialled.socket = accepted
        dialled.sign_on()
        assert dialled.call(dialled.purchase(1000)).fields[39] == "00"
        assert process.stop() == 0
        assert dialled.is_closed()


def test_a_hang_up_reads_certificates_again_and_drops_nobody(
    switch_at: SwitchAt, connect: Connect, certificates: Certificates, tmp_path: Path
) -> None:
    settings = tls_settings(certificates)
    process = switch_at().start(None, **settings)
    assert process.process is not None
    files = [Path(str(settings[f"tls_{name}_file"])) for name in ("certificate", "key", "ca")]
    early = connect(process)
    over_tls(early, certificates)
    early.sign_on("HOST0001")

    renewed = Certificates(tmp_path / "renewed")
    for path, new in zip(files, (*renewed.make("switch.example", is_server=True), renewed.ca), strict=True):
        shutil.copy(new, path)
    process.process.send_signal(signal.SIGHUP)
    until_logged(process, "link terminals: certificates read again")
    late = connect(process)
    over_tls(late, renewed)
    late.sign_on("HOST0001")
    assert early.make_terminal().fields[39] == "00"
    assert is_turned_away(connect(process), certificates)

    files[0].write_text("nothing")
    process.process.send_signal(signal.SIGHUP)
    until_logged(process, f"link terminals keeps its certificates: TLS certificate {files[0]}")
    again = connect(process)
    over_tls(again, renewed)
    again.sign_on("HOST0001")
    for link in (early, late):
        assert link.call(link.network("301", "HOST0001")).fields[39] == "00"
    assert process.stop() == 0


def test_a_hang_up_means_nothing_to_a_switch_without_certificates(
    switch_at: SwitchAt, connect: Connect
) -> None:
    process = switch_at().start()
    assert process.process is not None
    process.process.send_signal(signal.SIGHUP)
    link = connect(process)
    link.sign_on("HOST0001")
    assert process.stop() == 0


def test_a_switch_whose_terminal_is_closed_drains(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at()
    ours, its = os.openpty()
    try:
        with process.log.open("a") as log:
            process.process = subprocess.Popen(
                [sys.executable, "-m", "switch"],
                env=process.environment(),
                stdin=its,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  (no threads here)
            )
        assert process.process.stdout is not None
        host, _, port = json.loads(process.process.stdout.readline())["terminals"].rpartition(":")
        process.terminals = (host, int(port))
        process.process.send_signal(signal.SIGHUP)
        link = connect(process)
        link.sign_on("HOST0001")
    finally:
        os.close(ours)
        os.close(its)
    assert link.is_closed()
    assert process.wait() == 0
    assert "draining" in process.log.read_text()


def is_turned_away(link: Link, certificates: Certificates) -> bool:
    """Whether a client of an issuer that is trusted no more gets no word; TLS 1.3 tells it only later."""
    try:
        over_tls(link, certificates)
        link.send(link.network("001", "HOST0001"))
        return link.is_closed()
    except TimeoutError:
        return False
    except OSError:
        return True


def until_logged(process: SwitchProcess, text: str) -> None:
    """Wait for a line of the log."""
    end_s = time.monotonic() + PATIENCE_S
    while text not in process.log.read_text():
        assert time.monotonic() < end_s, process.log.read_text()


@pytest.mark.parametrize("kind", ["missing", "no key", "no certificate", "taken port", "wrong file"])
def test_wrong_tls_is_one_line_and_code_2(
    switch_at: SwitchAt, certificates: Certificates, tmp_path: Path, kind: str
) -> None:
    settings = tls_settings(certificates)
    certificate = Path(str(settings["tls_certificate_file"]))
    told = str(certificate)
    if kind == "missing":
        settings["tls_ca_file"] = told = str(tmp_path / "none.pem")
    elif kind == "no key":
        other = certificates.make("other")
        settings["tls_key_file"] = other[1]
    elif kind == "no certificate":
        certificate.write_text("nothing")
    else:
        link = {"role": "server", "name": "more", "address": "127.0.0.1:0"}
        with socket.create_server(("127.0.0.1", 0)) as taken:
            told = f"terminal port 127.0.0.1:{taken.getsockname()[1]}"
            link["address"] = f"127.0.0.1:{taken.getsockname()[1]}"
            if kind == "wrong file":
                link["address"], told = "0.0.0.0:0", "wants tls"
            (tmp_path / "links.json").write_text(json.dumps({"links": [link]}))
            code, errors = switch_at().run_to_exit(**settings, links_file=tmp_path / "links.json")
        assert (code, told in errors) == (2, True), errors
        return
    code, errors = switch_at().run_to_exit(**settings)
    assert (code, told in errors) == (2, True), errors
    assert len([line for line in errors.splitlines() if line.startswith("switch:")]) == 1
