"""Which names of a source belong to its module, and which to a function or class in it."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Use(NamedTuple):
    """A place where a name of the module stands: a name, a definition, or a `global` statement.

    `binds`: it is given its value there.
    """

    name: str
    node: ast.Name | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Global
    binds: bool


class _Scope(NamedTuple):
    names: frozenset[str]
    shared: frozenset[str]  # declared global
    is_class: bool


def global_uses(tree: ast.Module) -> list[Use]:
    """All of them but imports; names that nothing in the module binds are among them, as of builtins."""
    return list(_uses(tree.body, ()))


def _uses(
    nodes: list[ast.stmt] | list[ast.expr] | list[ast.AST], scopes: tuple[_Scope, ...]
) -> Iterator[Use]:
    for node in nodes:
        yield from _of(node, scopes)


def _of(node: ast.AST, scopes: tuple[_Scope, ...]) -> Iterator[Use]:
    match node:
        case ast.Name():
            if _is_global(node.id, scopes):
                yield Use(node.id, node, not isinstance(node.ctx, ast.Load))
        case ast.Global():
            for name in node.names:
                yield Use(name, node, binds=False)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            yield from _function(node, scopes)
        case ast.ClassDef():
            if _is_global(node.name, scopes):
                yield Use(node.name, node, binds=True)
            yield from _uses(
                [*node.decorator_list, *node.bases, *(word.value for word in node.keywords)], scopes
            )
            yield from _uses(node.body, (*scopes, _scope(node.body, is_class=True)))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            first, *others = node.generators
            yield from _of(first.iter, scopes)
            targets = frozenset(_stored([each.target for each in node.generators]))
            inner = (*scopes, _Scope(targets, frozenset(), is_class=False))
            yield from _uses([first.target, *first.ifs, *others], inner)
            yield from _uses([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)
        case _:
            yield from _uses(list(ast.iter_child_nodes(node)), scopes)


def _function(node: _Function, scopes: tuple[_Scope, ...]) -> Iterator[Use]:
    arguments = node.args
    outside: list[ast.AST] = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
    body: list[ast.stmt] | list[ast.expr]
    if isinstance(node, ast.Lambda):
        body = [node.body]
    else:
        if _is_global(node.name, scopes):
            yield Use(node.name, node, binds=True)
        outside += node.decorator_list  # annotations mean nothing on the terminal
        body = node.body
    yield from _uses(outside, scopes)
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [each for each in (arguments.vararg, arguments.kwarg) if each]
    own = _scope(body, is_class=False)
    names = own.names | {each.arg for each in named}
    yield from _uses(body, (*scopes, own._replace(names=names)))


def _scope(body: list[ast.stmt] | list[ast.expr], *, is_class: bool) -> _Scope:
    nodes = list(_inside(body))
    shared = frozenset(name for node in nodes if isinstance(node, ast.Global) for name in node.names)
    names = set(_stored(nodes))
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return _Scope(frozenset(names - shared), shared, is_class)


def _inside(body: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """The nodes of one scope; of what begins another only the node itself, and what it assigns outside."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _Comprehension):
            pending += [inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
        elif not isinstance(node, _Function | ast.ClassDef):
            pending += ast.iter_child_nodes(node)


def _stored(nodes: list[ast.AST] | list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node) if isinstance(node, ast.Tuple | ast.List | ast.Starred) else [node]:
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                yield inner.id


def _is_global(name: str, scopes: tuple[_Scope, ...]) -> bool:
    for at, scope in enumerate(reversed(scopes)):
        if scope.is_class and at:
            continue
        if name in scope.shared:
            return True
        if name in scope.names:
            return False
    return True
