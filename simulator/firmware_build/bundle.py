"""Modules that a terminal holds together, as one: each module of its own takes some 350 bytes of heap.

What `main` imports when it starts goes into the module `resident`, in the order in which it would have run.
What is imported later, inside a function or by its name, finds it there. Of that, what comes and goes
together is one module too, under the name of the one that brings it: a reader's driver, the printer's.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import count
from typing import NamedTuple

from simulator.firmware_build.edit import Edit, edited
from simulator.firmware_build.scopes import Use, global_uses

RESIDENT = "resident"
START = "main"
_NOTHING = "pass"
# The engine loads flows by their names and lets go of them.
_BY_NAME = ("terminal.transactions.flows",)
# Each with what it imports when it is loaded; what two of them want is in `resident`.
GROUPS = (
    "terminal.system.chip_visit",
    "terminal.system.watch_contactless",
    "terminal.system.watch_scanner",
    "terminal.system.card_meeting",
    "terminal.screens.typesetting",
    "terminal.devices.escpos.printer",
    "terminal.screens.receipt",
)

Identity = tuple[str, str]  # a module, and a name that it binds


class BundleFault(ValueError):  # noqa: N818
    """The modules can't be one; the text says why."""


class Bundle(NamedTuple):
    """All modules of the image: `texts` by dotted name, among them `resident`.

    `places` are, by the name of a module that others have joined, the lines where these begin, with their
    names; `names` what has another name there: by module, the new ones to the old ones.
    """

    texts: dict[str, str]
    places: dict[str, list[tuple[int, str]]]
    names: dict[str, dict[str, str]]


def bundle(sources: Mapping[str, str]) -> Bundle:
    """Put together what belongs together. Raises BundleFault."""
    made = Bundle(dict(sources), {}, {})
    trees = {module: ast.parse(text) for module, text in sources.items()}
    order = [module for module in _as_they_run(trees, START) if module != START and _may_join(module)]
    for module in (START, *order):
        del trees[module]
    orders = {}
    for root in GROUPS:
        # What is in a group within a group is in the inner one.
        apart = {module: tree for module, tree in trees.items() if module == root or module not in GROUPS}
        orders[root] = [each for each in _as_they_run(apart, root) if _may_join(each)]
    wanted = Counter(module for group in orders.values() for module in group)
    _join(made, RESIDENT, [*order, *(module for module in wanted if wanted[module] > 1)])
    for root, group in orders.items():
        _join(made, root, [module for module in group if wanted[module] == 1])
    return made


def _join(made: Bundle, target: str, order: list[str]) -> None:
    """Put the modules of `order` into the one called `target`, which may be one of them."""
    if not set(order) - {target}:
        return
    names = _Names({module: _parsed(made.texts[module]) for module in order}, made.texts.values(), target)
    for module, text in made.texts.items():
        if module in order or not _imported(text).isdisjoint(order):
            made.texts[module] = edited(text, _Joined(module, _parsed(text), order, names, target).edits)
    places, whole, line = [], [], 1
    for module in order:
        places.append((line, module))
        text = made.texts.pop(module).rstrip("\n") + "\n"
        whole.append(text)
        line += text.count("\n")
    made.texts[target] = "".join(whole)
    made.places[target] = places
    for module in order:
        changed = {names.finals[module, name]: name for name in names.bound[module]}
        made.names[module] = {new: old for new, old in changed.items() if new != old}


