"""What a script knows while it runs: variables, messages that went and came, keys, trace numbers; no I/O."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from protocol.codec import encode_sealed
from protocol.dialect import IRR, EntryMode, NetworkCode, ProcessingCode, Tag
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import original_of, response_of
from protocol.original_data import OriginalData
from protocol.reconciliation import TOTALS_FIELDS, UploadRecord, pack_records
from protocol.rules_of_type import respond
from protocol.security.key_exchange import read_request, response_tags
from protocol.security.mac import Mac
from protocol.security.session_keys import SessionKeys, derive_session_key
from protocol.spec import SpecDocument
from simulator.scripts.clock import local_time, switch_time, transmission_time
from simulator.scripts.model import Answer, Script, Send, Values
from simulator.scripts.names import field_number, field_value, path_of, tag_of, tag_value, value_at
from simulator.scripts.profile import Profile
from simulator.scripts.references import ReferenceFault, resolve

ROLL_OVER_MS = 60_000
_CARD_TYPES = ("0100", "0200", "0220")
_COPIED_BY_REVERSALS = (3, 4, 12, 13, 41, 42, 49)
_STAN_MAX = 999_999
_NET_ZERO = "C" + "0" * 16


class ComposeFault(Exception):  # noqa: N818  (a mistake in the script)
    """A message of ours can't be made; the text has no value."""


@dataclass(slots=True)
class Known:
    """A message by its name: as values, as bytes, and, of a request, what came back."""

    message: Message
    payload: bytes = b""
    reply: Message | None = None
    link: int = 0
    mac: Mac | None = None


@dataclass(slots=True)
class _Session:
    keys: SessionKeys
    signed_on: bool = False


