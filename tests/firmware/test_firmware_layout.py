"""Who may import what in the firmware: hardware in hal/ only, small modules, nothing of the other rooms."""

import ast
from pathlib import Path

import pytest

from simulator.micropython_vm import FIRMWARE

HARDWARE = {"machine", "socket", "termios", "tls", "select", "vfs", "os", "uctypes", "network"}
FOREIGN = {"protocol", "switch", "host_api", "simulator", "tools"}
# What makes a module too large to compile on the terminal's heap.
LONGEST = 300

MODULES = [FIRMWARE / "main.py", *sorted((FIRMWARE / "terminal").rglob("*.py"))]


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FIRMWARE)))
def test_module_keeps_the_rules(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    tree = ast.parse(source)
    roots = {name.partition(".")[0] for name in imported(tree)}
    assert not roots & FOREIGN
    assert len(source.splitlines()) <= LONGEST
    if "hal" in module.relative_to(FIRMWARE).parts:
        above = {name for name in imported(tree) if name.startswith("terminal.")}
        beside = {name for name in above if name.startswith("terminal.hal.")}
        assert above - beside <= {
            "terminal.constant",
            "terminal.loading",
            "terminal.messages.cmac",
            "terminal.security.stored_slot",
        }
        return
    assert not roots & HARDWARE
    opened = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "open"]
    assert not opened


def test_no_host_name_stands_in_the_installer() -> None:
    script = (FIRMWARE / "rig" / "install_micropython.sh").read_text(encoding="utf-8")
    assert "http:" not in script and "https:" not in script
