"""What one rule document has that another has not, as they are written."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.versions.schemas import DocumentDifference, FieldChange, RuleChange

_LISTS = ("rules", "simple")
# A rule's edition says that it changed, not what.
_NOT_TOLD = frozenset(("version",))
_ABSENT = object()


def difference_of(before: JsonObject, after: JsonObject) -> DocumentDifference:
    """What `after` changes."""
    old, new = _rules(before), _rules(after)
    changes = [
        RuleChange(rule_id=rule_id, fields=fields)
        for rule_id in sorted(old.keys() & new.keys())
        if (fields := list(_changes(old[rule_id], new[rule_id], "")))
    ]
    return DocumentDifference(
        added=sorted(new.keys() - old.keys()),
        removed=sorted(old.keys() - new.keys()),
        changed=changes,
        shared=list(_changes(_head(before), _head(after), "")),
        unchanged=len(old.keys() & new.keys()) - len(changes),
    )


def _rules(document: JsonObject) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for section in _LISTS:
        entries = document.get(section)
        for rule in entries if isinstance(entries, list) else []:
            if isinstance(rule, dict):
                kept = {name: value for name, value in rule.items() if name not in _NOT_TOLD}
                found[str(rule.get("rule_id"))] = kept
    return found


def _head(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name not in _LISTS}


def _changes(before: object, after: object, path: str) -> Iterator[FieldChange]:
    """Objects part by part, lists of equal length entry by entry; everything else as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from _changes(before.get(name, _ABSENT), after.get(name, _ABSENT), _joined(path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, _joined(path, str(index)))
    elif before is _ABSENT or after is _ABSENT or type(before) is not type(after) or before != after:
        yield FieldChange(path=path, before=_told(before), after=_told(after))


def _told(value: object) -> JsonValue:
    if value is None or value is _ABSENT:
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_told(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(name): _told(entry) for name, entry in value.items()}
    raise TypeError("a rule document holds JSON only")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