# Most modules are the same from group to group.
@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _imported(text: str) -> frozenset[str]:
    """What a module imports anywhere in it, and what may be modules among the names of `from` imports."""
    return frozenset(
        name
        for node in ast.walk(_parsed(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _wanted(node)
    )


@cache
def _words(text: str) -> frozenset[str]:
    """Every name in a module."""
    return frozenset(
        word
        for node in ast.walk(_parsed(text))
        for word in (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname"))
        if isinstance(word, str)
    )


def _may_join(module: str) -> bool:
    return not module.endswith(".__init__") and not module.startswith(_BY_NAME)


def _as_they_run(trees: Mapping[str, ast.Module], first: str) -> list[str]:
    """The modules that run when `first` is imported, in the order in which they end."""
    ended: list[str] = []
    begun: set[str] = set()

    def run(module: str) -> None:
        if module in begun or module not in trees:
            return
        begun.add(module)
        for statement in _top_level(trees[module]):
            for wanted in _wanted(statement):
                run(wanted)
        ended.append(module)

    run(first)
    return ended


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run with the module, also those within `try` and `if`."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            yield node
        pending = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)] + pending


def _wanted(statement: ast.AST) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        yield statement.module or ""
        yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


class _Names:
    """What each module-level name of the modules that join is called in `target`, whose own names stay.

    `origins` tells for each module and name whose it is, `modules` which names are modules that joined,
    `finals` the new name.
    """

    def __init__(self, joining: Mapping[str, ast.Module], texts: Iterable[str], target: str) -> None:
        self._joining = joining
        self._target = target
        self.bound = {module: _bound(tree) for module, tree in joining.items()}
        self.origins: dict[Identity, Identity] = {}
        self.modules: dict[Identity, str] = {}
        for module, tree in joining.items():
            self._note(module, tree)
        self.finals: dict[Identity, str] = {}
        self._choose(frozenset().union(*map(_words, texts)))

    def _note(self, module: str, tree: ast.Module) -> None:
        for statement in _top_level(tree):
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            for alias in statement.names:
                local = alias.asname or alias.name
                if isinstance(statement, ast.Import):
                    if self.bound[module][local] == 1 and "." not in alias.name:
                        self.origins[module, local] = ("", alias.name)
                elif f"{statement.module}.{alias.name}" in self._joining:
                    self.modules[module, local] = f"{statement.module}.{alias.name}"
                elif statement.module and statement.module in self._joining:
                    self.origins[module, local] = (statement.module, alias.name)
                elif self.bound[module][local] == 1:
                    self.origins[module, local] = (statement.module or "", alias.name)

    def identity(self, module: str, name: str) -> Identity:
        """Who made what a module calls by a name."""
        found = (module, name)
        while found in self.origins and found[0] in self._joining:
            found = self.origins[found]
        return found

    def _choose(self, words: frozenset[str]) -> None:
        fresh = (f"_{number}" for number in count(1) if f"_{number}" not in words)
        called: dict[Identity, set[str]] = defaultdict(set)
        builtin: set[str] = set()
        for module, tree in self._joining.items():
            for name in self.bound[module]:
                if (module, name) not in self.modules:
                    called[self.identity(module, name)].add(name)
            for node in ast.walk(tree):
                match node:
                    case ast.Attribute(value=ast.Name(id=local), attr=name) if (
                        module,
                        local,
                    ) in self.modules:
                        called[self.identity(self.modules[module, local], name)].add(f"{local}.{name}")
            builtin |= {use.name for use in global_uses(tree) if use.name not in self.bound[module]}
        taken = set(builtin)
        finals: dict[Identity, str] = {}
        # Whoever loads a module by its name asks it for its own.
        for identity, wishes in sorted(called.items(), key=lambda item: item[0][0] != self._target):
            (name, *others) = sorted(wishes)
            is_plain = not others and name == identity[1] and name not in taken
            finals[identity] = name if is_plain else next(fresh)
            taken.add(finals[identity])
        for module in self._joining:
            for name in self.bound[module]:
                if (module, name) in self.modules:
                    self.finals[module, name] = name
                else:
                    self.finals[module, name] = finals[self.identity(module, name)]

    def final(self, module: str, name: str) -> str:
        """What a name of a module that joined is called. Raises BundleFault where it has none."""
        if (module, name) not in self.finals:
            raise BundleFault(f"{module} has no {name}")
        return self.finals[module, name]


def _bound(tree: ast.Module) -> Counter[str]:
    """How often each module-level name is bound."""
    found: Counter[str] = Counter()
    for statement in _top_level(tree):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.split(".")[0] for alias in statement.names)
    found.update(use.name for use in global_uses(tree) if use.binds)
    return found


