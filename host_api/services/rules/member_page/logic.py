"""What members get by the rules in force, and by those that are approved and wait for their time."""

import asyncio
from datetime import datetime

from host_api.core.database import AnySession, ReadSession
from host_api.core.errors import Problem
from host_api.services.rules.draft.document import put_together
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.logic import default_document
from host_api.services.rules.member_page.benefits import benefits_of
from host_api.services.rules.member_page.schemas import MemberBenefit, MemberPageRead
from host_api.services.rules.publications import logic as publications
from host_api.services.rules.publications.schemas import TableInForceRead
from host_api.services.rules.versions import logic as versions
from switch.rules.compiler import load_rules


class RulesNotKnownHere(Problem):
    """The table in force is of no frozen version."""

    status = 409
    code = "rules-not-known-here"
    title = "Rules in force are not known here"
    title_fa = "متن قواعد جاری اینجا نیست"
    detail = (
        "The table in force was published elsewhere; freeze and publish these rules here to have their texts."
    )
    detail_fa = "جدول جاری از جای دیگری منتشر شده است؛ همین قواعد را اینجا ثابت و منتشر کنید."


async def read(session: ReadSession, now: datetime) -> MemberPageRead:
    """The page.

    Raises:
        publications.InForceUnknown, RulesNotKnownHere
    """
    in_force = await publications.read_in_force(session)
    document = await document_in_force(session, in_force)
    benefits = await asyncio.to_thread(benefits_of, document, now)
    upcoming = [benefit for benefit in benefits if benefit.begins_at is not None]
    known = {(benefit.rule_id, benefit.text_fa, benefit.text_en) for benefit in benefits}
    for publication in await publications.upcoming(session):
        if publication.version_id is None or publication.publish_at is None:
            continue
        later = await versions.document_of(session, publication.version_id)
        for benefit in await asyncio.to_thread(benefits_of, later, now):
            key = (benefit.rule_id, benefit.text_fa, benefit.text_en)
            if key not in known:
                known.add(key)
                upcoming.append(_from(benefit, publication.publish_at))
    return MemberPageRead(
        as_of=now,
        table_version=in_force.table_version,
        now=[benefit for benefit in benefits if benefit.begins_at is None],
        upcoming=sorted(upcoming, key=lambda benefit: benefit.begins_at or now),
    )


async def document_in_force(session: AnySession, in_force: TableInForceRead) -> JsonObject:
    """The document that a table in force is of.

    Raises:
        RulesNotKnownHere
    """
    if in_force.version_id is not None:
        return await versions.document_of(session, in_force.version_id)
    if in_force.digest == load_rules(None).digest:  # what a switch begins with
        written = default_document()
        return put_together(written.head, list(written.rules))
    raise RulesNotKnownHere


def _from(benefit: MemberBenefit, publish_at: datetime) -> MemberBenefit:
    return benefit.model_copy(update={"begins_at": max(benefit.begins_at or publish_at, publish_at)})
