"""Parameters that no caller gives by name share a few names: any other would stay on the terminal's heap."""

import ast
from collections.abc import Iterator, Mapping

from simulator.firmware_build.edit import Edit, edited

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def numbered(sources: Mapping[str, str]) -> dict[str, str]:
    """Every module with its parameters by number, where it makes no difference.

    Args:
        sources: all modules: a caller may be in any of them.
    """
    trees = {module: ast.parse(text, module) for module, text in sources.items()}
    calls = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {word.arg for call in calls for word in call.keywords if word.arg}
    # Nobody can tell which names a dictionary of arguments brings.
    open_to_all = {_name_of(call.func) for call in calls if any(word.arg is None for word in call.keywords)}
    return {
        module: edited(text, _edits(trees[module], 0, named, open_to_all)) for module, text in sources.items()
    }


def _name_of(called: ast.expr) -> str:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _edits(place: ast.AST, taken: int, named: set[str], open_to_all: set[str]) -> Iterator[Edit]:
    """`taken`: so many numbers are those of functions around."""
    for node in ast.iter_child_nodes(place):
        last = taken
        if isinstance(node, _Function):
            own = place.name if isinstance(place, ast.ClassDef) and node.name == "__init__" else node.name
            if not open_to_all & {own, node.name}:
                yield from _of(node, taken, named)
            last += len(node.args.posonlyargs) + len(node.args.args)
        yield from _edits(node, last, named, open_to_all)


def _of(function: _Function, taken: int, named: set[str]) -> Iterator[Edit]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    inside = [node for statement in function.body for node in ast.walk(statement)]
    bound_again = set(_bound_by_name(inside))
    for number, argument in enumerate(arguments, taken + 1):
        name = argument.arg
        if name in named or name in bound_again or name in ("self", "cls"):
            continue
        end = argument.col_offset + len(name.encode())
        yield Edit(argument.lineno, argument.col_offset, argument.lineno, end, f"_{number}")
        for node in inside:
            if isinstance(node, ast.Name) and node.id == name:
                yield Edit.of(node, f"_{number}")


def _bound_by_name(nodes: list[ast.AST]) -> Iterator[str]:
    """Names that something within a function may bind for itself."""
    for node in nodes:
        match node:
            case ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.alias():
                yield node.asname or node.name.split(".")[0]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.comprehension(target=target):
                yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name))
            case ast.ClassDef(name=name, body=body):
                yield name
                yield from (
                    inner.id for each in body for inner in ast.walk(each) if isinstance(inner, ast.Name)
                )
