"""Rules and sales from a file or standard input; what is wrong with them ends the command in one message."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, cast

import click
from pydantic import ValidationError

from switch.rule_trials.sale import Sale, SalesFile
from switch.rules.compiler import RuleFaults, compile_document, parse_rules
from switch.rules.cost import DEFAULT_MIX, RuleCost, estimate, parse_mix
from switch.rules.schema.document import RuleSet
from switch.rules.table import RuleTable

STANDARD_INPUT = "-"
_BYTES_MAX = 256 * 1024 * 1024
# A JSON object, or a list of them: nothing that TOML could begin with.
_JSON = re.compile(r"\s*(?:\{|\[\s*[{\]])")


class WrongInput(click.ClickException):
    """The input is not what it should be: exit code 2."""

    exit_code = 2


class Rules(NamedTuple):
    """A rule file: as it is named, as it is written, and as the switch sees it."""

    name: str
    document: RuleSet
    table: RuleTable


def text_of(argument: str) -> str:
    """The text of a file, or of standard input for "-". Raises WrongInput."""
    try:
        if argument == STANDARD_INPUT:
            if sys.stdin.isatty():
                raise WrongInput("nothing on standard input: name a file, or pipe one in")
            raw = sys.stdin.buffer.read(_BYTES_MAX + 1)
        else:
            with Path(argument).open("rb") as file:
                raw = file.read(_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise WrongInput(f"cannot read {argument}: {reason}") from None
    if len(raw) > _BYTES_MAX:
        raise WrongInput(f"{named(argument)} is larger than {_BYTES_MAX} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongInput(f"{named(argument)} is not UTF-8: {error.reason} at byte {error.start}") from None


def named(argument: str) -> str:
    """How messages call an input."""
    return "standard input" if argument == STANDARD_INPUT else argument


def rules_of(argument: str) -> Rules:
    """Compiled rules. Raises RuleFaults, and WrongInput where there is no text."""
    text = text_of(argument)
    document = parse_rules(text, named(argument))
    return Rules(named(argument), document, compile_document(document))


def sound_rules_of(argument: str) -> Rules:
    """Compiled rules, for a command that is about something else. Raises WrongInput with all faults."""
    try:
        return rules_of(argument)
    except RuleFaults as faults:
        raise WrongInput(str(faults)) from None


def sales_of(argument: str) -> Iterator[Sale]:
    """The sales of a file, one by one; JSON lines are read as they come. Raises WrongInput."""
    if argument != STANDARD_INPUT and argument.endswith(".jsonl"):
        yield from _json_lines(argument)
        return
    text = text_of(argument)
    try:
        yield from _whole(text, named(argument))
    except _SeveralDocuments:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _sale(_read_json(line, f"{named(argument)}, line {number}"), f"line {number}")


def count_of(argument: str) -> int | None:
    """How many sales a file of JSON lines has; None for other inputs, which are read whole."""
    if argument == STANDARD_INPUT or not argument.endswith(".jsonl"):
        return None
    try:
        with Path(argument).open("rb") as file:
            return sum(1 for line in file if line.strip())
    except OSError as error:
        raise WrongInput(f"cannot read {argument}: {error.strerror}") from None


def estimated(table: RuleTable, mix: str | None, now_s: int) -> tuple[RuleCost, ...]:
    """What 1,000 transactions of a mix would cost, by default of everyday shops. Raises WrongInput."""
    try:
        return estimate(table, DEFAULT_MIX if mix is None else parse_mix(text_of(mix), named(mix)), now_s)
    except RuleFaults as faults:
        raise WrongInput(str(faults)) from None


class _SeveralDocuments(Exception):  # noqa: N818
    """JSON lines, not one document."""


def _json_lines(path: str) -> Iterator[Sale]:
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _sale(_read_json(line, f"{path}, line {number}"), f"line {number}")
    except OSError as error:
        raise WrongInput(f"cannot read {path}: {error.strerror}") from None


def _whole(text: str, name: str) -> Iterator[Sale]:
    document = _document(text, name)
    if isinstance(document, list):
        document = {"sales": document}
    if not document:
        raise WrongInput(f"{name}: no sales")
    if isinstance(document, Mapping) and "sales" not in document:
        yield _sale(document, name)
        return
    try:
        yield from SalesFile.model_validate(document).sales
    except ValidationError as error:
        raise WrongInput(_faults(error, name)) from None


def _document(text: str, name: str) -> object:
    if not _JSON.match(text):
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise WrongInput(f"{name}: {error}") from None
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _SeveralDocuments from None
        raise WrongInput(f"{name}: {error}") from None
    except RecursionError:
        raise WrongInput(f"{name}: nested too deeply") from None


def _read_json(line: str | bytes, where: str) -> object:
    try:
        return cast(object, json.loads(line))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongInput(f"{where}: no JSON: {error}") from None


def _sale(document: object, where: str) -> Sale:
    try:
        return Sale.model_validate(document)
    except ValidationError as error:
        raise WrongInput(_faults(error, where)) from None


def _faults(error: ValidationError, where: str) -> str:
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        path = list(fault["loc"])
        if len(path) > 1 and path[0] == "sales" and isinstance(path[1], int):
            path = [f"sale {path[1] + 1}", *path[2:]]
        place = ".".join(str(part) for part in path)
        lines.append(f"{place}: {fault['msg'].removeprefix('Value error, ')}" if place else fault["msg"])
    return "\n".join([f"{where}: {len(lines)} faults", *lines])
