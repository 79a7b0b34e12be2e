"""The draft: its head, its rules, and the whole of it at once."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import cast

from pydantic import JsonValue
from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core import audit
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.programmes import Programme
from host_api.services.rules.draft.document import (
    WrittenDocument,
    WrittenRule,
    put_together,
    read_document,
    taken_apart,
    written_rule,
)
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.draft.listing import DraftRuleQuery
from host_api.services.rules.draft.models import DraftRule, RuleDraft
from host_api.services.rules.draft.problems import RuleIdTaken, RuleNotFound, TooManyRules
from host_api.services.rules.draft.schemas import (
    DraftRead,
    DraftRuleCreate,
    DraftRuleRead,
    DraftRuleUpdate,
    RuleForm,
)
from switch.rules.compiler.drafts import CheckedRule, DraftChecker
from switch.rules.table import RULES_MAX

# The one draft of a programme; a row is made with the first change.
_FIRST_VERSION = 1


async def read_draft(session: AnySession) -> tuple[DraftRead, int]:
    """The draft without its rules, and its version."""
    row = await _draft(session)
    head = await _new_head(session) if row is None else row.head
    rule_ids = await _rule_ids(session)
    faults = DraftChecker(head, rule_ids).head_faults()
    found = DraftRead(head=head, rules=len(rule_ids), faults=list(faults))
    return found, _FIRST_VERSION if row is None else row.version


async def update_head(
    session: WriteSession, changes: Mapping[str, JsonValue], if_match: str
) -> tuple[DraftRead, int]:
    """Change sections of the head.

    Raises:
        ChangedMeanwhile
    """
    row = await _own_draft(session)
    check_version(row, if_match)
    kept = {name: value for name, value in changes.items() if name not in {"format", "rules", "simple"}}
    row.head = _merged(row.head, kept)
    await session.flush()
    return await read_draft(session)


async def read_rule(session: AnySession, row_id: int) -> tuple[DraftRuleRead, DraftRule]:
    """One rule.

    Raises:
        RuleNotFound
    """
    row = await _find(session, row_id)
    return _read(row, await _checker(session)), row


async def read_page(session: ReadSession, query: DraftRuleQuery) -> Page[DraftRuleRead]:
    """A page of rules."""
    rows, next_cursor = await read_rows(session, select(DraftRule), query)
    checker = await _checker(session)
    return Page(items=[_read(row, checker) for row in rows], next_cursor=next_cursor)


async def add_rule(session: WriteSession, wanted: DraftRuleCreate) -> tuple[DraftRuleRead, DraftRule]:
    """Add a rule behind the others.

    Raises:
        RuleIdWrong, RuleIdTaken, TooManyRules
    """
    if wanted.rule is not None:
        rule = written_rule(wanted.rule, RuleForm.FULL)
    else:
        rule = written_rule(wanted.simple or {}, RuleForm.SIMPLE)
    (row,) = await add_rules(session, [rule])
    return await read_rule(session, row.id)


async def add_rules(session: WriteSession, rules: Sequence[WrittenRule]) -> list[DraftRule]:
    """Add rules behind the others, all or none.

    Raises:
        RuleIdTaken, TooManyRules
    """
    await _own_draft(session)
    count, last = (await session.execute(select(func.count(DraftRule.id), func.max(DraftRule.place)))).one()
    if count + len(rules) > RULES_MAX:
        raise TooManyRules
    rows = [_row(rule, (last or 0) + number) for number, rule in enumerate(rules, 1)]
    session.add_all(rows)
    async with conflict_as(RuleIdTaken()):
        await session.flush()
    return rows


async def update_rule(
    session: WriteSession, row_id: int, changes: DraftRuleUpdate, if_match: str
) -> tuple[DraftRuleRead, DraftRule]:
    """Change parts of a rule, or its form.

    Raises:
        RuleNotFound, ChangedMeanwhile, RuleIdWrong, RuleIdTaken
    """
    row = await _find(session, row_id)
    check_version(row, if_match)
    if changes.simple is not None:
        before = row.content if row.form == RuleForm.SIMPLE else _shared_parts(row.content)
        rule = written_rule(_merged(before, changes.simple), RuleForm.SIMPLE)
    else:
        before = row.content
        if row.form == RuleForm.SIMPLE:
            before = _expanded(_checked(row, await _checker(session))) or _shared_parts(row.content)
        rule = written_rule(_merged(before, changes.rule or {}), RuleForm.FULL)
    row.rule_id, row.status, row.form = rule.rule_id, rule.status, rule.form.value
    row.content = rule.content
    async with conflict_as(RuleIdTaken()):
        await session.flush()
    return await read_rule(session, row_id)


async def put_rule(session: WriteSession, rule: WrittenRule) -> DraftRule:
    """Have the draft's rule of this id be as written; one that it doesn't have is added behind the others.

    Raises:
        RuleIdTaken, TooManyRules
    """
    statement = select(DraftRule).where(DraftRule.rule_id == rule.rule_id).with_for_update()
    row: DraftRule | None = await session.scalar(statement)
    if row is None:
        (row,) = await add_rules(session, [rule])
    else:
        row.form, row.status, row.content = rule.form.value, rule.status, rule.content
        await session.flush()
    return row


async def remove_rule(session: WriteSession, row_id: int, if_match: str) -> None:
    """Take a rule out of the draft; frozen versions keep it.

    Raises:
        RuleNotFound, ChangedMeanwhile
    """
    row = await _find(session, row_id)
    check_version(row, if_match)
    await session.delete(row)


async def copy_rule(session: WriteSession, row_id: int, rule_id: str) -> tuple[DraftRuleRead, DraftRule]:
    """The same rule once more, as a draft, under another id.

    Raises:
        RuleNotFound, RuleIdTaken, TooManyRules
    """
    row = await _find(session, row_id)
    content = {**row.content, "rule_id": rule_id, "status": "draft"}
    content.pop("version", None)
    (copied,) = await add_rules(session, [written_rule(content, RuleForm(row.form))])
    return await read_rule(session, copied.id)


async def order_rules(session: WriteSession, rule_ids: Sequence[str]) -> None:
    """Give these rules their places among themselves in this order.

    Raises:
        RuleNotFound: one of them is not in the draft, or stands twice.
    """
    found = select(DraftRule).where(DraftRule.rule_id.in_(rule_ids)).with_for_update()
    rows = {row.rule_id: row for row in await session.scalars(found)}
    if len(rows) != len(rule_ids):
        raise RuleNotFound
    for rule_id, place in zip(rule_ids, sorted(row.place for row in rows.values()), strict=True):
        rows[rule_id].place = place


async def replace(session: WriteSession, document: WrittenDocument, source: str) -> tuple[DraftRead, int]:
    """Put a whole document in the draft's place; one entry of the audit log tells where it is from."""
    row = await _own_draft(session)
    before = {"rules": len(await _rule_ids(session))}
    row.head = document.head
    await session.flush()
    await session.execute(delete(DraftRule).execution_options(synchronize_session=False))
    session.expunge_all()
    if document.rules:
        programme_id = programme_of(session.sync_session)
        values = [
            {**_values(rule, place), "programme_id": programme_id, "version": 1}
            for place, rule in enumerate(document.rules, 1)
        ]
        await session.execute(insert(DraftRule), values)
    after: dict[str, audit.Plain] = {"rules": len(document.rules), "source": source}
    audit.note(session, "update", DraftRule.__tablename__, "*", before={**before}, after=after)
    return await read_draft(session)


