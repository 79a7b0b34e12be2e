"""Specs by name and from files: TOML and JSON of our schema, and JSON of moov-io/iso8583."""

import json
import os
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from protocol.spec.checking import SpecFault, checked_spec
from protocol.spec.moov import import_moov, is_moov
from protocol.spec.schema import SpecDocument

DEFAULT_SPEC = "vafa"
# The bundled specs take 50 kB each.
FILE_MAXIMUM_BYTES = 4 << 20
_FILES_KEPT = 64


@cache
def bundled_specs() -> tuple[str, ...]:
    """Names of the specs that come with the package, the default one first."""
    found = (entry.name for entry in files("protocol.spec").iterdir())
    names = (name.removesuffix(".toml") for name in found if name.endswith(".toml"))
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_SPEC, name)))


def load_spec(name_or_path: str | os.PathLike[str] = DEFAULT_SPEC) -> SpecDocument:
    """A bundled spec by its name, or the spec of a `.toml` or `.json` file.

    The same name, and the same unchanged file, give the same object, so that codecs compile it once. Raises
    SpecFault with all faults at once; a file that cannot be read is one too.
    """
    if isinstance(name_or_path, str) and name_or_path in bundled_specs():
        return _bundled(name_or_path)
    path = Path(name_or_path)
    source = str(name_or_path)
    if path.suffix not in (".toml", ".json"):
        names = ", ".join(bundled_specs())
        raise SpecFault(source, [f"no bundled spec has this name ({names}), nor is it a .toml or .json file"])
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAXIMUM_BYTES + 1)
    except OSError as error:
        raise SpecFault(source, [error.strerror or "cannot be read"]) from None
    if len(raw) > FILE_MAXIMUM_BYTES:
        raise SpecFault(source, [f"a spec has at most {FILE_MAXIMUM_BYTES} bytes"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecFault(source, [f"byte {error.start} is not UTF-8"]) from None
    return _parsed(text, source, path.suffix)


def parse_spec(text: str, source: str) -> SpecDocument:
    """Check a spec written as TOML; `source` names it in faults. Raises SpecFault with all faults at once."""
    try:
        document: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecFault(source, [str(error)]) from None
    except RecursionError:
        raise SpecFault(source, ["nested too deep"]) from None
    return checked_spec(document, source)


def parse_json_spec(text: str, source: str) -> SpecDocument:
    """Check a spec written as JSON, of our schema or of moov-io/iso8583, whichever it looks like."""
    try:
        document: object = json.loads(text, object_pairs_hook=_object)
        faults = _repeated_keys(document)
    except json.JSONDecodeError as error:
        raise SpecFault(source, [f"{error.msg} (at line {error.lineno}, column {error.colno})"]) from None
    except RecursionError:
        raise SpecFault(source, ["nested too deep"]) from None
    if faults or not isinstance(document, dict):
        raise SpecFault(source, faults or ["a spec is a JSON object"])
    if is_moov(document):
        return import_moov(document, source)
    # Editors find the schema of a JSON file by this key.
    return checked_spec({key: value for key, value in document.items() if key != "$schema"}, source)


@cache
def _bundled(name: str) -> SpecDocument:
    return parse_spec(files("protocol.spec").joinpath(f"{name}.toml").read_text("utf-8"), name)


@lru_cache(maxsize=_FILES_KEPT)
def _parsed(text: str, source: str, suffix: str) -> SpecDocument:
    return parse_json_spec(text, source) if suffix == ".json" else parse_spec(text, source)


class _Repeating(dict[str, object]):
    """A JSON object in which keys stand twice: the parser would silently drop the first."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    keys = [key for key, _ in pairs]
    repeating = _Repeating(found)
    repeating.repeated = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return repeating


def _repeated_keys(node: object, place: str = "") -> list[str]:
    if not isinstance(node, dict):
        return []
    entries = cast(dict[str, object], node)
    faults = (
        [f"{place}{key}: stands twice" for key in entries.repeated] if isinstance(entries, _Repeating) else []
    )
    for key, value in entries.items():
        faults += _repeated_keys(value, f"{place}{key}.")
    return faults
