"""A checked document as lints read it."""

from typing import Final

from switch.rules.caps import CapPer
from switch.rules.compiler.documents import Compiled, checked, in_order
from switch.rules.compiler.programme import Shared
from switch.rules.conditions import Condition
from switch.rules.lints.circumstances import circumstances
from switch.rules.outcome import EffectType
from switch.rules.schema.document import RuleSet
from switch.rules.table import Effect, Kind, Phase, TableRule

_FINISHED: Final = ("ended", "archived")
_DOCUMENT: Final = "rule set"

_STAGES: Final = {
    (Kind.GATE, Phase.BASE): 0,
    (Kind.DISCOUNT, Phase.BASE): 1,
    (Kind.BURN, Phase.BASE): 2,
    (Kind.EARN, Phase.BASE): 3,
    (Kind.EARN, Phase.MULTIPLIER): 4,
    (Kind.EARN, Phase.BONUS): 5,
    (Kind.GIFT, Phase.BONUS): 5,
    (Kind.CONVERT, Phase.BASE): 6,
}


class Book:
    """Everything lints look at. `rules` are in evaluation order, only those that get into the table;
    `edited` are all but ended and archived ones."""

    def __init__(self, document: RuleSet) -> None:
        compiled: Compiled = checked(document, _DOCUMENT)
        if compiled.shared is None:
            raise ValueError("a checked document has its shared parts")
        self.document = document
        self.head = compiled.head
        self.shared: Shared = compiled.shared
        self.written = {rule.rule_id: rule for rule in compiled.rules}
        pairs = list(zip(compiled.rules, compiled.table_rules, strict=True))
        self.edited = [rule for written, rule in pairs if written.status not in _FINISHED]
        self.rules = in_order(rule for written, rule in pairs if written.is_compiled)
        self.zone = self.head.time_zone
        self.limited_purses = frozenset(
            limit.purse for limit in self.shared.limits if limit.cap.per != CapPer.TRANSACTION
        )
        self.purses_of_worth = self._purses_of_worth()
        self._circumstances: dict[str, tuple[Condition, ...]] = {}

    def circumstances(self, rule: TableRule) -> tuple[Condition, ...]:
        """The rule's whole condition."""
        found = self._circumstances.get(rule.rule_id)
        if found is None:
            found = self._circumstances[rule.rule_id] = circumstances(rule, self.zone)
        return found

    def _purses_of_worth(self) -> frozenset[int]:
        """Purses that are owed in rial or can be spent; others only count."""
        owed = {purse.code for purse in self.shared.programme.purses if purse.value_give}
        spent = {
            effect.purse
            for rule in self.edited
            for effect in rule.effects
            if effect.type in (EffectType.TENDER, EffectType.CONVERT, EffectType.COST)
        }
        things = {
            effect.purse
            for rule in self.edited
            for effect in rule.effects
            if effect.type in (EffectType.ITEM, EffectType.VOUCHER, EffectType.TICKET)
        }
        return frozenset(owed | spent | things)

    def purse_title(self, code: int) -> tuple[str, str]:
        """Persian and English name of a purse."""
        for purse in self.shared.programme.purses:
            if purse.code == code:
                return purse.title_fa, purse.title_en
        return "", ""


def stage_of(rule: TableRule) -> int:
    """In which stage of the evaluation a rule has its turn."""
    return _STAGES[rule.kind, rule.phase]


def given(rule: TableRule) -> list[Effect]:
    """The effects that give something; costs are taken."""
    return [effect for effect in rule.effects if effect.type != EffectType.COST]


def costs(rule: TableRule) -> list[Effect]:
    """What a discount or gift costs."""
    return [effect for effect in rule.effects if effect.type == EffectType.COST]
