"""Which of some messages may go out now, where to, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import and_, case, func, or_, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.programmes import Programme
from host_api.core.tehran_time import today
from host_api.services.members import selection
from host_api.services.members.identities import logic as identities
from host_api.services.messages.consent import logic as consent
from host_api.services.messages.gateways.adapter import OutgoingMessage
from host_api.services.messages.logic import KINDS, languages_of
from host_api.services.messages.models import RECEIVER, TEXT, WaitingText
from host_api.services.messages.schemas import MessageLanguage
from host_api.services.messages.sending.quiet_hours import end_of_quiet
from host_api.services.messages.states import (
    CAPPED,
    NO_ADDRESS,
    NO_CONSENT,
    SUPPRESSED,
    TEMPLATE_GONE,
    Channel,
    MessageState,
    Purpose,
)
from host_api.services.messages.templates import logic as templates
from host_api.services.messages.templates.models import MessageTemplateVersion
from host_api.services.messages.templates.wording import written
from host_api.services.messages.topics import logic as topics
from host_api.services.messages.topics.models import MessagePolicy, MessageTopic

_WEEK: Final = timedelta(days=7)
_COUNTED: Final = (
    MessageState.SENDING.value,
    MessageState.SENT.value,
    MessageState.DELIVERED.value,
    MessageState.UNDELIVERED.value,
    MessageState.DOUBTFUL.value,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A message, and one of: what goes out, until when it waits, why it is dropped."""

    row: WaitingText
    outgoing: OutgoingMessage | None = None
    due_at: datetime | None = None
    drop: str | None = None


@dataclass(slots=True)
class _Counts:
    """What members have got, by topic; what is let through in this round is counted as it is."""

    by_topic: dict[tuple[int, str], list[int]]
    promotional: dict[int, list[int]]

    def is_full(self, member_id: int, topic: MessageTopic, policy: MessagePolicy) -> bool:
        """Whether one more would be too many."""
        day, week = self.by_topic.get((member_id, topic.code), (0, 0))
        if _is_over(day, topic.day_most) or _is_over(week, topic.week_most):
            return True
        if topic.purpose != Purpose.PROMOTIONAL:
            return False
        day, week = self.promotional.get(member_id, (0, 0))
        return _is_over(day, policy.promotional_day_most) or _is_over(week, policy.promotional_week_most)

    def count(self, member_id: int, topic: MessageTopic) -> None:
        """One more goes out."""
        self.add(member_id, topic.code, 1, 1, is_promotional=topic.purpose == Purpose.PROMOTIONAL)

    def add(self, member_id: int, code: str, day: int, week: int, *, is_promotional: bool) -> None:
        """So many more."""
        sums = [self.by_topic.setdefault((member_id, code), [0, 0])]
        if is_promotional:
            sums.append(self.promotional.setdefault(member_id, [0, 0]))
        for each in sums:
            each[0] += day
            each[1] += week


async def judge(
    session: AnySession, cipher: FieldCipher, rows: Sequence[WaitingText], now: datetime
) -> list[Judged]:
    """Judge some hundreds of messages, in a number of statements that doesn't grow with theirs."""
    if not rows:
        return []
    policy = await topics.policy(session)
    decided = await topics.of_codes(session, {row.topic for row in rows})
    member_ids = sorted({row.member_id for row in rows if row.member_id is not None})
    shown = await identities.shown_of(session, cipher, member_ids) if member_ids else {}
    addresses = {row.id: _address(cipher, row, shown) for row in rows}
    asked: dict[Channel, set[str]] = {}
    for row in rows:
        if (address := addresses[row.id]) and not row.is_code and Channel(row.channel) in KINDS:
            asked.setdefault(Channel(row.channel), set()).add(address)
    suppressed = await consent.suppressed_among(session, cipher, asked) if asked else set()
    has_promotion = any(topic.purpose == Purpose.PROMOTIONAL for topic in decided.values())
    said = await consent.said_by(session, member_ids) if has_promotion else {}
    counts = await _counts(session, rows, decided=decided, policy=policy, now=now)
    quiet_until = end_of_quiet(now, policy.quiet_from_minute, policy.quiet_until_minute)
    wording = await _Wording.read(session, rows, member_ids)
    judged = []
    for row in rows:
        topic, channel = decided.get(row.topic), Channel(row.channel)
        address, is_promotional = (
            addresses[row.id],
            topic is not None and topic.purpose == Purpose.PROMOTIONAL,
        )
        is_heard = channel in KINDS  # an inbox disturbs nobody's sleep
        is_willing = said.get((row.member_id or 0, row.channel), not policy.asks_consent)
        if address is None:
            judged.append(Judged(row, drop=NO_ADDRESS))
        elif not row.is_code and (channel, address) in suppressed:
            judged.append(Judged(row, drop=SUPPRESSED))
        elif is_promotional and not is_willing:
            judged.append(Judged(row, drop=NO_CONSENT))
        elif is_promotional and is_heard and quiet_until is not None:
            judged.append(Judged(row, due_at=quiet_until))
        elif topic is not None and row.member_id and counts.is_full(row.member_id, topic, policy):
            judged.append(Judged(row, drop=CAPPED))
        elif (words := wording.of(cipher, row, topic)) is None:
            judged.append(Judged(row, drop=TEMPLATE_GONE))
        else:
            if topic is not None and row.member_id:
                counts.count(row.member_id, topic)
            judged.append(Judged(row, OutgoingMessage(row.id, address, words[1], words[0])))
    return judged