async def merge_head(session: WriteSession, parts: Mapping[str, JsonValue]) -> None:
    """Add sections that the head doesn't have yet."""
    row = await _own_draft(session)
    missing = {name: value for name, value in parts.items() if name not in row.head}
    if missing:
        row.head = {**row.head, **missing}


async def set_head(session: WriteSession, parts: Mapping[str, JsonValue]) -> None:
    """Have sections of the head be as given, whatever they were."""
    row = await _own_draft(session)
    if any(row.head.get(name) != value for name, value in parts.items()):
        row.head = {**row.head, **parts}
        await session.flush()


async def drop_rule(session: WriteSession, rule_id: str) -> None:
    """Take the rule of this id out of the draft, where it has one."""
    row = await session.scalar(select(DraftRule).where(DraftRule.rule_id == rule_id).with_for_update())
    if row is not None:
        await session.delete(row)
        await session.flush()


async def document_of(session: AnySession) -> JsonObject:
    """The whole draft as a rule document."""
    row = await _draft(session)
    head = await _new_head(session) if row is None else row.head
    rows = await session.scalars(select(DraftRule).order_by(DraftRule.place, DraftRule.id))
    return put_together(
        head, [WrittenRule(rule.rule_id, rule.status, RuleForm(rule.form), rule.content) for rule in rows]
    )