@dataclass(slots=True)
class Conversation:
    """One run. `epoch_ms` is our clock, set by the runner; `stan` the last trace number that was used."""

    script: Script
    profile: Profile
    spec: SpecDocument
    stan: int = 0
    epoch_ms: int = 0
    monotonic_ms: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Known] = field(default_factory=dict)
    _sessions: dict[tuple[int, str], _Session] = field(default_factory=dict)
    _identities: dict[tuple[str, str, str], tuple[object, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables.update({name: str(value) for name, value in self.script.variables.items()})
        self.variables.update({name: str(value) for name, value in self.profile.variables.items()})

    # References

    def resolve(self, text: str | int) -> str:
        """A text with its references replaced. Raises ReferenceFault."""
        return resolve(text, self.look_up)

    def number(self, amount: str | int) -> int:
        """A number that may be a reference. Raises ReferenceFault."""
        text = self.resolve(amount)
        if not (text.isascii() and text.isdecimal()):
            raise ReferenceFault(f"{amount} is no number")
        return int(text)

    def look_up(self, name: str, path: str) -> str:
        """Value of a reference. Raises ReferenceFault."""
        if path:
            return self._of_message(name, path)
        if name in self.variables:
            return self.variables[name]
        time, date = local_time(self.epoch_ms, self.profile.utc_offset_minutes)
        plain = {
            "now": transmission_time(self.epoch_ms),
            "time": time,
            "date": date,
            "terminal_id": self.profile.terminal_id,
            "merchant_id": self.profile.merchant_id,
        }
        if name in plain:
            return plain[name]
        if name == "stan":
            return self._next_stan()
        raise ReferenceFault(f"nothing has the name {name}: a variable of the script or of the profile?")

    def _of_message(self, name: str, path: str) -> str:
        known = self.messages.get(name)
        if known is None:
            raise ReferenceFault(f"no message has the name {name} yet")
        if path == "bytes":
            return str(len(known.payload))
        if path == "original":
            return self._original(known.message)
        if path == "record":
            return _record(known).hex().upper()
        where = path_of(self.spec, path)
        value = value_at(known.message, where) if where else None
        if value is None:
            raise ReferenceFault(f"message {name} has no {path}")
        return value

    def _original(self, message: Message) -> str:
        return OriginalData(original_of(message.mti), message.text(11), message.text(7)).pack()

    def _next_stan(self) -> str:
        self.stan = self.stan % _STAN_MAX + 1
        return f"{self.stan:06d}"

    # Messages of ours

    def compose(self, step: Send) -> Message:
        """The message of a step, with all that its type wants. Raises ComposeFault and ReferenceFault."""
        if step.like is not None:
            fields = dict(self._known(step.like).message.fields)
        elif step.reverses is not None:
            fields = self._reversal_of(self._known(step.reverses).message)
        else:
            fields = self._filled(step)
        if step.terminal is not None:
            fields[41] = self.resolve(step.terminal)
        self._set(fields, step.fields, step.tags, step.record)
        for key in step.without:
            fields.pop(field_number(self.spec, key) or 0, None)
        fields.pop(64, None)
        fields.pop(128, None)
        return Message(step.message, fields)

    def network(self, code: NetworkCode, terminal: str, tags: Mapping[str, Value] | None = None) -> Message:
        """An 0800."""
        fields: dict[int, Value] = {
            7: transmission_time(self.epoch_ms),
            11: self._next_stan(),
            41: terminal,
            70: code.value,
        }
        return Message("0800", {**fields, 48: dict(tags)} if tags else fields)

    def respond(self, request: Message, step: Answer) -> Message:
        """The answer that a step gives. Raises ComposeFault and ReferenceFault."""
        fields: dict[int, Value] = {39: step.response_code, **self._of_switch(request, step.response_code)}
        message = respond(self.spec, request, fields)
        self._set(message.fields, step.fields, step.tags, step.record)
        for key in step.without:
            message.fields.pop(field_number(self.spec, key) or 0, None)
        return Message(step.message or message.mti, message.fields)

    def approve(self, request: Message, tags: Mapping[str, Value] | None = None, code: str = "00") -> Message:
        """The plainest answer."""
        message = respond(self.spec, request, {39: code, **self._of_switch(request, code)})
        if tags:
            message.fields[48] = {**message.tags(48), **tags}
        return message

    def _of_switch(self, request: Message, code: str) -> dict[int, Value]:
        allowed = self.spec.messages.get(response_of(request.mti))
        listed = allowed.listed if allowed else []
        fields: dict[int, Value] = {}
        if request.mti[1] == "8":
            fields[48] = {
                Tag.SWITCH_TIME.value: switch_time(self.epoch_ms),
                Tag.RULE_TABLE_VERSION.value: "00000001",
            }
        elif 37 in listed:
            fields[37] = self._next_stan().zfill(12)
            if code == "00" and 38 in listed:
                fields[38] = f"A{self.stan % 100_000:05d}"
        return fields

    def _known(self, name: str) -> Known:
        known = self.messages.get(name)
        if known is None:
            raise ComposeFault(f"no message has the name {name} yet")
        return known

    def _reversal_of(self, original: Message) -> dict[int, Value]:
        fields = {
            number: original.fields[number] for number in _COPIED_BY_REVERSALS if number in original.fields
        }
        fields[7], fields[11] = transmission_time(self.epoch_ms), self._next_stan()
        fields[90] = self._original(original)
        return fields

    def _filled(self, step: Send) -> dict[int, Value]:
        time, date = local_time(self.epoch_ms, self.profile.utc_offset_minutes)
        given = {field_number(self.spec, key) for key in step.fields}
        plain: dict[int, Value] = {
            3: (ProcessingCode.BALANCE_INQUIRY if step.message[1] == "1" else ProcessingCode.PURCHASE).value,
            4: "000000000000",
            7: transmission_time(self.epoch_ms),
            12: time,
            13: date,
            15: date,
            22: EntryMode.KEYED.value if 2 in given else EntryMode.STRIPE.value,
            41: self.profile.terminal_id,
            42: self.profile.merchant_id,
            49: IRR,
            97: _NET_ZERO,
        }
        plain.update({number: "0" * self.spec.fields[number].size for number in TOTALS_FIELDS})
        original = original_of(step.message)
        wanted = self.spec.messages[original].mandatory
        fields = {number: plain[number] for number in wanted if number in plain}
        if 11 in wanted and 11 not in given:
            fields[11] = self._next_stan()
        has_card = bool(given & {2, 35}) or any(tag_of(self.spec, key) == "DF20" for key in step.tags)
        if original in _CARD_TYPES and not has_card and "card" in self.variables:
            fields[35] = f"{self.variables['card']}=99125010000"
        return fields

    def _set(self, fields: dict[int, Value], values: Values, tags: Values, record: Values) -> None:
        for key, text in values.items():
            number = field_number(self.spec, key)
            if number is not None:
                with _hexadecimal(f"field {key}"):
                    fields[number] = field_value(self.spec, number, self.resolve(text))
        for number, group in ((48, tags), (120, record)):
            if not group:
                continue
            held = fields.get(number, {})
            found: dict[str, Value] = dict(held) if not isinstance(held, str | bytes) else {}
            for key, text in group.items():
                tag = tag_of(self.spec, key) or key
                with _hexadecimal(f"tag {key}"):
                    found[tag] = tag_value(self.spec, tag, self.resolve(text))
            fields[number] = found

    # Bytes and keys

    def encoded(self, message: Message, mac: Mac) -> bytes:
        """The payload of a message, sealed. Raises ComposeFault."""
        try:
            return encode_sealed(self.spec, message, mac)
        except ProtocolFault as fault:
            raise ComposeFault(f"the message can't be written: {fault}") from None

    def sending_mac(self, message: Message, link: int) -> Mac:
        """Whose key seals a message of ours; a key that nobody has where the profile has none."""
        session = self._session(link, self.terminal_of(message))
        return self.foreign_mac() if session is None else session.keys.sending_mac(self.monotonic_ms)

    def foreign_mac(self) -> Mac:
        """A key that is nobody's."""
        key = self.profile.key_of(self.profile.terminal_id) or bytes(16)
        return Mac(bytes(byte ^ 0xFF for byte in key))

    def verified(self, payload: bytes, message: Message, link: int, is_exchange: bool) -> Mac | None:
        """The MAC that a message of the peer has, None where it is wrong."""
        session = self._session(link, self.terminal_of(message))
        if session is None:
            return None
        verify = session.keys.verify_exchange if is_exchange else session.keys.verify
        return verify(payload, self.monotonic_ms)

    def session_keys(self, link: int, terminal: str) -> SessionKeys | None:
        """The keys of a terminal on a link; None where the profile has none."""
        session = self._session(link, terminal)
        return session.keys if session else None

    def session_key(self, link: int, terminal: str) -> bytes | None:
        """The key of the session that a terminal has on a link; None before the first."""
        own, keys = self.profile.key_of(terminal), self.session_keys(link, terminal)
        if own is None or keys is None or not keys.counter:
            return None
        return derive_session_key(own, terminal, keys.counter)

    def answer_of_exchange(self, request: Message, link: int) -> dict[str, Value]:
        """Tags of the 0810 to a key change. Raises SecurityFault."""
        keys = self.session_keys(link, self.terminal_of(request))
        if keys is None:
            return {}
        counter = read_request(request.tags(48))
        return response_tags(keys.offer(counter, self.monotonic_ms, self.monotonic_ms + ROLL_OVER_MS))

    def signed_on(self, link: int, terminal: str, *, now: bool | None = None) -> bool:
        """Whether a terminal has signed on on a link; `now` says that it has, or has signed off."""
        session = self._session(link, terminal)
        if session is None:
            return False
        if now is not None:
            session.signed_on = now
            if not now:
                session.keys = SessionKeys(self.profile.key_of(terminal) or b"", terminal)
        return session.signed_on

    def terminal_of(self, message: Message) -> str:
        """Field 41 as it is written, "" where there is none."""
        value = message.fields.get(41, "")
        return value.strip(" ") if isinstance(value, str) else ""

    def used_before(self, message: Message) -> bool:
        """Whether a request's identity was used with other content; notes it for the next time."""
        identity = tuple(str(message.fields.get(number, "")) for number in (41, 11, 7))
        content = (
            original_of(message.mti),
            *sorted((n, str(v)) for n, v in message.fields.items() if n not in (64, 128)),
        )
        known = self._identities.setdefault((identity[0], identity[1], identity[2]), content)
        return known != content

    def _session(self, link: int, terminal: str) -> _Session | None:
        session = self._sessions.get((link, terminal))
        if session is None:
            key = self.profile.key_of(terminal)
            if key is None:
                return None
            session = self._sessions[link, terminal] = _Session(SessionKeys(key, terminal))
        return session


@contextmanager
def _hexadecimal(what: str) -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise ComposeFault(f"{what} is written in hexadecimal digits") from None


def _record(known: Known) -> bytes:
    request, reply = known.message, known.reply
    rrn = reply.fields.get(37, "") if reply else ""
    digits = rrn.strip() if isinstance(rrn, str) else ""
    return pack_records(
        [
            UploadRecord(
                original_of(request.mti),
                request.text(3),
                request.text(11),
                request.text(7),
                int(request.text(4)),
                int(digits) if digits.isdecimal() else 0,
            )
        ]
    )
