"""A host's messages that publish a rule table or ask for one, and the tables for it."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from protocol.message import Message, Value
from protocol.rule_parts import count_of_parts, part_of
from switch.rules.compiler import compile_rules
from switch.rules.table import RuleTable
from tests.switch.conftest import HOST, Link, now_text

DEFAULT_RULES = Path(__file__).parents[3] / "switch/rules/default_rules.toml"


def sample_table(points: int, rules_more: int = 0) -> RuleTable:
    """The default rules with so many points for 100,000 toman, and rules beside them that never match."""
    text = DEFAULT_RULES.read_text("utf-8").replace("give = 100 ", f"give = {points} ")
    more = "".join(
        f"""
[[rules]]
rule_id = "MORE-{number:05}"
version = 1
status = "active"
kind = "earn"
name = {{ fa = "قاعده نمونه", en = "Sample rule {hashlib.sha256(str(number).encode()).hexdigest()}" }}
trigger = "purchase"
when = {{ f = "amount", op = ">=", v = {900_000_000_000 + number} }}
effects = [{{ type = "earn", purse = "points", calc = {{ mode = "fixed", give = 1 }} }}]
"""
        for number in range(rules_more)
    )
    return compile_rules(text + more, "sample")


def upload(
    link: Link, packed: bytes, expected_version: int, *, deflated: bytes | None = None, digest: bytes = b""
) -> Iterator[Message]:
    """The messages that publish a table, one by one."""
    deflated = zlib.compress(packed) if deflated is None else deflated
    for number in range(1, count_of_parts(deflated) + 1):
        yield part_message(
            link,
            number=number,
            parts=count_of_parts(deflated),
            content=part_of(deflated, number),
            digest=digest or hashlib.sha256(packed).digest(),
            expected_version=expected_version,
        )


def part_message(  # noqa: PLR0917
    link: Link,
    number: int,
    parts: int,
    content: bytes,
    digest: bytes,
    expected_version: int,
    host: str = HOST,
) -> Message:
    """One part."""
    tags: dict[str, Value] = {
        "DF52": content,
        "DF53": f"{number:04d}",
        "DF54": f"{parts:04d}",
        "DF55": digest,
        "DF56": f"{expected_version:08d}",
    }
    return rules_message(link, "1", tags, host)


def inquiry(link: Link, version: int, number: int) -> Message:
    """Asks for a part of a table."""
    return rules_message(link, "5", {"DF53": f"{number:04d}", "DF56": f"{version:08d}"})


def rules_message(link: Link, action: str, tags: dict[str, Value], host: str = HOST) -> Message:
    """A file action on the rule tables."""
    fields: dict[int, Value] = {7: now_text(), 11: link.stan(), 41: host, 91: action, 101: "RULES", 120: tags}
    return Message("0300", fields)


def told(reply: Message) -> tuple[Value, Value]:
    """Response code and the version in force."""
    return reply.fields[39], reply.tags(48)["DF07"]


def publish(link: Link, table: RuleTable, expected_version: int) -> list[tuple[Value, Value]]:
    """Publish a table; what was told of each part."""
    return [told(link.call(message)) for message in upload(link, table.packed, expected_version)]
