"""All files of the client."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.generators.api_client import operations
from tools.generators.api_client.document import Document, Node, NotKnown, read_document
from tools.generators.api_client.models import Models
from tools.generators.api_client.modules import GENERATED, module
from tools.generators.api_client.names import docstring, pascal, snake

_FAULTS = "host_api.client.faults"
_TRANSPORT = "host_api.client.transport"


def client_files(document: Node) -> dict[str, str]:
    """Text of each generated file, by its path below `host_api/client`.

    Raises:
        NotKnown: the document has what the generator does not know.
    """
    read = read_document(document)
    models = Models(read)
    tags = [tag for tag in read.tags if any(operation.tag == tag for operation in read.operations)]
    missing = {operation.tag for operation in read.operations} - {*tags}
    if missing:
        raise NotKnown(f"nothing is told of the tags {', '.join(sorted(missing))}")
    files = {"problems.py": _problems(read), "api.py": _api(read, tags)}
    files |= models.texts()
    files |= {f"operations/{snake(tag)}.py": operations.operations_module(read, models, tag) for tag in tags}
    for folder, told in (("models", "Models, by tag."), ("operations", "Operations, by tag.")):
        files[f"{folder}/__init__.py"] = f'{GENERATED}\n"""{told}"""\n'
    return _formatted(files)


def _problems(document: Document) -> str:
    classes = ""
    for kind in document.problems.values():
        told = docstring(f"{kind.title.rstrip('.')}.", "    ")
        classes += (
            f"class {pascal(kind.code)}(Problem, code={kind.code!r}, status={kind.status}):\n{told}\n\n"
        )
    return module("Every problem that the API declares.", [(_FAULTS, "Problem")], classes)


def _api(document: Document, tags: list[str]) -> str:
    common = ", ".join(pascal(code) for code in sorted(operations.common_problems(document)))
    told = docstring(
        "The host API; its operations are the attributes, by tag.\n\n"
        f"Most of them can raise {common}, besides what each tells; and `Problem` itself, where the API is "
        "newer than this client.",
        "    ",
    )
    attributes = "".join(
        f"        self.{snake(tag)} = {operations.operations_class(tag)}(self._transport)\n" for tag in tags
    )
    body = (
        f"class HostApi(Connection):\n{told}\n"
        "    def __init__(self, http: httpx2.AsyncClient, "
        "credential: Mapping[str, str] | None = None) -> None:\n"
        f"        super().__init__(http, credential)\n{attributes}"
    )
    imports = [(f"{operations.PACKAGE}.{snake(tag)}", operations.operations_class(tag)) for tag in tags]
    imports += [(_TRANSPORT, "Connection"), ("collections.abc", "Mapping")]
    text = module("The client.", imports, body)
    return text.replace("\nfrom host_api", "\nimport httpx2\n\nfrom host_api", 1)


def _formatted(files: dict[str, str]) -> dict[str, str]:
    """The files as the project's formatter has them."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            path = Path(directory, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        for command in (["check", "--select=F401,I001", "--fix"], ["format"]):
            options = ["--quiet", "--isolated", "--no-cache", "--line-length=110", "--target-version=py311"]
            own = ["--config", "lint.isort.known-first-party=['host_api']"]
            subprocess.run(  # noqa: S603
                [sys.executable, "-m", "ruff", *command, *options, *own, directory], check=True
            )
        return {name: Path(directory, name).read_text("utf-8") for name in files}
