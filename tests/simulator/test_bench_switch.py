"""`vafa sim switch`: a switch that somebody starts to try a terminal, and its refusals."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator import load_wallet
from simulator.scripts import load_profile
from tools.cli import main

VAFA = Path(sys.executable).with_name("vafa")
SCRIPT = Path(__file__).parents[2] / "docs/examples/simulator/first-sale.toml"
TIMEOUT_S = 60


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals, tmp_path: Path) -> None:
    profile_file = tmp_path / "profile.toml"
    command = [str(VAFA), "sim", "switch", "--port", "0", "--profile", str(profile_file), "--card", "gold"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().split()[-1].rpartition(":")
        profile = load_profile(profile_file)
        assert profile.variables["card"] == load_wallet().card("gold").number
        done = CliRunner().invoke(
            main,
            ["sim", "run", str(SCRIPT), "--target", f"{host}:{port}",
             "--profile", str(profile_file)],
        )  # fmt: skip
        process.send_signal(number)
        told = process.communicate(timeout=TIMEOUT_S)[1]
    assert done.exit_code == 0, done.stderr
    assert (process.returncode, told) == (0, "stopped\n")
    # The switch has gone with it.
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = CliRunner().invoke(main, ["sim", "switch", "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1 and "--port 0 takes a free one" in done.stderr
    nowhere = CliRunner().invoke(
        main, ["sim", "switch", "--port", "0", "--profile", str(tmp_path / "no" / "profile.toml")]
    )
    assert nowhere.exit_code == 1 and "No such file or directory" in nowhere.stderr
    stranger = CliRunner().invoke(main, ["sim", "switch", "--port", "0", "--card", "stranger"])
    assert stranger.exit_code == 1 and "everyday" in stranger.stderr
