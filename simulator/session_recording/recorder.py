"""The recorder without I/O: payloads go in, in the order in which they came; steps of a script come out."""

from dataclasses import dataclass

from protocol.dialect import NetworkCode, Tag
from protocol.message import Message
from protocol.message_type import is_response, original_of
from protocol.original_data import OriginalData
from protocol.presentation.spans import read
from protocol.spec import load_spec
from simulator.session_recording.safe_values import SafeValues
from simulator.wallet import Wallet, load_wallet

STEPS_MAX = 480  # a script has 500
Step = dict[str, object]
Identity = tuple[str, str, str]

_NETWORK_STEPS = {
    NetworkCode.SIGN_ON: "sign_on",
    NetworkCode.SIGN_OFF: "sign_off",
    NetworkCode.KEY_CHANGE: "key_change",
    NetworkCode.ECHO: "echo",
}
# Filled in anew whenever the script is played: times, trace numbers, the MAC.
_FILLED_IN = frozenset({7, 11, 12, 13, 64, 128})
_COPIED_BY_REVERSALS = frozenset({3, 4, 12, 13, 41, 42, 49, 90})
# What may be another value each time, but must be there again.
VOLATILE_FIELDS = frozenset({37, 38, 54})
_NOT_COMPARED = _FILLED_IN | {15, 41, 42}
VOLATILE_TAGS = frozenset(
    {Tag.SWITCH_TIME.value, Tag.RULE_TABLE_VERSION.value, Tag.ORIGINAL_RRN.value, Tag.COULD_SPEND.value}
)
_OF_CARDS = ("0100", "0200", "0220")
_UPLOAD = "0520"


@dataclass(slots=True)
class _Sent:
    name: str
    message: Message
    step: Step


