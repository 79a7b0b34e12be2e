"""Short names for what is private in the firmware: a name that is loaded stays on the terminal's heap.

MicroPython interns every name of the modules it loads and never lets go of one; what counts is how many there
are. A private name (one underscore) means something only in its module, and an attribute also in the classes
that inherit from each other. So names that can't meet share a short one. `restored` reads a traceback back.
"""

import ast
import io
import re
import string
import tokenize
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count, product

Names = dict[str, dict[str, str]]

_PRIVATE = re.compile(r"_[A-Za-z][A-Za-z0-9_]*")
_WORD = re.compile(r"\w+")
_LETTERS = string.ascii_letters
_PLACE = re.compile(r'File "([^"]+)", line (\d+)')


def short_names(trees: Mapping[str, ast.Module]) -> Names:
    """By module what its private names become, the same for the same sources.

    Args:
        trees: every module that can run beside the others, by dotted name.
    """
    usages = {module: _Usage(tree) for module, tree in trees.items()}
    families = _families(usages)
    kept = {name for usage in usages.values() for name in usage.told}
    defined = {name for usage in usages.values() for name in usage.defined} - kept
    scopes: dict[str, set[str]] = defaultdict(set)
    for module, usage in usages.items():
        for name in usage.names & defined:
            scopes[name].add("module " + module)
            if name in usage.attributes:
                scopes[name].add("family " + families[module])
            if name in usage.foreign:
                scopes[name] |= {"family " + family for family in families.values()}
    reserved = {name for usage in usages.values() for name in usage.names} | kept
    chosen = _coloured(scopes, reserved)
    return {
        module: {name: chosen[name] for name in sorted(usage.names) if name in chosen}
        for module, usage in usages.items()
    }


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A source with its names replaced, line by line as before."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in names:
            line, at = token.start
            old = lines[line - 1]
            lines[line - 1] = old[:at] + names[token.string] + old[token.end[1] :]
    return "".join(lines)


def restored(text: str, names: Names, places: Mapping[str, Sequence[tuple[int, str]]]) -> str:
    """What a terminal said of its end, with the names, paths and lines of the sources.

    Args:
        names: by module, what stands in the image to what it was.
        places: by module that others have joined, the lines where these begin.
    """
    lines = []
    module = ""
    for line in text.splitlines(keepends=True):
        place = _PLACE.search(line)
        shown = line
        if place:
            module, number = place[1], int(place[2])
            tail = line[place.end() :]
            if module in places:
                begins = places[module]
                begin, module = begins[max(bisect_right(begins, (number, "~")) - 1, 0)]
                number -= begin - 1
            if module in names:
                path = module.replace(".", "/") + ".py"
                shown = f'{line[: place.start()]}File "{path}", line {number}'
                shown += _with_words(tail, names[module])
            lines.append(shown)
            continue
        if line.startswith("Traceback"):
            module = ""
        lines.append(_with_words(line, names.get(module, {})))
    return "".join(lines)


def _with_words(line: str, known: Mapping[str, str]) -> str:
    return _WORD.sub(lambda word: known.get(word[0], word[0]), line)


class _Usage(ast.NodeVisitor):
    """The private names of one module.

    `attributes` belong to objects, `foreign` ones to objects that a method can't call its own, `told` stand
    in a string, where nobody can tell what they are for.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.names: set[str] = set()
        self.defined: set[str] = set()
        self.attributes: set[str] = set()
        self.foreign: set[str] = set()
        self.told: set[str] = set()
        self.bases: set[str] = set()
        self.origins: dict[str, str] = {}
        self._classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        self.visit(tree)

    def _meet(self, name: str, *more: set[str]) -> None:
        if _PRIVATE.fullmatch(name):
            for kind in (self.names, *more):
                kind.add(name)

    def visit_Assign(self, node: ast.Assign) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="const"))):
                self.told.add(name)  # the compiler does away with it: it needs no short one
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        stored = isinstance(node.ctx, ast.Store)
        self._meet(node.id, *([self.defined] if stored else []))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = node.value
        own = isinstance(owner, ast.Name) and owner.id in {"self", "cls", *self._classes}
        own = own or (
            isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
        )
        stored = isinstance(node.ctx, ast.Store)
        kinds = [self.attributes, *([] if own else [self.foreign]), *([self.defined] if stored else [])]
        self._meet(node.attr, *kinds)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._meet(node.name, self.defined)
        self.bases |= {base.id for base in node.bases if isinstance(base, ast.Name)}
        for name in _bound(node.body):
            self._meet(name, self.defined, self.attributes)
        self.generic_visit(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._meet(node.name, self.defined)
        self.generic_visit(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _visit_function  # noqa: N815

    def visit_arg(self, node: ast.arg) -> None:
        # A caller may give it by name, from any module.
        self._meet(node.arg, self.defined, self.attributes, self.foreign)

    def visit_keyword(self, node: ast.keyword) -> None:
        self._meet(node.arg or "", self.attributes, self.foreign)
        self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._meet(alias.name)
            self._meet(alias.asname or "")
            self.origins[alias.asname or alias.name] = node.module or ""

    def visit_Import(self, node: ast.Import) -> None:
        # A module is found by its name, which is none of ours to change.
        for alias in node.names:
            self.told |= {alias.asname or alias.name, *alias.name.split(".")}

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            self._meet(name)

    visit_Nonlocal = visit_Global  # noqa: N815

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        # The tokenizer of Python 3.11 sees no names in it.
        self.told |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        self.told |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # what explains the code does nothing
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.told |= {word for word in _WORD.findall(node.value) if _PRIVATE.fullmatch(word)}


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _families(usages: Mapping[str, _Usage]) -> dict[str, str]:
    """By module the name of those whose classes inherit from each other."""
    family = {module: module for module in usages}
    for module, usage in usages.items():
        for base in usage.bases:
            origin = usage.origins.get(base, module)
            if origin in family and family[origin] != family[module]:
                old, new = sorted((family[origin], family[module]), reverse=True)
                family = {each: new if of == old else of for each, of in family.items()}
    return family


def _coloured(scopes: Mapping[str, Collection[str]], reserved: Collection[str]) -> dict[str, str]:
    """A short name for each: one that no other has with which it shares a scope."""
    taken: dict[str, set[str]] = defaultdict(set)
    chosen = {}
    for name in sorted(scopes, key=lambda each: (-len(scopes[each]), each)):
        for short in _shorts(reserved):
            if not any(short in taken[scope] for scope in scopes[name]):
                break
        chosen[name] = short
        for scope in scopes[name]:
            taken[scope].add(short)
    return chosen


def _shorts(reserved: Collection[str]) -> Iterator[str]:
    for length in count(1):
        for letters in product(_LETTERS, repeat=length):
            name = "_" + "".join(letters)
            if name not in reserved:
                yield name
