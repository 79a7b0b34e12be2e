"""From rule documents to the rule table. A wrong document reports everything that is wrong at once."""

from importlib.resources import files
from pathlib import Path

from switch.rules.compiler.documents import checked, compile_text
from switch.rules.compiler.faults import RuleFaults
from switch.rules.packing import collector_paused
from switch.rules.schema.document import FORMAT_VERSION, RuleSet
from switch.rules.table import RuleTable

__all__ = [
    "EMPTY_TABLE",
    "RuleFaults",
    "compile_document",
    "compile_rules",
    "load_rules",
    "parse_rules",
]

_DEFAULT_RULES = "default_rules.toml"
_DOCUMENT = "rule set"


def load_rules(path: Path | None) -> RuleTable:
    """Compile a rule file (TOML or JSON), or the bundled default rules where there's no path.

    Raises RuleFaults for wrong rules and OSError where the file can't be read.
    """
    if path is None:
        return compile_rules(
            files("switch.rules").joinpath(_DEFAULT_RULES).read_text("utf-8"), _DEFAULT_RULES
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RuleFaults(str(path), [f"not UTF-8: {error.reason} at byte {error.start}"]) from None
    return compile_rules(text, str(path))


def compile_rules(text: str, source: str) -> RuleTable:
    """Compile rules written as TOML or JSON; `source` names them in faults. Raises RuleFaults.

    Only active and scheduled rules get into the table.
    """
    with collector_paused():
        return compile_text(text, source).table()


def parse_rules(text: str, source: str) -> RuleSet:
    """The checked document of rules written as TOML or JSON, simple rules expanded. Raises RuleFaults."""
    with collector_paused():
        return compile_text(text, source).document()


def compile_document(document: RuleSet) -> RuleTable:
    """Compile a document. Raises RuleFaults where its parts don't agree."""
    with collector_paused():
        return checked(document, _DOCUMENT).table()


EMPTY_TABLE = compile_document(RuleSet(format=FORMAT_VERSION, programme="none"))