class _Joined:
    """What changes in one module, whether it joins or stays."""

    def __init__(self, module: str, tree: ast.Module, order: list[str], names: _Names, target: str) -> None:
        self.edits: list[Edit] = []
        self._module = module
        self._names = names
        self._target = target
        self._joins = module in order
        self._joined = set(order)
        self._top = set(map(id, _top_level(tree)))
        uses = global_uses(tree)
        if self._joins:
            for use in uses:
                self._rename(use)
        self._members(tree, uses)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._import(node)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                self._import_from(node)

    def _rename(self, use: Use) -> None:
        final = self._names.finals.get((self._module, use.name), use.name)
        if final == use.name:
            return
        node = use.node
        match node:
            case ast.Name():
                self.edits.append(Edit.of(node, final))
            case ast.Global():
                if len(node.names) > 1:
                    raise BundleFault(f"{self._module}: one name in a global statement, please")
                self.edits.append(Edit.of(node, f"global {final}"))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                words = {ast.FunctionDef: "def ", ast.AsyncFunctionDef: "async def ", ast.ClassDef: "class "}
                start = node.col_offset + len(words[type(node)])
                self.edits.append(
                    Edit(node.lineno, start, node.lineno, start + len(use.name.encode()), final)
                )

    def _members(self, tree: ast.Module, uses: list[Use]) -> None:
        """`module.name`, where the module has joined."""
        self._asked: dict[tuple[str, str], set[str]] = defaultdict(set)
        holders = {id(use.node): use.name for use in uses if isinstance(use.node, ast.Name)}
        functions = [
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        for place in (tree, *functions):
            imports = ast.walk(place) if place is not tree else _top_level(tree)
            for node in imports:
                if not isinstance(node, ast.ImportFrom):
                    continue
                for alias in node.names:
                    full, local = f"{node.module}.{alias.name}", alias.asname or alias.name
                    if full in self._joined:
                        self._replace_members(place, full, local, holders if place is tree else None)

    def _replace_members(self, place: ast.AST, full: str, local: str, holders: dict[int, str] | None) -> None:
        owned = set()
        for node in ast.walk(place):
            match node:
                case ast.Attribute(value=ast.Name(id=name) as owner, attr=attribute, ctx=ast.Load()):
                    if name == local and (holders is None or id(owner) in holders):
                        owned.add(id(owner))
                        self._asked[full, local].add(attribute)
                        self.edits.append(Edit.of(node, self._member(full, local, attribute, holders)))
        for node in ast.walk(place):
            if isinstance(node, ast.Name) and node.id == local and id(node) not in owned:
                if holders is not None and id(node) not in holders:
                    continue
                raise BundleFault(
                    f"{self._module}: what is {local} here, other than a module with names in it?"
                )

    def _member(self, full: str, local: str, attribute: str, holders: dict[int, str] | None) -> str:
        if self._joins and holders is not None:
            return self._names.final(full, attribute)
        return f"{local}_{attribute}"

    def _import(self, node: ast.Import) -> None:
        inside = self._joins and id(node) in self._top
        shown = []
        for alias in node.names:
            local = alias.asname or alias.name
            final = self._names.finals.get((self._module, local), local) if inside else local
            if alias.name not in self._joined:
                shown.append(_as(alias.name, final))
            elif not inside and not alias.asname:
                shown.append(self._target)
            elif alias.asname:
                raise BundleFault(f"{self._module}: {alias.name} can't have another name")
        self.edits.append(Edit.of(node, "import " + ", ".join(shown) if shown else _NOTHING))

    def _import_from(self, node: ast.ImportFrom) -> None:
        """Nothing is imported within the one module; what stays gets from it what has joined."""
        inside = self._joins and id(node) in self._top
        wanted: dict[str, list[str]] = defaultdict(list)
        for alias in node.names:
            local = alias.asname or alias.name
            full = f"{node.module}.{alias.name}"
            if full in self._joined:
                for attribute in sorted(self._asked[full, local]) if not inside else ():
                    wanted[self._target].append(
                        _as(self._names.final(full, attribute), f"{local}_{attribute}")
                    )
            elif node.module in self._joined:
                if not inside:
                    wanted[self._target].append(_as(self._names.final(node.module, alias.name), local))
            else:
                final = self._names.finals.get((self._module, local), local) if inside else local
                wanted[node.module or ""].append(_as(alias.name, final))
        text = "; ".join(f"from {module} import {', '.join(names)}" for module, names in wanted.items())
        self.edits.append(Edit.of(node, text or _NOTHING))


def _as(name: str, local: str) -> str:
    return name if name == local else f"{name} as {local}"
