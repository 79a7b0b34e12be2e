"""What of a message may stand in a file: card numbers of test ranges, nobody's name, no PIN and no key."""

from dataclasses import dataclass, field

from protocol.message import Value
from protocol.presentation.card_numbers import hide_in_nibbles, hide_in_text
from protocol.spec import SpecDocument
from protocol.spec.schema import Mask
from simulator.scripts.names import mask_of
from simulator.wallet import Wallet

# Expiry and service code of a track whose own may not be kept.
_OTHER_TRACK = "=99125010000"
VARIABLES_MAX = 200
_SHORTEST_SECRET = 4


@dataclass(slots=True)
class SafeValues:
    """Turns values into texts of a script. What may not be kept becomes a variable; `values` are those that
    have one, `wanted` those that whoever plays the script must give."""

    spec: SpecDocument
    wallet: Wallet
    values: dict[str, str] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _secrets: set[str] = field(default_factory=set)

    def text(self, path: str, value: Value) -> str | None:
        """The script's text for a value at a path; None where it can only be left out."""
        mask = mask_of(self.spec, path)
        if isinstance(value, bytes):
            return None if mask or hide_in_nibbles(value.hex()) else value.hex().upper()
        if not isinstance(value, str) or "{" in value or "}" in value:
            return None
        if mask is not None:
            return self._masked(path, value, mask)
        if self._is_free_text(path) and (hide_in_text(value) or self._holds_secret(value)):
            return None
        return value

    def may_be_compared(self, path: str, value: Value) -> bool:
        """Whether a reply's value may stand in the file as it is."""
        return mask_of(self.spec, path) is None and self.text(path, value) is not None

    def _masked(self, path: str, value: str, mask: Mask) -> str | None:
        if mask == "pan":
            return self._card(value)
        if mask == "track":
            number, separator, tail = value.partition("=")
            if not separator:
                return None
            is_test = self.wallet.is_test(number)
            return (self._card(number) or "") + (f"={tail}" if is_test else _OTHER_TRACK)
        number, _, tag = path.partition(".")
        known = self.spec.tags[tag].name if tag in self.spec.tags else self.spec.fields[int(number)].name
        return self._variable(known, value, keep=False)

    def _card(self, number: str) -> str | None:
        return self._variable("card", number, keep=self.wallet.is_test(number))

    def _variable(self, kind: str, value: str, *, keep: bool) -> str | None:
        """One variable for each value: the same card is the same variable all along."""
        name = self._names.get((kind, value))
        if name is None:
            if len(self._names) >= VARIABLES_MAX:
                return None
            count = sum(known == kind for known, _ in self._names) + 1
            name = kind if count == 1 else f"{kind}_{count}"
            self._names[kind, value] = name
            if keep:
                self.values[name] = value
            else:
                self.wanted.append(name)
                if len(value) >= _SHORTEST_SECRET:
                    self._secrets.add(value)
        return f"{{{name}}}"

    def _holds_secret(self, value: str) -> bool:
        """Whether something that was masked elsewhere stands in a text."""
        return any(secret in value for secret in self._secrets)

    def _is_free_text(self, path: str) -> bool:
        number, _, tag = path.partition(".")
        known = self.spec.tags.get(tag) if tag else self.spec.fields.get(int(number))
        return known is None or known.kind != "n"
