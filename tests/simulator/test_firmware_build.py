"""What the image leaves out, shortens and puts together: it must do what the sources do."""

import ast
import builtins
import json
import re
import subprocess
import symtable
import sys
from pathlib import Path

import pytest

from simulator.firmware_build.bundle import RESIDENT, BundleFault, bundle
from simulator.firmware_build.lean import lean
from simulator.firmware_build.names import short_names
from simulator.firmware_build.rom_names import in_rom, rom_names
from simulator.firmware_build.scopes import global_uses
from simulator.firmware_image import firmware_image, image_sources, readable_again
from simulator.micropython_vm import FIRMWARE, find_vm

# Names that meet, hide each other, or are another's in one place: whatever a wrong scope would mix up.
SHOP = {
    "main": """
import sys
import terminal.till
from terminal.cash import drawer as box
from terminal.till import Till


def start():
    till = Till(3)
    print(till.sell(5), till.sell(2, tip=4), box.size(), box.SIZE, till.lazy())
    print(sys.byteorder)


if __name__ == "__main__":
    start()
""",
    "terminal.__init__": '"""A shop."""\n',
    "terminal.cash.__init__": "",
    "terminal.constant": "def const(value):\n    return value\n",
    "terminal.shapes": """
from typing import Protocol

from terminal.till import Never


class A(Protocol):
    def __call__(self) -> Never: ...
""",
    "terminal.cash.drawer": """
from terminal.constant import const

SIZE = const(7)
OPEN = 'open'
_LIMIT = const(9)
_calls = 0


def size(by=_LIMIT):
    global _calls
    _calls += 1
    total = 0
    for OPEN in range(3):
        total += OPEN
    return (SIZE + by + total, _calls, [_count for _count in range(_calls)], _count())


def _count():
    return len([size for size in (OPEN, OPEN)])


class Base:
    _kept = 4

    def __init__(self, start):
        self._total = start
        self._count = 1

    def _add(self, amount, _count=0):
        self._total += amount + _count
        return self._total
""",
    "terminal.till": """
import os as system

from terminal.cash import drawer
from terminal.cash.drawer import (
    SIZE,
    Base as Drawer,
)
from terminal.constant import const
from terminal.menu import NAMES, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.shapes import A

    Never = "A"

_LIMIT = const(2)
_calls = ["own"]
__all__ = ("Till",)


def size(drawer):
    return drawer


class Till(Drawer):
    def __init__(self, start: "A") -> None:
        super().__init__(start)
        self._more = {"_more": self._kept}

    def sell(self, amount, *, tip=0):
        drawn = [self._add(drawer) for drawer in (amount, tip)]
        return self._add(_LIMIT, _count=SIZE), drawn, size(drawn), drawer.size(by=1), find(_calls, amount)

    def lazy(self):
        from terminal import late
        from terminal.late import told as told_here

        return late.told(), told_here(), NAMES, getattr(self, "_more"), system.sep
""",
    "terminal.menu": """
try:
    from nowhere import find
except ImportError:

    def find(listed, amount):
        size = lambda size: [size] * _LIMIT
        return size(listed), f"{_LIMIT} {amount}"


_LIMIT = 1
NAMES = tuple(name for name in ("a", "b"))
""",
    "terminal.late": """
from terminal.cash import drawer
from terminal.cash.drawer import SIZE, size as how_big
from terminal.menu import NAMES as names


def told():
    def later():
        from terminal.cash import drawer as till

        return till.OPEN, till.size(0)

    def counted(first, second):
        def inner(first, other=second):
            rest = [second for second in (first, other)]
            return rest, second, first

        def outer_only(third):
            return first, second, third

        return inner(3), outer_only(4), inner(other=5, first=6), with_names(**{"name": 7})

    def with_names(name):
        return name

    return counted(1, 2), later(), drawer.size(0), how_big(SIZE), names, drawer.OPEN
""",
}