class Recorder:
    """One terminal's session; links one after another.

    `steps` are those of a script that is the terminal. `left_out` says in words what could not be kept.
    """

    def __init__(self, wallet: Wallet | None = None) -> None:
        self.steps: list[Step] = []
        self.left_out: list[str] = []
        self.messages = 0
        self._spec = load_spec("vafa")
        self.safe = SafeValues(self._spec, wallet or load_wallet())
        self._link = 0
        self._main: tuple[str, str] | None = None
        self._sent: dict[Identity, _Sent] = {}
        self._rrns: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are as many steps as a script may have: what comes then is not kept."""
        return len(self.steps) >= STEPS_MAX

    def request(self, link: int, payload: bytes) -> None:
        """A payload from the terminal. Links are numbered from 1, in the order of opening."""
        message = self._message(link, payload, "the terminal")
        if message is None:
            return
        if is_response(message.mti):
            self._leave_out(f"an answer of the terminal, {message.mti}")
            return
        if link < self._link:
            self._leave_out(f"a {message.mti} on a link older than the newest")
            return
        self._begin(link)
        self._ask(message)

    def reply(self, link: int, payload: bytes) -> None:
        """A payload from the switch."""
        message = self._message(link, payload, "the switch")
        if message is None:
            return
        sent = self._sent.get(_identity(message))
        if sent is None or not is_response(message.mti):
            self._leave_out(f"a {message.mti} of the switch that answers nothing recorded")
        elif sent.step["do"] != "send":
            if _text(message, 39) != "00":
                sent.step["response_code"] = _text(message, 39)
        else:
            self._answer(sent, message)

    def _message(self, link: int, payload: bytes, whose: str) -> Message | None:
        if not payload:
            return None
        if self.is_full:
            self._leave_out(f"everything behind {STEPS_MAX} steps")
            return None
        reading = read(self._spec, payload)
        if reading.faults:
            self._leave_out(f"a message of {whose} that can't be read")
            return None
        message = reading.message()
        if original_of(message.mti) == _UPLOAD or message.mti == "0530":
            self._leave_out("uploads: their entries name messages of that day")
            return None
        self.messages += 1
        return message

    def _leave_out(self, what: str) -> None:
        if what not in self.left_out and len(self.left_out) < STEPS_MAX:
            self.left_out.append(what)

    def _begin(self, link: int) -> None:
        if link != self._link:
            if self._link:
                self.steps.append({"do": "disconnect"})
            self.steps.append({"do": "connect"})
            self._link = link

    def _ask(self, message: Message) -> None:
        identity = _identity(message)
        known = self._sent.get(identity)
        terminal = _text(message, 41)
        if self._main is None:
            self._main = (terminal, "")
        network = _NETWORK_STEPS.get(NetworkCode(_text(message, 70))) if self._is_network(message) else None
        if network is not None:
            step: Step = {"do": network}
            if 48 in message.fields and network != "key_change":
                self._leave_out(f"tags of {network}")
        elif known is not None and known.name:
            step = self._repeated(message, known)
        else:
            step = self._composed(message)
        if terminal != self._main[0]:
            step["terminal"] = terminal
        self.steps.append(step)
        self._sent[identity] = _Sent(str(step.get("name", "")), message, step)

    def _is_network(self, message: Message) -> bool:
        return message.mti[1] == "8" and _text(message, 70) in tuple(_NETWORK_STEPS)

    def _new_name(self) -> str:
        return f"m{self.messages}"

    def _repeated(self, message: Message, known: _Sent) -> Step:
        """The same identity again; with other content that is told too, for it is a mistake worth keeping."""
        step: Step = {"do": "send", "message": message.mti, "name": self._new_name(), "like": known.name}
        if _content(message) != _content(known.message):
            composed = self._composed(message)
            step |= {key: composed[key] for key in ("fields", "tags", "record") if key in composed}
        return step

    def _composed(self, message: Message) -> Step:
        step: Step = {"do": "send", "message": message.mti, "name": self._new_name()}
        original = self._original(message)
        skipped = set(_FILLED_IN) | {41}
        if original is not None:
            step["reverses"] = original.name
            skipped |= _COPIED_BY_REVERSALS
        fields: Step = {}
        for number, value in message.fields.items():
            if number in skipped or (number == 15 and message.mti[1] != "8"):
                continue
            if number == 42:
                self._merchant(message, fields)
            elif not isinstance(value, str | bytes):
                continue
            else:
                text = self.safe.text(str(number), value)
                self._put(fields, str(number), self._spec.fields[number].name, text)
        if original_of(message.mti) in _OF_CARDS and not {2, 35} & set(message.fields):
            step["without"] = ["track_2"]
        tags = {number: self._tags(message, number) for number in (48, 120) if number in message.fields}
        for key, content in (("fields", fields), ("tags", tags.get(48)), ("record", tags.get(120))):
            if content:
                step[key] = content
        return step

    def _merchant(self, message: Message, fields: Step) -> None:
        """The first merchant is whoever plays the script, as the first terminal is."""
        merchant = _text(message, 42)
        main = self._main or (_text(message, 41), "")
        if not main[1]:
            self._main = main = (main[0], merchant)
        fields["merchant_id"] = "{merchant_id}" if merchant == main[1] else merchant

    def _original(self, message: Message) -> _Sent | None:
        if 90 not in message.fields:
            return None
        for identity, sent in self._sent.items():
            named = OriginalData(original_of(sent.message.mti), identity[1], identity[2]).pack()
            if identity[0] == _text(message, 41) and named == message.fields[90] and sent.name:
                return sent
        return None

    def _tags(self, message: Message, number: int) -> Step:
        found: Step = {}
        for tag, value in message.tags(number).items():
            known = self._spec.tags.get(tag)
            text = self.safe.text(f"{number}.{tag}", value)
            if tag == Tag.ORIGINAL_RRN and text in self._rrns:
                text = self._rrns[text]
            self._put(found, f"{number}.{tag}", known.name if known else tag, text)
        return found

    def _put(self, content: Step, path: str, name: str, text: str | None) -> None:
        if text is None:
            self._leave_out(f"{name} ({path}): it may not stand in a file")
        else:
            content[name] = text

    def _answer(self, sent: _Sent, message: Message) -> None:
        name = f"r{self.messages}"
        fields: Step = {}
        echoed = self._spec.echo_of(message.mti)
        # The code first: where it is another one, the rest says nothing.
        for number, value in sorted(message.fields.items(), key=lambda item: item[0] != 39):
            if number in _NOT_COMPARED or number in echoed or not isinstance(value, str | bytes):
                continue
            path = str(number)
            fields[self._spec.fields[number].name] = self._expected(path, value, number in VOLATILE_FIELDS)
        tags: Step = {}
        for tag, value in message.tags(48).items():
            known = self._spec.tags.get(tag)
            if isinstance(value, str | bytes):
                path, is_volatile = f"48.{tag}", tag in VOLATILE_TAGS
                tags[known.name if known else tag] = self._expected(path, value, is_volatile)
        step: Step = {"do": "expect", "message": message.mti, "name": name, "to": sent.name, "fields": fields}
        if tags:
            step["tags"] = tags
        self.steps.append(step)
        rrn = _text(message, 37)
        if rrn:
            self._rrns.setdefault(rrn, f"{{{name}.rrn}}")

    def _expected(self, path: str, value: str | bytes, is_volatile: bool) -> object:
        if is_volatile or not self.safe.may_be_compared(path, value):
            return {"present": True}
        return value.hex().upper() if isinstance(value, bytes) else value


def _identity(message: Message) -> Identity:
    return _text(message, 41), _text(message, 11), _text(message, 7)


def _content(message: Message) -> dict[int, object]:
    return {number: value for number, value in message.fields.items() if number not in (64, 128)}


def _text(message: Message, number: int) -> str:
    value = message.fields.get(number, "")
    return value.strip(" ") if isinstance(value, str) else ""
