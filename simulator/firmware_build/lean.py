"""Sources without what a terminal needn't keep on its heap: imports for type checkers, names of constants.

`mpy-cross` puts the value of a private constant in its place and drops its name; a public one it keeps, for
another module may ask. Here all modules are known, so theirs go the same way. Lines stay where they are.
"""

import ast
from collections.abc import Mapping

from simulator.firmware_build.edit import Edit, edited

_NOTHING = "pass"


def lean(sources: Mapping[str, str]) -> dict[str, str]:
    """Every module that can run, by dotted name, as the terminal gets it.

    Args:
        sources: all of them: a public constant is gone from its module.
    """
    trees = {module: ast.parse(text, module) for module, text in sources.items()}
    asked = {"main"}.union(*(_asked(tree) for tree in trees.values()))
    constants = {module: {} if module in asked else _constants(tree) for module, tree in trees.items()}
    return {
        module: edited(text, _Leaner(module, trees[module], constants).edits)
        for module, text in sources.items()
        if not _cannot_run(trees[module])
    }


def _asked(tree: ast.Module) -> set[str]:
    """The modules that are imported by a dotted name and then used: they may be asked for anything."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = [alias for node in imported for alias in node.names]
    return {alias.name for alias in names if (alias.asname or alias.name.split(".")[0]) in used}


def _cannot_run(tree: ast.Module) -> bool:
    """Whether it wants what MicroPython has not: shapes for type checkers."""
    return any(isinstance(node, ast.ImportFrom) and node.module == "typing" for node in tree.body)


def _constants(tree: ast.Module) -> dict[str, int]:
    """The public constants of a module that are plain numbers and are bound once."""
    bound = [
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    found = {}
    for statement in tree.body:
        name, value = _constant(statement)
        if (
            name.isupper()
            and not name.startswith("_")
            and bound.count(name) == 1
            and isinstance(value, ast.Constant)
        ):
            number = value.value
            if isinstance(number, int) and not isinstance(number, bool):
                found[name] = number
    return found


def _constant(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Name and value of `NAME = const(value)`, or of `NAME = value`."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="const"), args=[value])):
            return name, value
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value):
            return name, value
    return "", None


def _is_idle(statement: ast.stmt) -> bool:
    """Whether it means something to tools only."""
    match statement:
        case ast.Assign(targets=[ast.Name(id="TYPE_CHECKING" | "__all__")]):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
            return True
    return False


class _Leaner:
    """What changes in one module.

    Args:
        module: its dotted name.
        tree: its source.
        constants: the public constants of all modules.
    """

    def __init__(self, module: str, tree: ast.Module, constants: Mapping[str, Mapping[str, int]]) -> None:
        self._constants = constants
        idle = [node for node in tree.body if _is_idle(node)]
        hidden = {id(inner) for node in idle for inner in ast.walk(node)}
        self._nodes = [node for node in ast.walk(tree) if id(node) not in hidden]
        self._imports = [node for node in self._nodes if isinstance(node, ast.ImportFrom) and not node.level]
        self._values = dict(constants[module])
        self._modules: dict[str, str] = {}
        own = [node for node in tree.body if _constant(node)[0] in self._values]
        self.edits = [Edit.of(node, _NOTHING) for node in (*idle, *own)]
        self._note_imports()
        self._put_numbers()
        self._drop_imports()

    def _note_imports(self) -> None:
        """Which names stand for numbers and for modules of ours."""
        names = [node for node in self._nodes if isinstance(node, ast.Name)]
        bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        bound |= {node.arg for node in self._nodes if isinstance(node, ast.arg)}
        for node in self._imports:
            origin = node.module or ""
            for alias in node.names:
                local = alias.asname or alias.name
                if local in bound:
                    continue
                if alias.name in self._constants.get(origin, {}):
                    self._values[local] = self._constants[origin][alias.name]
                elif f"{origin}.{alias.name}" in self._constants:
                    self._modules[local] = f"{origin}.{alias.name}"

    def _put_numbers(self) -> None:
        served: set[int] = set()
        for node in self._nodes:
            match node:
                case ast.Name(id=name, ctx=ast.Load()) if name in self._values:
                    self.edits.append(Edit.of(node, f"{self._values[name]}"))
                case ast.Attribute(value=ast.Name(id=name) as owner, attr=attribute) if name in self._modules:
                    value = self._constants[self._modules[name]].get(attribute)
                    if value is not None:
                        self.edits.append(Edit.of(node, f"{value}"))
                        served.add(id(owner))
        self._asked = {
            node.id for node in self._nodes if isinstance(node, ast.Name) and id(node) not in served
        }

    def _drop_imports(self) -> None:
        """Those of numbers, of modules that gave nothing else, and of `const`, which the compiler knows."""
        for node in self._imports:
            kept = [alias for alias in node.names if not self._is_needless(node.module or "", alias)]
            if len(kept) < len(node.names):
                names = ", ".join(f"{a.name} as {a.asname}" if a.asname else a.name for a in kept)
                self.edits.append(Edit.of(node, f"from {node.module} import {names}" if kept else _NOTHING))

    def _is_needless(self, origin: str, alias: ast.alias) -> bool:
        local = alias.asname or alias.name
        if local in self._modules:
            return bool(self._constants[self._modules[local]]) and local not in self._asked
        return local in self._values or (origin, local) == ("terminal.constant", "const")