def default_document() -> WrittenDocument:
    """The rules that come with the software."""
    text = files("switch.rules").joinpath("default_rules.toml").read_text("utf-8")
    return taken_apart(read_document(text))


async def lock(session: WriteSession) -> None:
    """Have changes of the draft that begin later wait for this transaction."""
    await _own_draft(session)


async def _draft(session: AnySession) -> RuleDraft | None:
    row: RuleDraft | None = await session.scalar(select(RuleDraft))
    return row


async def _own_draft(session: WriteSession) -> RuleDraft:
    row: RuleDraft | None = await session.scalar(select(RuleDraft).with_for_update())
    if row is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        values = {"programme_id": programme_of(session.sync_session), "head": await _new_head(session)}
        await session.execute(
            (sqlite.insert if is_sqlite else postgresql.insert)(RuleDraft)
            .values(**values, version=_FIRST_VERSION)
            .on_conflict_do_nothing()
        )
        row = await session.scalar(select(RuleDraft).with_for_update())
    if row is None:
        raise LookupError("a draft that was made is gone")
    return row


async def _new_head(session: AnySession) -> JsonObject:
    programme_id = programme_of(session.sync_session)
    code = await session.scalar(select(Programme.code).where(Programme.id == programme_id))
    return {"programme": code or "club"}


async def _rule_ids(session: AnySession) -> list[str]:
    return list(await session.scalars(select(DraftRule.rule_id)))


async def _checker(session: AnySession) -> DraftChecker:
    row = await _draft(session)
    return DraftChecker({} if row is None else row.head, await _rule_ids(session))


async def _find(session: AnySession, row_id: int) -> DraftRule:
    row = await session.get(DraftRule, row_id)
    if row is None:
        raise RuleNotFound
    return row


def _row(rule: WrittenRule, place: int) -> DraftRule:
    return DraftRule(**_values(rule, place))


def _values(rule: WrittenRule, place: int) -> dict[str, object]:
    return {
        "rule_id": rule.rule_id,
        "place": place,
        "form": rule.form.value,
        "status": rule.status,
        "content": rule.content,
    }


def _merged(before: Mapping[str, JsonValue], changes: Mapping[str, JsonValue]) -> JsonObject:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _shared_parts(content: JsonObject) -> JsonObject:
    """What both forms of a rule have."""
    shared = ("rule_id", "version", "status", "priority", "name", "member_text")
    return {name: content[name] for name in shared if name in content}


def _checked(row: DraftRule, checker: DraftChecker) -> CheckedRule:
    return checker.simple(row.content) if row.form == RuleForm.SIMPLE else checker.rule(row.content)


def _expanded(checked: CheckedRule) -> JsonObject | None:
    if checked.rule is None:
        return None
    return cast(JsonObject, checked.rule.model_dump(mode="json", exclude_defaults=True, exclude_none=True))


def _read(row: DraftRule, checker: DraftChecker) -> DraftRuleRead:
    checked = _checked(row, checker)
    return DraftRuleRead(
        id=row.id,
        rule_id=row.rule_id,
        place=row.place,
        form=RuleForm(row.form),
        status=row.status,
        content=row.content,
        expanded=_expanded(checked),
        faults=list(checked.faults),
    )
