"""Modules of operations: one for each tag, with a method for each operation."""

from collections import Counter
from collections.abc import Sequence

from tools.generators.api_client.document import (
    FORM,
    MULTIPART,
    Document,
    NotKnown,
    Operation,
    Parameter,
    nodes,
)
from tools.generators.api_client.models import Models, schemas_of
from tools.generators.api_client.modules import module
from tools.generators.api_client.names import constant, docstring, pascal, snake
from tools.generators.api_client.types import PythonType, type_of

PACKAGE = "host_api.client.operations"

_TRANSPORT = "host_api.client.transport"
_CURSOR = "cursor"
# What the connection itself carries.
_OF_THE_CONNECTION = {"authorization", "accept-language", "x-api-key"}


def operations_module(document: Document, models: Models, tag: str) -> str:
    """The module of a tag's operations."""
    operations = [operation for operation in document.operations if operation.tag == tag]
    everywhere = common_problems(document)
    imports: set[tuple[str, str]] = {(_TRANSPORT, "Transport")}
    answers: dict[str, str] = {}
    methods = ""
    for operation in operations:
        for schema in schemas_of(operation):
            found = type_of(schema, operation.where)
            imports |= found.imports | models.imports_of(found.schemas)
        text, used = _method(operation, everywhere, answers)
        imports |= used
        methods += text
    if answers:
        imports.add(("pydantic", "TypeAdapter"))
    constants = "".join(
        f"{name}: TypeAdapter[{text}] = TypeAdapter({text})\n" for text, name in answers.items()
    )
    head = (
        f"class {operations_class(tag)}:\n{docstring(document.tags[tag], '    ')}\n"
        "    def __init__(self, transport: Transport) -> None:\n        self._transport = transport\n\n"
    )
    return module(f"Operations of the tag {tag}.", imports, f"{constants}\n\n{head}{methods}")


def operations_class(tag: str) -> str:
    """The class of a tag's operations."""
    return f"{pascal(tag)}Operations"


def common_problems(document: Document) -> frozenset[str]:
    """What a third of the operations or more declare, as all that write do: told once, not at each."""
    counts = Counter(code for operation in document.operations for code in {*operation.problems})
    return frozenset(code for code, count in counts.items() if count * 3 > len(document.operations))


def _method(
    operation: Operation, everywhere: frozenset[str], answers: dict[str, str]
) -> tuple[str, set[tuple[str, str]]]:
    imports: set[tuple[str, str]] = set()
    arguments, sent = _arguments(operation, imports)
    told = operation.summary.rstrip(".?!") + (operation.summary[-1] if operation.summary[-1] in "?!" else ".")
    told = f"{told}\n\n{operation.description}"
    own = [pascal(code) for code in operation.problems if code not in everywhere]
    if own:
        told += f"\n\nProblems: {', '.join(own)}."
    call, result, is_awaited = _call(operation, answers, imports)
    text = f"    {'async ' if is_awaited else ''}def {snake(operation.name)}(self{arguments}) -> {result}:\n"
    text += docstring(told, "        ")
    before = ("" if result == "None" else "return ") + ("await " if is_awaited else "")
    text += f"        {before}{call}{sent})\n\n"
    return text, imports


def _call(
    operation: Operation, answers: dict[str, str], imports: set[tuple[str, str]]
) -> tuple[str, str, bool]:
    """The beginning of the call, the type of what the method gives, and whether it is awaited in it."""
    path = _path(operation, imports)
    if operation.is_download:
        imports.add((_TRANSPORT, "Download"))
        return f"self._transport.download({operation.method!r}, {path}", "Download", False
    answer = PythonType("None") if operation.answer is None else type_of(operation.answer, operation.where)
    adapter = answers.get(answer.text) or _adapter(answer.text, answers)
    if _is_listing(operation, answer):
        imports.add((_TRANSPORT, "Listing"))
        item = answer.text[5:-1]
        return f"self._transport.listing({path}, {adapter}", f"Listing[{item}]", False
    return f"self._transport.call({operation.method!r}, {path}, {adapter}", answer.text, True


def _adapter(text: str, answers: dict[str, str]) -> str:
    name = constant(text)
    if name in answers.values():
        raise NotKnown(f"two answers make the name {name}")
    answers[text] = name
    return name


def _is_listing(operation: Operation, answer: PythonType) -> bool:
    return (
        operation.method == "GET"
        and answer.text.startswith("Page[")
        and any(entry.name == _CURSOR and entry.place == "query" for entry in operation.parameters)
    )


def _path(operation: Operation, imports: set[tuple[str, str]]) -> str:
    path = operation.path
    wanted = [entry for entry in operation.parameters if entry.place == "path"]
    for entry in wanted:
        path = path.replace(f"{{{entry.name}}}", f"{{in_path({snake(entry.name)})}}")
    if not wanted:
        return repr(path)
    imports.add((_TRANSPORT, "in_path"))
    return f"f{path!r}"


def _arguments(operation: Operation, imports: set[tuple[str, str]]) -> tuple[str, str]:
    """The method's arguments, and what of them the call is given."""
    by_place: dict[str, list[Parameter]] = {"path": [], "query": [], "header": []}
    for entry in operation.parameters:
        if entry.place != "header" or entry.name.lower() not in _OF_THE_CONNECTION:
            by_place[entry.place].append(entry)
    names = [snake(entry.name) for entries in by_place.values() for entry in entries]
    if len({*names}) != len(names):
        raise NotKnown(f"{operation.where}: two parameters have one name")
    positional = [f"{snake(entry.name)}: {_argument_type(entry, operation)}" for entry in by_place["path"]]
    sent = ""
    if operation.body is not None:
        wanted, given = _body(operation, imports)
        positional += wanted
        sent += given
    named = [*by_place["query"], *by_place["header"]]
    keywords = [
        f"{snake(entry.name)}: {_argument_type(entry, operation)}" + ("" if entry.is_required else " = None")
        for entry in sorted(named, key=lambda entry: not entry.is_required)
    ]
    arguments = (*positional, *(["*"] if keywords else []), *keywords)
    query = by_place["query"]
    if operation.answer is not None and _is_listing(operation, type_of(operation.answer, operation.where)):
        query = [entry for entry in query if entry.name != _CURSOR]
        sent += f", cursor={_CURSOR}"
    sent += _sent("query", query) + _sent("headers", by_place["header"])
    return "".join(f", {argument}" for argument in arguments), sent


def _body(operation: Operation, imports: set[tuple[str, str]]) -> tuple[list[str], str]:
    if operation.body is None:
        return [], ""
    media_type, schema = operation.body
    if media_type != MULTIPART:
        found = type_of(schema, operation.where)
        word = "form" if media_type == FORM else "body"
        return [f"{word}: {found.text}"], f", {word}={word}"
    properties = dict(nodes(schema.get("properties", {})))
    if not properties or any(child.get("format") != "binary" for child in properties.values()):
        raise NotKnown(f"{operation.where}: a form with more than files")
    imports.add((_TRANSPORT, "Upload"))
    given = ", ".join(f"{key!r}: {snake(key)}" for key in properties)
    return [f"{snake(key)}: Upload" for key in properties], f", files={{{given}}}"


def _argument_type(entry: Parameter, operation: Operation) -> str:
    found = type_of(entry.schema, f"{operation.where}: {entry.name}")
    return found.text if entry.is_required else found.or_none().text


def _sent(word: str, parameters: Sequence[Parameter]) -> str:
    if not parameters:
        return ""
    return f", {word}={{{', '.join(f'{entry.name!r}: {snake(entry.name)}' for entry in parameters)}}}"
