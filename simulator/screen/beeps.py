"""When the terminal beeps: the firmware's own patterns, as tones for the page to play."""

from terminal.devices import beeper

Tones = list[tuple[int, int]]
Event = dict[str, object]

_APPROVED = "00"


def key_tones() -> Tones:
    """A key was pressed."""
    return _tones(beeper.KEY)


def tones_of(event: Event) -> Tones:
    """What is heard at a diagnostic event; nothing at most of them."""
    match event.get("event"):
        case "transaction" if event.get("response_code") == _APPROVED:
            return _tones(beeper.APPROVED)
        case "transaction":
            return _tones(beeper.DECLINED)
        case "misread" | "no_answer" | "print_failed":
            return _tones(beeper.FAULT)
        case "state" if event.get("state") == "remove":
            return _tones(beeper.REMOVE_CARD)
    return []


def _tones(pattern: bytes) -> Tones:
    """Hertz and milliseconds, one after the other."""
    player = beeper.Beeper()
    player.play(pattern)
    tones: Tones = []
    while (tone := player.due()) is not None:
        tones.append(tone)
    return tones
