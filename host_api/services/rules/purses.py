"""The purses that the rules in force declare, and between which of them members may convert."""

import asyncio
from dataclasses import dataclass

from host_api.core.database import AnySession
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.member_page.benefits import rules_of
from host_api.services.rules.member_page.logic import document_in_force
from host_api.services.rules.publications import logic as publications
from switch.rules.schema.document import Head


@dataclass(frozen=True, slots=True)
class DeclaredPurse:
    """A purse as the rules name it.

    Parameters:
        code: account type.
        unit: points, money or count.
    """

    code: int
    name: str
    title: str
    title_fa: str
    unit: str
    is_pooled: bool
    is_transferable: bool
    overdraft_max: int


@dataclass(frozen=True, slots=True)
class DeclaredConversion:
    """A rule by which units of one purse become those of another: `give` for every `per`."""

    rule_id: str
    from_purse: str
    to_purse: str
    give: int
    per: int
    least: int | None
    most: int | None
    step: int | None


@dataclass(frozen=True, slots=True)
class DeclaredPurses:
    """What the rules in force say of purses."""

    table_version: int
    purses: tuple[DeclaredPurse, ...]
    conversions: tuple[DeclaredConversion, ...]


async def read(session: AnySession) -> DeclaredPurses:
    """The purses now.

    Raises:
        publications.InForceUnknown, RulesNotKnownHere
    """
    in_force = await publications.read_in_force(session)
    document = await document_in_force(session, in_force)
    purses, conversions = await asyncio.to_thread(_declared, document)
    return DeclaredPurses(in_force.table_version, purses, conversions)


def _declared(
    document: JsonObject,
) -> tuple[tuple[DeclaredPurse, ...], tuple[DeclaredConversion, ...]]:
    head = Head.model_validate({name: document[name] for name in Head.model_fields if name in document})
    purses = tuple(
        DeclaredPurse(
            code=purse.code,
            name=purse.name,
            title=purse.title.en,
            title_fa=purse.title.fa,
            unit=purse.unit,
            is_pooled=purse.pooled,
            is_transferable=purse.transferable,
            overdraft_max=purse.overdraft_max,
        )
        for purse in sorted(head.purses, key=lambda purse: purse.code)
    )
    conversions = tuple(
        DeclaredConversion(
            rule_id=rule.rule_id,
            from_purse=effect.purse,
            to_purse=effect.target,
            give=effect.calc.give,
            per=100 if effect.calc.mode == "percent" else effect.calc.per or 1,
            least=effect.min,
            most=effect.max,
            step=effect.step,
        )
        for rule in rules_of(document)
        for effect in rule.effects
        if effect.type == "convert"
        and effect.purse is not None
        and effect.target is not None
        and effect.calc is not None
        and effect.calc.give is not None
    )
    return purses, conversions
