"""Templates: checked when they are saved, never changed but by a further version."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.core.listing import Page, read_rows
from host_api.services.messages.gateways.sms_parts import sms_size
from host_api.services.messages.templates import wording
from host_api.services.messages.templates.listing import MessageTemplateQuery, MessageTemplateVersionQuery
from host_api.services.messages.templates.models import MessageTemplate, MessageTemplateVersion
from host_api.services.messages.templates.schemas import (
    MessageTemplateCreate,
    MessageTemplateRead,
    MessageTemplateWords,
    TextSize,
)
from host_api.services.messages.topics import logic as topics

_LETTERS_OF_A_VALUE: Final = 12


class MessageTemplateNotFound(Problem):
    """No template has this id or code."""

    status = 404
    code = "message-template-not-found"
    title = "Template not found"
    title_fa = "قالب پیام پیدا نشد"
    detail = "There is no template with this id or code."
    detail_fa = "قالبی با این شناسه یا کد وجود ندارد."


class MessageTemplateExists(Problem):
    """Another template has this code."""

    status = 409
    code = "message-template-exists"
    title = "Template exists"
    title_fa = "این کد قالب گرفته شده است"
    detail = "Another template has this code; make a version of it instead."
    detail_fa = "قالب دیگری این کد را دارد؛ به‌جایش نسخه‌ای از آن بسازید."
    field = "code"


async def create(session: WriteSession, caller: Caller, wanted: MessageTemplateCreate) -> MessageTemplateRead:
    """Save a template and its first version.

    Raises:
        MessageTemplateExists, ValidationFailed: unknown variables, stray braces, too many parts.
    """
    await _check(session, wanted)
    row = MessageTemplate(code=wanted.code, topic=wanted.topic, created_at=utc_now())
    async with conflict_as(MessageTemplateExists()), session.begin_nested():
        session.add(row)
        await session.flush()
    return _read(row, await _keep(session, caller, row, wanted, 1))


async def add_version(
    session: WriteSession, caller: Caller, template_id: int, wanted: MessageTemplateWords
) -> MessageTemplateRead:
    """Save a further version; what is queued already keeps the one under which it was.

    Raises:
        MessageTemplateNotFound, ValidationFailed
    """
    row = await session.get(MessageTemplate, template_id, with_for_update=True)
    if row is None:
        raise MessageTemplateNotFound
    await _check(session, wanted)
    latest = await session.scalar(
        select(func.max(MessageTemplateVersion.number)).where(
            MessageTemplateVersion.template_id == template_id
        )
    )
    return _read(row, await _keep(session, caller, row, wanted, (latest or 0) + 1))


async def read(session: AnySession, template_id: int) -> MessageTemplateRead:
    """A template in force.

    Raises:
        MessageTemplateNotFound
    """
    row = await session.get(MessageTemplate, template_id)
    if row is None:
        raise MessageTemplateNotFound
    return _read(row, (await in_force(session, [template_id]))[template_id])


async def with_code(session: AnySession, code: str) -> tuple[MessageTemplate, MessageTemplateVersion]:
    """A template, and its version in force.

    Raises:
        MessageTemplateNotFound
    """
    row = await session.scalar(select(MessageTemplate).where(MessageTemplate.code == code))
    if row is None:
        raise MessageTemplateNotFound
    return row, (await in_force(session, [row.id]))[row.id]


async def read_page(session: ReadSession, query: MessageTemplateQuery) -> Page[MessageTemplateRead]:
    """A page of templates in force."""
    rows, next_cursor = await read_rows(session, select(MessageTemplate), query)
    versions = await in_force(session, [row.id for row in rows])
    return Page(items=[_read(row, versions[row.id]) for row in rows], next_cursor=next_cursor)


async def read_versions(
    session: ReadSession, template_id: int, query: MessageTemplateVersionQuery
) -> Page[MessageTemplateRead]:
    """A page of a template's versions.

    Raises:
        MessageTemplateNotFound
    """
    row = await session.get(MessageTemplate, template_id)
    if row is None:
        raise MessageTemplateNotFound
    statement = select(MessageTemplateVersion).where(MessageTemplateVersion.template_id == template_id)
    versions, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(row, version) for version in versions], next_cursor=next_cursor)


async def in_force(session: AnySession, template_ids: Sequence[int]) -> dict[int, MessageTemplateVersion]:
    """The versions in force of some templates."""
    newest = (
        select(func.max(MessageTemplateVersion.id))
        .where(MessageTemplateVersion.template_id.in_(template_ids))
        .group_by(MessageTemplateVersion.template_id)
    )
    rows = await session.scalars(select(MessageTemplateVersion).where(MessageTemplateVersion.id.in_(newest)))
    return {row.template_id: row for row in rows}


async def topics_of(session: AnySession, template_ids: Collection[int]) -> dict[int, str]:
    """The topics of some templates."""
    rows = await session.execute(
        select(MessageTemplate.id, MessageTemplate.topic).where(MessageTemplate.id.in_(template_ids))
    )
    return {row[0]: row[1] for row in rows}


async def versions(session: AnySession, version_ids: Collection[int]) -> dict[int, MessageTemplateVersion]:
    """Versions by id."""
    rows = await session.scalars(
        select(MessageTemplateVersion).where(MessageTemplateVersion.id.in_(version_ids))
    )
    return {row.id: row for row in rows}


def size_of(text: str) -> TextSize:
    """What a template's text takes."""
    size = sms_size(wording.longest(text, wording.variables_in(text), _LETTERS_OF_A_VALUE))
    return TextSize(alphabet=size.alphabet, units=size.units, parts=size.parts)