@dataclass(frozen=True, slots=True)
class _Wording:
    """What is put into texts."""

    versions: dict[int, MessageTemplateVersion]
    languages: dict[int, str]
    names: dict[int, tuple[str, str]]
    club: str

    @classmethod
    async def read(
        cls, session: AnySession, rows: Sequence[WaitingText], member_ids: Sequence[int]
    ) -> "_Wording":
        version_ids = {row.template_version_id for row in rows if row.template_version_id is not None}
        programme_id = programme_of(session.sync_session)
        return cls(
            await templates.versions(session, version_ids) if version_ids else {},
            await languages_of(session, member_ids) if member_ids else {},
            await selection.names_and_tiers(session, member_ids) if version_ids else {},
            await session.scalar(select(Programme.name).where(Programme.id == programme_id)) or "",
        )

    def of(self, cipher: FieldCipher, row: WaitingText, topic: MessageTopic | None) -> tuple[str, str] | None:
        """Subject and text of a message."""
        is_persian = self.languages.get(row.member_id or 0) != MessageLanguage.ENGLISH
        title = self.club if topic is None else topic.title_fa if is_persian else topic.title
        if row.template_version_id is None:
            text = row.text_plain if row.text_sealed is None else TEXT.open(cipher, row)
            return None if text is None else (title, text)
        version = self.versions.get(row.template_version_id)
        if version is None:
            return None
        name, tier = self.names.get(row.member_id or 0, ("", ""))
        values: dict[str, JsonValue] = {
            **(row.values or {}),
            "name": name,
            "tier": tier,
            "club": self.club,
            "member_id": row.member_id,
        }
        subject = version.subject_fa if is_persian else version.subject
        text = version.text_fa if is_persian else version.text
        return (
            written(subject, values, is_persian=is_persian) or title,
            written(text, values, is_persian=is_persian),
        )


async def _counts(
    session: AnySession,
    rows: Sequence[WaitingText],
    *,
    decided: dict[str, MessageTopic],
    policy: MessagePolicy,
    now: datetime,
) -> _Counts:
    """What members got today and in seven days, of capped topics and of promotional ones together."""
    found = _Counts({}, {})
    member_ids = {row.member_id for row in rows if row.member_id is not None}
    capped = {code for code, topic in decided.items() if topic.day_most or topic.week_most}
    promotional: set[str] = set()
    if any(topic.purpose == Purpose.PROMOTIONAL for topic in decided.values()) and (
        policy.promotional_day_most or policy.promotional_week_most
    ):
        promotional = await topics.promotional_codes(session)
    if not member_ids or not capped | promotional:
        return found
    is_today = or_(WaitingText.sent_at >= today(now).start, WaitingText.sent_at.is_(None))
    got = await session.execute(
        select(
            WaitingText.member_id,
            WaitingText.topic,
            func.sum(case((is_today, 1), else_=0)),
            func.count(),
        )
        .where(
            WaitingText.member_id.in_(member_ids),
            WaitingText.topic.in_(capped | promotional),
            WaitingText.id.not_in([row.id for row in rows]),
            WaitingText.is_code.is_(False),
            WaitingText.state.in_(_COUNTED),
            or_(
                WaitingText.sent_at >= now - _WEEK,
                and_(WaitingText.sent_at.is_(None), WaitingText.created_at >= now - _WEEK),
            ),
        )
        .group_by(WaitingText.member_id, WaitingText.topic)
    )
    for member_id, code, day, week in got:
        found.add(member_id, code, int(day), week, is_promotional=code in promotional)
    return found


def _address(cipher: FieldCipher, row: WaitingText, shown: dict[int, dict[str, str]]) -> str | None:
    """Where a message goes; an inbox is its member's number."""
    if row.member_id is None:
        return RECEIVER.open(cipher, row)
    kind = KINDS.get(Channel(row.channel))
    return str(row.member_id) if kind is None else shown.get(row.member_id, {}).get(kind)


def _is_over(count: int, most: int | None) -> bool:
    return most is not None and count >= most
