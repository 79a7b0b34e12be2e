"""What members read of a rule, for traces and receipts of what it gave."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from host_api.core.database import AnySession
from host_api.services.rules.draft.document import put_together
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.logic import default_document
from host_api.services.rules.member_page.benefits import rules_of
from host_api.services.rules.versions import logic as versions
from host_api.services.transactions.rule_texts import MemberText, RuleVersion

# Older rules than those of so many frozen versions are told without words.
_VERSIONS_LOOKED_AT: Final = 8


async def texts_of(session: AnySession, wanted: Collection[RuleVersion]) -> Mapping[RuleVersion, MemberText]:
    """The texts of these rules, from the versions frozen here and from what a switch begins with."""
    if not wanted:
        return {}
    documents = await versions.newest_documents(session, _VERSIONS_LOOKED_AT)
    return await asyncio.to_thread(_found, documents, wanted)


def _found(documents: Iterable[JsonObject], wanted: Collection[RuleVersion]) -> dict[RuleVersion, MemberText]:
    written = default_document()
    found: dict[RuleVersion, MemberText] = {}
    for document in (*documents, put_together(written.head, list(written.rules))):
        if len(found) == len(wanted):
            break
        for rule in rules_of(document):
            key = RuleVersion(rule.rule_id, rule.version)
            if key in wanted:
                found.setdefault(key, MemberText(en=rule.member_text.en, fa=rule.member_text.fa))
    return found