def check_variables(
    texts: Iterable[tuple[str, str]], allowed: Collection[str], code: str = "unknown-variable"
) -> None:
    """See that texts have no variables but these.

    Raises:
        ValidationFailed: it names the field of each.
    """
    faults = [
        _fault(field, code, f"No value is known for {{{name}}}", f"برای {{{name}}} مقداری نیست.")
        for field, text in texts
        for name in sorted(wording.variables_in(text) - set(allowed))
    ]
    if faults:
        raise ValidationFailed(faults)


async def _check(session: AnySession, words: MessageTemplateWords) -> None:
    texts = [(name, str(getattr(words, name))) for name in ("subject", "subject_fa", "text", "text_fa")]
    faults = [
        _fault(field, "stray-brace", "A brace belongs to no variable", "آکولادی به متغیری تعلق ندارد.")
        for field, text in texts
        if wording.has_stray_brace(text)
    ]
    most_parts = (await topics.policy(session)).most_parts
    faults += [
        _fault(
            field,
            "too-many-parts",
            "As SMS the text has too many parts",
            "متن برای پیامک بیش از اندازه بلند است.",
        )
        for field, text in texts[2:]
        if size_of(text).parts > most_parts
    ]
    if faults:
        raise ValidationFailed(faults)
    check_variables(texts, {*wording.OF_MEMBER, *words.variables})


async def _keep(
    session: WriteSession, caller: Caller, row: MessageTemplate, words: MessageTemplateWords, number: int
) -> MessageTemplateVersion:
    version = MessageTemplateVersion(
        template_id=row.id,
        number=number,
        **words.model_dump(include=set(MessageTemplateWords.model_fields)),
        created_at=utc_now(),
        created_by=caller.name,
    )
    session.add(version)
    await session.flush()
    return version


def _fault(field: str, code: str, message: str, message_fa: str) -> FieldProblem:
    return FieldProblem(field=field, location="body", code=code, message=message, message_fa=message_fa)


def _read(row: MessageTemplate, version: MessageTemplateVersion) -> MessageTemplateRead:
    return MessageTemplateRead(
        id=row.id,
        code=row.code,
        topic=row.topic,
        version_id=version.id,
        number=version.number,
        subject=version.subject,
        subject_fa=version.subject_fa,
        text=version.text,
        text_fa=version.text_fa,
        variables=version.variables,
        size=size_of(version.text),
        size_fa=size_of(version.text_fa),
        created_at=version.created_at,
        created_by=version.created_by,
    )
