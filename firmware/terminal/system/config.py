"""The terminal's parameters, checked once at start."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from terminal.system.settings_store import SettingsStore

    Settings = Mapping[str, object] | SettingsStore


class ConfigFault(Exception):  # noqa: N818
    """A parameter is missing or wrong; the text names it."""


class Config:
    """Parameters by name. See `_NUMBERS` for defaults and ranges.

    Args:
        settings: as read from the board's store.

    Raises:
        ConfigFault: a parameter is missing or out of range.
    """

    def __init__(self, settings: "Settings") -> None:
        self.terminal_id = text_setting(settings, "terminal_id", 8, 8)
        self.merchant_id = text_setting(settings, "merchant_id", 1, 15)
        self.switch_host = text_setting(settings, "switch_host", 1, 253)
        self.merchant_name_fa = text_setting(settings, "merchant_name_fa", 0, 32)
        self.merchant_name_en = text_setting(settings, "merchant_name_en", 0, 32)
        self.languages = _languages(settings)
        self.paper_mm = _paper_mm(settings)
        self.switch_port = number_setting(settings, "switch_port", 0, 1, 65535)
        self.local_offset_minutes = number_setting(settings, "local_offset_minutes", 210, -720, 840)
        self.connect_timeout_ms = number_setting(settings, "connect_timeout_ms", 5000, 10, 60000)
        self.response_timeout_ms = number_setting(settings, "response_timeout_ms", 10000, 50, 60000)
        self.echo_interval_ms = number_setting(settings, "echo_interval_ms", 30000, 50, 600000)
        self.backoff_first_ms = number_setting(settings, "backoff_first_ms", 500, 10, 60000)
        self.backoff_limit_ms = number_setting(settings, "backoff_limit_ms", 30000, 10, 600000)
        self.reversal_retry_ms = number_setting(settings, "reversal_retry_ms", 1000, 10, 60000)
        self.key_timeout_ms = number_setting(settings, "key_timeout_ms", 60000, 100, 600000)
        self.card_removal_timeout_ms = number_setting(settings, "card_removal_timeout_ms", 30000, 100, 600000)
        self.notice_ms = number_setting(settings, "notice_ms", 4000, 10, 60000)
        self.logout_ms = number_setting(settings, "logout_ms", 300000, 1000, 86400000)
        self.amount_limit = number_setting(settings, "amount_limit", 9_999_999_999, 1, 999_999_999_999)


def text_setting(settings: "Settings", name: str, shortest: int, longest: int) -> str:
    """A text of so many characters; a missing one is empty, where it may be. Raises ConfigFault."""
    value = settings.get(name, "" if shortest == 0 else None)
    if value is None:
        raise ConfigFault(name + " is missing")
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise ConfigFault("%s must be text of %d to %d characters" % (name, shortest, longest))
    for character in value:
        if ord(character) < 32:
            raise ConfigFault(name + " holds a control character")
    return value


def number_setting(settings: "Settings", name: str, default: int, least: int, most: int) -> int:
    """A whole number from `least` to `most`. Raises ConfigFault."""
    value = settings.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigFault("%s must be a whole number from %d to %d" % (name, least, most))
    return value


def _languages(settings: "Settings") -> "list[str]":
    value = settings.get("languages", ["fa", "en"])
    if not isinstance(value, list) or not value or len(value) > 2:
        raise ConfigFault("languages must be a list of one or two")
    for language in value:
        if language not in ("fa", "en"):
            raise ConfigFault("languages must be fa or en")
    return value


def _paper_mm(settings: "Settings") -> int:
    value = number_setting(settings, "paper_mm", 58, 58, 80)
    if value not in (58, 80):
        raise ConfigFault("paper_mm must be 58 or 80")
    return value
