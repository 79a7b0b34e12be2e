"""The published vectors, read from tests/vectors/security.json."""

import json
from functools import cache
from pathlib import Path
from typing import cast

Vector = dict[str, object]

_FILE = Path(__file__).resolve().parents[2] / "vectors" / "security.json"


@cache
def _document() -> dict[str, object]:
    return cast("dict[str, object]", json.loads(_FILE.read_text("utf-8")))


def vectors(section: str) -> list[Vector]:
    """The vectors of one section."""
    return rows(_document(), section)


def rows(vector: Vector, name: str) -> list[Vector]:
    """A list of vectors within a vector, empty where there is none."""
    return cast("list[Vector]", vector.get(name, []))


def text(vector: Vector, name: str) -> str:
    """A string of a vector."""
    return cast("str", vector[name])


def octets(vector: Vector, name: str) -> bytes:
    """A hexadecimal string of a vector as bytes."""
    return bytes.fromhex(text(vector, name))


def number(vector: Vector, name: str) -> int:
    """A number of a vector."""
    return cast("int", vector[name])


def source(vector: Vector) -> str:
    """Name of a vector in a test's id."""
    return text(vector, "source").split(";", maxsplit=1)[0]
