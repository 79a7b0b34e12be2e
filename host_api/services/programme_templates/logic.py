"""Making a programme from a template: whole or not at all, and once however often it is asked for."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.vault import Vault
from host_api.core.errors import NotPermitted
from host_api.core.isolation import working_for
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.administrators.modules import logic as modules
from host_api.services.administrators.programmes import logic as programmes
from host_api.services.administrators.programmes.schemas import ProgrammeCreate, ProgrammeRead
from host_api.services.administrators.roles import logic as roles
from host_api.services.cards.products import logic as card_products
from host_api.services.programme_templates.models import ProgrammeTemplateUse
from host_api.services.programme_templates.problems import ProgrammeTemplateNotFound
from host_api.services.programme_templates.schemas import (
    ProgrammeTemplate,
    ProgrammeTemplateRead,
    ReadyProgramme,
)
from host_api.services.rules.templates import logic as rule_templates
from host_api.services.rules.versions import logic as rule_versions

SERVICE: Final = "programme_templates"


@cache
def templates() -> Mapping[str, ProgrammeTemplate]:
    """All templates by name."""
    found = [
        ProgrammeTemplate.model_validate(tomllib.loads(entry.read_text("utf-8")))
        for entry in files("host_api.services.programme_templates").joinpath("data").iterdir()
        if entry.name.endswith(".toml")
    ]
    return {template.name: template for template in sorted(found, key=lambda template: template.name)}


def find(name: str) -> ProgrammeTemplate:
    """One template.

    Raises:
        ProgrammeTemplateNotFound
    """
    template = templates().get(name)
    if template is None:
        raise ProgrammeTemplateNotFound
    return template


async def make(
    session: WriteSession, caller: Caller, vault: Vault, name: str, wanted: ProgrammeCreate
) -> ReadyProgramme:
    """Make a programme of a template's kind, with its rules frozen as the first version.

    The same wish again gives what it made before. What the template makes is written in the new programme's
    name, in the transaction that makes the programme.

    Raises:
        NotPermitted, ProgrammeTemplateNotFound, ProgrammeCodeTaken, UsernameTaken
    """
    if caller.programme_id != FIRST_PROGRAMME:
        raise NotPermitted
    template = find(name)
    known = await _known(session, name, wanted)
    if known is not None:
        return known
    issued = await programmes.create(session, caller, vault, wanted)
    session.add(
        ProgrammeTemplateUse(
            made_programme_id=issued.id,
            template=name,
            owner_username=issued.owner_username,
            made_at=utc_now(),
        )
    )
    maker = system_caller(SERVICE, issued.id)
    async with working_for(session, issued.id):
        await _furnish(session, template, maker)
    shown = ProgrammeRead.model_validate(issued.model_dump(include=set(ProgrammeRead.model_fields)))
    return ReadyProgramme(
        programme=shown,
        template=name,
        owner_username=issued.owner_username,
        first_password=issued.first_password,
    )


async def _furnish(session: WriteSession, template: ProgrammeTemplate, maker: Caller) -> None:
    for use in template.rules:
        await rule_templates.use(session, use)
    for product in template.card_products:
        await card_products.create(session, product)
    for role in template.roles:
        await roles.create(session, maker, role)
    for module in template.modules_off:
        await modules.switch(session, module, is_on=False)
    await rule_versions.freeze(session, template.title, maker)


async def _known(session: WriteSession, name: str, wanted: ProgrammeCreate) -> ReadyProgramme | None:
    """What this very wish has made before; a programme of another make has its code taken."""
    programme = await session.scalar(select(Programme).where(Programme.code == wanted.code))
    if programme is None:
        return None
    use = await session.scalar(
        select(ProgrammeTemplateUse).where(ProgrammeTemplateUse.made_programme_id == programme.id)
    )
    asked = (name, wanted.name, wanted.mode.value, wanted.owner.username)
    if use is None or asked != (use.template, programme.name, programme.mode, use.owner_username):
        raise programmes.ProgrammeCodeTaken
    return ReadyProgramme(
        programme=ProgrammeRead.model_validate(programme, from_attributes=True),
        template=name,
        owner_username=use.owner_username,
        first_password=None,
    )


def shown(template: ProgrammeTemplate) -> ProgrammeTemplateRead:
    """A template as callers see it."""
    return ProgrammeTemplateRead(
        name=template.name,
        title=template.title,
        title_fa=template.title_fa,
        text=template.text,
        text_fa=template.text_fa,
        rules=[use.name for use in template.rules],
        card_products=[product.code for product in template.card_products],
        roles=[role.name for role in template.roles],
        modules_off=list(template.modules_off),
    )
