"""Names that a VM has in its ROM stand in place of ours: those would lie on the terminal's heap for good.

MicroPython keeps every name that it meets, and finds it among those of its own modules before it takes heap
for it (py/qstr.c). What a name says to people `names.json` keeps. On a VM that lacks one it costs what
any other costs, so the same image runs there too.
"""

import ast
import builtins
import keyword
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from simulator.firmware_build.scopes import global_uses

_ROM = Path(__file__).with_name("rom_names.txt")
_WORD = re.compile(r"[A-Za-z_]\w*")
# Attributes that mean something on objects of ours as well: of exceptions, generators and streams.
_ATTRIBUTES = """
args close errno fileno flush ioctl message pend_throw read readinto readline seek send tell throw value write
"""
# Words of the VM's own messages: who reads a traceback must not take them for names.
_SPOKEN = """
allocation argument arguments attribute failed function index item key memory module name object state string
type
"""


def rom_names() -> list[str]:
    """The names that MicroPython 1.25 has in ROM on Unix, those that could stand for others."""
    return [name for name in _listed() if not keyword.iskeyword(name) and name not in dir(builtins)]


def _listed() -> list[str]:
    return _ROM.read_text(encoding="ascii").split()


def in_rom(texts: Mapping[str, str], outside: str, first: str) -> dict[str, str]:
    """What each name of ours becomes that may have another, the same for the same sources.

    Args:
        texts: all modules of the image by dotted name.
        outside: the sources of what loads the image, and asks it for names.
        first: the module whose names count most, as they are always there.
    """
    trees = {module: ast.parse(text) for module, text in texts.items()}
    ours = {module.removesuffix(".__init__") for module in trees}
    words = {word for tree in trees.values() for node in ast.walk(tree) for word in _words(node)}
    parts = {part for module in ours for part in module.split(".")}
    kept = parts | set(_WORD.findall(outside))
    prefixes: set[str] = set()
    defined: set[str] = set()
    for tree in trees.values():
        met = _Met(tree, ours)
        kept |= met.kept
        prefixes |= met.prefixes
        defined |= met.defined
    rom = rom_names()
    kept |= {*_listed(), *dir(builtins)}
    wanted = {name for name in defined - kept if not any(map(name.startswith, ("__", *prefixes)))}
    used = words | parts | {*_ATTRIBUTES.split(), *_SPOKEN.split()}
    used |= {word for tree in trees.values() for text in _strings(tree) for word in _WORD.findall(text)}
    free = [name for name in rom if name not in used]
    lasting = {module: set(_lasting(tree)) for module, tree in trees.items()}
    places = Counter(word for words in lasting.values() for word in words)
    always = lasting.get(first, set())
    ranked = sorted(
        wanted & set(places), key=lambda name: (name not in always, -places[name], -len(name), name)
    )
    return dict(zip(ranked, free, strict=False))


def _lasting(tree: ast.Module) -> Iterator[str]:
    """Names that the compiler keeps: all but those of variables within functions."""
    for use in global_uses(tree):
        yield use.name
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=body):
                yield name
                yield from (
                    inner.id for each in body for inner in ast.walk(each) if isinstance(inner, ast.Name)
                )
            case ast.alias(name=name, asname=other):
                yield from (name, other or name)


def _words(node: ast.AST) -> Iterator[str]:
    """The names in a node itself."""
    for field in ("id", "attr", "arg", "name", "asname", "module"):
        word = getattr(node, field, None)
        if isinstance(word, str):
            yield from word.split(".")
    if isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names


def _strings(tree: ast.Module) -> Iterator[str]:
    """All strings that mean something on the terminal: none that explains, and no annotation."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.AnnAssign(target=target, value=value):
                pending += [target, *([value] if value else [])]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                pending += [*node.body, *node.decorator_list, *node.args.defaults]
                pending += [each for each in node.args.kw_defaults if each]
            case _:
                pending += ast.iter_child_nodes(node)


class _Met:
    """What one module says of names.

    `defined` are those that it makes; `kept` those that must stay: others know them, or a string tells them;
    `prefixes` are strings to which the end of a name may be added.
    """

    def __init__(self, tree: ast.Module, ours: set[str]) -> None:
        self.defined: set[str] = set()
        self.kept: set[str] = set()
        self.prefixes: set[str] = set()
        self._foreign = False
        self._strangers: set[str] = set()
        self._ours = ours
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._note_import(node)
        taking_all = {
            node.name
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.args.kwarg
        }
        for node in nodes:
            self._note(node, taking_all)
        self._note_strings(tree)

    def _is_ours(self, module: str) -> bool:
        return module in self._ours or module.partition(".")[0] in self._ours

    def _note_import(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if not self._is_ours(alias.name):
                        self._strangers.add(alias.asname or alias.name.split(".")[0])
                        self.kept |= {alias.asname or alias.name, *alias.name.split(".")}
                        self._foreign |= not _is_plain(alias.name)
            case ast.ImportFrom(module=str(module), names=names) if not self._is_ours(module):
                self.kept |= {each for alias in names for each in (alias.name, alias.asname or "")}
                self.kept |= set(module.split("."))
                self._foreign |= not _is_plain(module)

    def _note(self, node: ast.AST, taking_all: set[str]) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.defined.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                self.defined.add(name)
            case ast.alias(asname=str(name)):
                self.defined.add(name)
            case ast.Attribute(value=owner, attr=name, ctx=context):
                if isinstance(owner, ast.Name) and owner.id in self._strangers:
                    self.kept.add(name)
                elif isinstance(context, ast.Store):
                    self.defined.add(name)
                if self._foreign:  # it may be an attribute of something that this board's own modules made
                    self.kept.add(name)
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), keywords=given):
                if called in taking_all or called in ("log", "_log") or self._foreign:
                    self.kept |= {word.arg for word in given if word.arg}

    def _note_strings(self, tree: ast.Module) -> None:
        for text in _strings(tree):
            if "\n" not in text:  # as catalogues have
                self.kept |= set(_WORD.findall(text))
            if text.endswith("_") and _WORD.fullmatch(text):
                self.prefixes.add(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                # The tokenizer of Python 3.11 sees no names in it.
                self.kept |= {word for inner in ast.walk(node) for word in _words(inner)}


_PLAIN = frozenset(
    {
        "array",
        "asyncio",
        "binascii",
        "collections",
        "cryptolib",
        "deflate",
        "errno",
        "ffi",
        "gc",
        "hashlib",
        "io",
    }
    | {"json", "micropython", "os", "select", "socket", "struct", "sys", "time", "tls", "uctypes", "vfs"}
)


def _is_plain(module: str) -> bool:
    """Whether it is a module that MicroPython has everywhere, and not one of a board's maker."""
    return module in _PLAIN
