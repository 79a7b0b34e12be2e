"""Rules for tests, of which only what matters is written."""

from switch.console.alarms.rules import Rule

TEXTS = {"fa": "هشدار", "en": "alarm"}


def rule(**parts: object) -> Rule:
    """A rule with the given parts; by default a level that must be 0."""
    plain: dict[str, object] = {"above": 0} if "below" not in parts else {}
    return Rule.model_validate(
        {
            "name": "tested",
            "severity": "warning",
            "title": TEXTS,
            "todo": TEXTS,
            "signal": "not_ready",
            "clear_after_s": 5,
            **plain,
            **parts,
        }
    )