def laid_out(root: Path, modules: dict[str, str]) -> Path:
    for module, text in modules.items():
        path = root / (module.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def said(root: Path) -> str:
    command = [sys.executable, "-S", "-E", "-B", str(root / "main.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_lean_bundle_does_what_the_sources_do(tmp_path: Path) -> None:
    sources = laid_out(tmp_path / "sources", SHOP)
    made, _ = image_sources(sources)
    assert set(made) == {"main", RESIDENT, "terminal.__init__", "terminal.cash.__init__", "terminal.late"} | {
        "terminal.constant"
    }
    made[RESIDENT] = "const = int;" + made[RESIDENT]
    assert said(laid_out(tmp_path / "made", made)) == said(sources)


def test_what_only_tools_read_and_what_is_a_number_is_gone() -> None:
    till, drawer = (lean(SHOP)[module] for module in ("terminal.till", "terminal.cash.drawer"))
    assert "TYPE_CHECKING" not in till and "Never" not in till and "__all__" not in till
    assert "SIZE" not in till and "_count=7" in till
    assert "const(7)" not in drawer and "_LIMIT = const(9)" in drawer and "import const" not in drawer
    assert till.count("\n") == SHOP["terminal.till"].count("\n")


def test_private_names_are_short_and_shared_where_they_cannot_meet() -> None:
    trees = {module: ast.parse(text) for module, text in SHOP.items()}
    names = short_names(trees)
    assert names == short_names(dict(reversed(trees.items())))
    drawer, till = names["terminal.cash.drawer"], names["terminal.till"]
    for shorts in (drawer, till):
        assert len(set(shorts.values())) == len(shorts)
        assert all(len(short) == 2 for short in shorts.values())
    # `Till` inherits from `Base`: their attributes are one object's.
    assert till["_add"] == drawer["_add"] and till["_kept"] == drawer["_kept"]
    assert drawer["_total"] not in till.values()
    # Names in strings keep their sense, and a constant goes away by itself.
    assert "_more" not in till and "_LIMIT" not in till


def test_a_module_used_as_a_thing_cannot_join() -> None:
    with pytest.raises(BundleFault, match="what is one"):
        bundle(
            {
                "main": "from terminal import two\n",
                "terminal.one": "",
                "terminal.two": "from terminal import one\nprint(one)\n",
            }
        )


def test_the_firmware_asks_for_no_name_that_is_lost() -> None:
    texts, _ = image_sources(FIRMWARE)
    tree = ast.parse(texts[RESIDENT])
    bound = {use.name for use in global_uses(tree) if use.binds} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    missing = {use.name for use in global_uses(tree)} - bound - set(dir(builtins))
    assert missing == {"const"}


def named_globals(table: symtable.SymbolTable) -> set[str]:
    """The module's names as Python's own compiler sees them."""
    inner = table.get_type() != "module"
    found = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if (symbol.is_referenced() and (symbol.is_global() or not inner))
        or (symbol.is_assigned() and not inner)
    }
    return found.union(*map(named_globals, table.get_children()))


def test_a_name_belongs_where_the_compiler_of_python_says() -> None:
    looked_at = 0
    for path in sorted((FIRMWARE / "terminal").rglob("*.py")):
        text = path.read_text()
        tree = ast.parse(text)
        # Annotations mean nothing on the terminal, and imports are looked at by themselves.
        notes = [
            note
            for node in ast.walk(tree)
            for note in (getattr(node, "annotation", None), getattr(node, "returns", None))
            if note is not None
        ]
        left_out = {inner.id for note in notes for inner in ast.walk(note) if isinstance(inner, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                left_out |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        told = named_globals(symtable.symtable(text, path.name, "exec"))
        assert {use.name for use in global_uses(tree)} - left_out == told - left_out, path
        looked_at += len(told)
    assert looked_at > 1000


def test_a_traceback_tells_of_the_sources(tmp_path: Path) -> None:
    broken = dict(SHOP)
    broken["terminal.cash.drawer"] = SHOP["terminal.cash.drawer"].replace(
        "amount + _count", "amount + self._lost"
    )
    sources = laid_out(tmp_path / "sources", broken)
    built = tmp_path / "built"
    firmware_image(sources, built)
    script = tmp_path / "run.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(built)!r})\nimport main\nmain.start()\n")
    done = subprocess.run(
        find_vm().command(script, heap_bytes=100_000), capture_output=True, text=True, timeout=20, check=False
    )
    line = broken["terminal.cash.drawer"].split("\n").index("        self._total += amount + self._lost") + 1
    assert "resident" in done.stderr and "drawer" not in done.stderr
    told = readable_again(done.stderr, built)
    assert f'File "terminal/cash/drawer.py", line {line}, in _add\n' in told
    assert "'Till' object has no attribute '_lost'" in told
    sell = (
        SHOP["terminal.till"]
        .split("\n")
        .index("        drawn = [self._add(drawer) for drawer in (amount, tip)]")
        + 1
    )
    assert f'File "terminal/till.py", line {sell}, in sell\n' in told
    assert json.loads((built / "names.json").read_text())["places"][RESIDENT][0][0] == 1


CHECK_ROM = """
import sys


class Empty:
    pass


empty = Empty()
with open(sys.argv[1]) as file:
    for line in file:
        for name in line.split():
            getattr(empty, name, None)
import micropython

micropython.qstr_info(1)
"""


def test_the_names_that_stand_for_ours_are_in_the_rom_of_the_vm(tmp_path: Path) -> None:
    script, listed = tmp_path / "check.py", tmp_path / "names.txt"
    script.write_text(CHECK_ROM)
    listed.write_text("\n".join([*rom_names(), "nobody_has_this"]))
    command = find_vm().command(script, str(listed), heap_bytes=400_000)
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    on_heap = set(re.findall(r"Q\((.*)\)", done.stdout))
    assert "nobody_has_this" in on_heap and not on_heap & set(rom_names())
    assert len(rom_names()) > 400


def test_a_name_stays_where_somebody_else_knows_it() -> None:
    texts = {
        "main": """
from terminal.shop import Shop


def begin_here():
    Shop().open_up()
""",
        "terminal.__init__": "",
        "terminal.shop": """
import machine


def log(event, **fields):
    print(event, fields)


class Shop:
    told_by_string = 1
    tier_gold = 2

    def open_up(self):
        self.kept_here = getattr(self, "told_by_string") + getattr(self, "tier_" + "gold")
        log("opened", number_sold=self.kept_here)
        machine.lights_on(self.kept_here)
        print(f"{self.shown_inside}")
""",
    }
    names = in_rom(texts, "import main\nmain.begin_here()\n", "main")
    assert {"Shop"} <= set(names)
    assert not {
        "begin_here",
        "told_by_string",
        "tier_gold",
        "number_sold",
        "lights_on",
        "main",
        "shop",
    } & set(names)
    assert not {"shown_inside", "print", "getattr", "self"} & set(names)
    assert len(set(names.values())) == len(names)
    assert set(names.values()) <= set(rom_names())
    used = {word for text in texts.values() for word in re.findall(r"\w+", text)}
    assert not used & set(names.values())
