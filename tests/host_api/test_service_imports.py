"""Services use each other in one direction: no circle of folders, whatever part of which file imports."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

from host_api import services

_FOLDER = Path(services.__file__).parent
_PREFIX = "host_api.services."


def _used_by(service: str) -> set[str]:
    names = {
        name
        for path in (_FOLDER / service).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
        if name.startswith(_PREFIX)
    }
    return {name.removeprefix(_PREFIX).partition(".")[0] for name in names} - {service}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_services_import_each_other_in_one_direction() -> None:
    folders = [path.parent.name for path in _FOLDER.glob("*/service.py")]
    graph = {name: _used_by(name) for name in folders}
    assert len(graph) > 30
    assert graph["cards"] > {"members"}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
