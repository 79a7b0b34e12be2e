"""The texts behind the question mark of each module's page, from `page_help.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HelpText:
    """What a module is and how it is used, in English and Persian."""

    en: str
    fa: str


@cache
def page_help() -> Mapping[str, HelpText]:
    """The texts by the modules' names."""
    data = tomllib.loads(Path(__file__).with_name("page_help.toml").read_text("utf-8"))
    return {name: HelpText(texts["en"].strip(), texts["fa"].strip()) for name, texts in data.items()}
