"""Problem details (RFC 9457): every error the API answers with, in English and Persian.

A business error is a subclass of `Problem` with its own status; an endpoint declares the ones it can raise
with `responses=problem_responses(...)`, so that they stand in the OpenAPI document. No text ever repeats a
value the caller sent: it may be a card number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_REFERENCE = "#/components/schemas/ProblemDocument"

Language = Literal["en", "fa"]


class FieldProblem(BaseModel):
    """One field of the request that was not accepted."""

    field: str = Field(description="Dotted name of the field, such as `mobile`.")
    location: str = Field(description="Where the field stands: body, query, path or header.")
    code: str = Field(description="Stable name of the broken rule.")
    message: str = Field(description="What is wrong, in the caller's language.")
    message_fa: str = Field(description="What is wrong, in Persian.")


class ProblemDocument(BaseModel):
    """An error as problem details (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:vafa:problem:member-not-found",
                "title": "Member not found",
                "title_fa": "عضو پیدا نشد",
                "status": 404,
                "detail": "There is no member with this id.",
                "detail_fa": "عضوی با این شناسه وجود ندارد.",
                "errors": [],
            }
        }
    )

    type: str = Field(description="URN that names the kind of problem; stable.")
    title: str = Field(description="Short name of the problem, in the caller's language (Accept-Language).")
    title_fa: str = Field(description="Short name of the problem, in Persian.")
    status: int = Field(description="The HTTP status again.")
    detail: str = Field(description="What happened and what to do, in the caller's language.")
    detail_fa: str = Field(description="What happened and what to do, in Persian.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="The fields not accepted; all of them."
    )


class Problem(Exception):  # noqa: N818  (the word of RFC 9457)
    """Base of all errors the API answers with.

    Class attributes give the HTTP status, the stable code (last part of the URN) and the texts.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    title_fa: ClassVar[str] = "خطای داخلی"
    detail: ClassVar[str] = "The request could not be served. The error has been logged."
    detail_fa: ClassVar[str] = "درخواست انجام نشد. خطا ثبت شده است."
    field: ClassVar[str | None] = None

    def __init__(
        self, errors: Sequence[FieldProblem] = (), *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(self.code)
        if not errors and self.field is not None:
            errors = (
                FieldProblem(
                    field=self.field,
                    location="body",
                    code=self.code,
                    message=self.detail,
                    message_fa=self.detail_fa,
                ),
            )
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def document(self, language: Language = "en") -> ProblemDocument:
        """The problem as the caller gets it."""
        persian = language == "fa"
        errors = [
            entry.model_copy(update={"message": entry.message_fa}) if persian else entry
            for entry in self.errors
        ]
        return ProblemDocument(
            type=f"urn:vafa:problem:{self.code}",
            title=self.title_fa if persian else self.title,
            title_fa=self.title_fa,
            status=self.status,
            detail=self.detail_fa if persian else self.detail,
            detail_fa=self.detail_fa,
            errors=errors,
        )


class Unauthorised(Problem):
    """No credential, or one that is malformed, unknown, expired or revoked; which of them is not told.

    It carries the challenge that RFC 9110, section 15.5.2, asks for.
    """

    status = 401
    code = "unauthorised"
    title = "Who calls?"
    title_fa = "فراخواننده شناخته نشد"
    detail = "Send a valid API key in the header X-API-Key, or an access token as a bearer."
    detail_fa = "یک کلید API معتبر در سرآیند X-API-Key یا یک توکن دسترسی بفرستید."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="vafa"'})


class NotPermitted(Problem):
    """The caller is known and may not do this."""

    status = 403
    code = "not-permitted"
    title = "Not permitted"
    title_fa = "اجازه ندارید"
    detail = "Your role or key does not have the permission that this address asks for."
    detail_fa = "نقش یا کلید شما اجازه‌ای را که این نشانی می‌خواهد ندارد."


class PasswordChangeNeeded(Problem):
    """The user has logged in with a first password, which opens nothing but the choice of another."""

    status = 403
    code = "password-change-needed"
    title = "Choose a password first"
    title_fa = "نخست گذرواژه برگزینید"
    detail = "You have logged in with a first password; choose your own at /v1/auth/password."
    detail_fa = "با گذرواژهٔ نخستین وارد شده‌اید؛ گذرواژهٔ خود را در ‎/v1/auth/password‎ برگزینید."


class ModuleSwitchedOff(Problem):
    """The programme does without this module."""

    status = 403
    code = "module-switched-off"
    title = "Module switched off"
    title_fa = "این بخش خاموش است"
    detail = "This programme does without this module; an administrator can switch it on."
    detail_fa = "این برنامه از این بخش استفاده نمی‌کند؛ مدیر می‌تواند آن را روشن کند."


class KeyUsedOtherwise(Problem):
    """The idempotency key was used for another request."""

    status = 409
    code = "idempotency-key-used"
    title = "Idempotency key used otherwise"
    title_fa = "کلید یکتایی برای درخواست دیگری به کار رفته است"
    detail = "This Idempotency-Key was sent with another request before; use a new one for each wish."
    detail_fa = "این Idempotency-Key پیش‌تر با درخواست دیگری آمده است؛ برای هر خواسته کلید تازه‌ای بفرستید."


class ValidationFailed(Problem):
    """The request is malformed; `errors` names every field."""

    status = 422
    code = "validation-failed"
    title = "Request not accepted"
    title_fa = "درخواست پذیرفته نشد"
    detail = "Some fields are missing or wrong; each is named in `errors`. Nothing was stored."
    detail_fa = "برخی موارد جا افتاده یا نادرست است؛ نام هر کدام در errors آمده است. چیزی ذخیره نشد."


class BodyTooLarge(Problem):
    """The request body is larger than the API reads."""

    status = 413
    code = "body-too-large"
    title = "Request body too large"
    title_fa = "بدنهٔ درخواست بیش از اندازه بزرگ است"
    detail = "A request body may have at most 65536 bytes."
    detail_fa = "بدنهٔ درخواست حداکثر می‌تواند ۶۵۵۳۶ بایت باشد."


class RouteNotFound(Problem):
    """No such path."""

    status = 404
    code = "route-not-found"
    title = "No such address"
    title_fa = "چنین نشانی‌ای وجود ندارد"
    detail = "There is nothing at this path; the paths are listed at /docs."
    detail_fa = "در این مسیر چیزی نیست؛ فهرست مسیرها در ‎/docs‎ آمده است."


class MethodNotAllowed(Problem):
    """The path exists, the method doesn't."""

    status = 405
    code = "method-not-allowed"
    title = "Method not allowed"
    title_fa = "این روش مجاز نیست"
    detail = "This path does not take this method."
    detail_fa = "این مسیر این روش را نمی‌پذیرد."


