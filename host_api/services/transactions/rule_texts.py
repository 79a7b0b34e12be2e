"""What members read of rules, told by whichever service keeps the rules' texts.

That service stands above this one, so it registers its reader here when it is imported; without one, rules
have no texts.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from host_api.core.database import AnySession


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule, as grants name it."""

    rule: str
    version: int


@dataclass(frozen=True, slots=True)
class MemberText:
    """What the member reads of it; empty where the rule has no words in that language."""

    en: str
    fa: str


RuleTextReader = Callable[[AnySession, Collection[RuleVersion]], Awaitable[Mapping[RuleVersion, MemberText]]]

_readers: list[RuleTextReader] = []


def tell_rule_texts(reader: RuleTextReader) -> Callable[[], None]:
    """Have `reader` asked for texts; the result takes that back."""
    _readers.append(reader)
    return lambda: _readers.remove(reader)


async def rule_texts(
    session: AnySession, wanted: Collection[RuleVersion]
) -> Mapping[RuleVersion, MemberText]:
    """The texts of rules, as far as anybody keeps them."""
    found: dict[RuleVersion, MemberText] = {}
    for reader in _readers:
        found |= await reader(session, wanted)
    return found
