"""What a call can fail with, besides the `httpx2.HTTPError` of a connection that fails."""

from collections.abc import Mapping
from typing import ClassVar

from host_api.client.records import FieldProblem, ProblemDocument

_URN = "urn:vafa:problem:"


class Problem(Exception):  # noqa: N818  (the word of RFC 9457)
    """The API answered with an error; `problems` has a subclass for each that it declares.

    Attributes:
        code, status: of the kind; empty and 0 where it is not declared.
        document: texts in both languages, and the fields not accepted.
        headers: of the answer, their names in small letters.
    """

    code: ClassVar[str] = ""
    status: ClassVar[int] = 0
    _kinds: ClassVar[dict[str, type["Problem"]]] = {}

    def __init_subclass__(cls, code: str, status: int) -> None:
        cls.code, cls.status = code, status
        Problem._kinds[code] = cls

    @classmethod
    def told(cls, document: ProblemDocument, headers: Mapping[str, str]) -> "Problem":
        """The exception of the document's kind; a plain `Problem` where the kind is not declared."""
        return Problem._kinds.get(document.type.removeprefix(_URN), Problem)(document, headers)

    def __init__(self, document: ProblemDocument, headers: Mapping[str, str]) -> None:
        super().__init__(f"{document.status} {document.type.removeprefix(_URN)}: {document.detail}")
        self.document = document
        self.headers = dict(headers)

    @property
    def errors(self) -> list[FieldProblem]:
        """The fields not accepted."""
        return self.document.errors

    @property
    def retry_after_s(self) -> int | None:
        """Seconds to wait before another try, where the API says so."""
        text = self.headers.get("retry-after", "")
        return int(text) if text.isascii() and text.isdigit() else None


class AnswerNotUnderstood(Exception):  # noqa: N818
    """The answer is not what the document says: something else answers there, or another version."""