class BadRequest(Problem):
    """The request can't be read as HTTP asks."""

    status = 400
    code = "bad-request"
    title = "Request can't be read"
    title_fa = "درخواست خوانده نمی‌شود"
    detail = "The request could not be read."
    detail_fa = "درخواست قابل خواندن نبود."


class DatabaseUnavailable(Problem):
    """The database can't be reached or is too busy; the request may be repeated."""

    status = 503
    code = "database-unavailable"
    title = "Database unavailable"
    title_fa = "پایگاه داده در دسترس نیست"
    detail = "The database can't be reached at the moment; nothing was stored, try again."
    detail_fa = "پایگاه داده فعلاً در دسترس نیست؛ چیزی ذخیره نشد، دوباره تلاش کنید."


def preferred_language(accept_language: str | None) -> Language:
    """Choose between English and Persian by an Accept-Language header (RFC 9110, section 12.5.4)."""
    quality: dict[Language, float] = {"en": 0.0, "fa": 0.0}
    for part in (accept_language or "")[:200].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if language in ("en", "fa"):
            known: Language = "fa" if language == "fa" else "en"
            quality[known] = max(quality[known], weight)
    return "fa" if quality["fa"] > quality["en"] else "en"


def problem_responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint that can raise `problems`, grouped by status."""
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        status: {
            "description": "; ".join(problem.title for problem in group),
            "content": {
                PROBLEM_MEDIA_TYPE: {
                    # Named and not given as a model, of which FastAPI would make a validator for each status
                    # of each operation.
                    "schema": {"$ref": PROBLEM_REFERENCE},
                    "examples": {
                        problem.code: {
                            "summary": problem.title,
                            "value": problem().document().model_dump(mode="json"),
                        }
                        for problem in group
                    },
                }
            },
        }
        for status, group in by_status.items()
    }
