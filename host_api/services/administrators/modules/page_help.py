"""The texts behind the question mark of each module's page, from the `page_help.toml` beside its service."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HOST_API = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class HelpText:
    """What a module is and how it is used, in English and Persian."""

    en: str
    fa: str


@cache
def page_help() -> Mapping[str, HelpText]:
    """The texts by the modules' names."""
    found: dict[str, HelpText] = {}
    for path in sorted(_HOST_API.glob("**/page_help.toml")):
        for name, texts in tomllib.loads(path.read_text("utf-8")).items():
            found[name] = HelpText(texts["en"].strip(), texts["fa"].strip())
    return found
