"""Turns exceptions of a request into problem documents."""

import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from host_api.core.errors import (
    PROBLEM_MEDIA_TYPE,
    BadRequest,
    DatabaseUnavailable,
    FieldProblem,
    MethodNotAllowed,
    Problem,
    RouteNotFound,
    ValidationFailed,
    preferred_language,
)
from host_api.core.fault_reports import of_request
from host_api.core.locking import ChangedMeanwhile
from host_api.core.request_id import REQUEST_ID_HEADER
from host_api.core.runtime import runtime_of

_log = logging.getLogger(__name__)

_DEFAULT_MESSAGE_FA = "مقدار نادرست است."
_MESSAGES_FA: Mapping[str, str] = {
    "missing": "این مورد لازم است.",
    "extra_forbidden": "چنین موردی شناخته نیست.",
    "json_invalid": "بدنهٔ درخواست JSON درستی نیست.",
    "string_type": "مقدار باید متن باشد.",
    "string_too_short": "متن کوتاه‌تر از اندازهٔ مجاز است.",
    "string_too_long": "متن بلندتر از اندازهٔ مجاز است.",
    "string_pattern_mismatch": "شکل متن درست نیست.",
    "int_type": "مقدار باید عدد صحیح باشد.",
    "int_parsing": "مقدار باید عدد صحیح باشد.",
    "int_from_float": "مقدار باید عدد صحیح باشد.",
    "greater_than": "عدد کوچک‌تر از اندازهٔ مجاز است.",
    "greater_than_equal": "عدد کوچک‌تر از اندازهٔ مجاز است.",
    "less_than": "عدد بزرگ‌تر از اندازهٔ مجاز است.",
    "less_than_equal": "عدد بزرگ‌تر از اندازهٔ مجاز است.",
    "enum": "مقدار از فهرست مجاز نیست.",
    "literal_error": "مقدار از فهرست مجاز نیست.",
    "datetime_from_date_parsing": "تاریخ و ساعت خوانده نمی‌شود.",
    "datetime_parsing": "تاریخ و ساعت خوانده نمی‌شود.",
    "timezone_aware": "تاریخ و ساعت باید اختلاف ساعت (offset) داشته باشد.",
    "mobile_number": "شمارهٔ همراه ایران باید مانند 09123456789 باشد.",
    "username": "نام کاربری ۳ تا ۶۰ حرف انگلیسی، رقم و نشانه‌های . _ @ - است.",
    "permission_unknown": "چنین اجازه‌ای شناخته نیست.",
    "etag": 'If-Match باید ETag رکورد باشد، مانند "3".',
    "too_long": "فهرست بلندتر از اندازهٔ مجاز است.",
    "too_short": "فهرست کوتاه‌تر از اندازهٔ مجاز است.",
    "bool_type": "مقدار باید درست یا نادرست باشد.",
    "bool_parsing": "مقدار باید درست یا نادرست باشد.",
    "uuid_parsing": "مقدار باید UUID باشد.",
    "name_empty": "نام خالی است.",
    "card_number": "شمارهٔ کارت باید ۱۶ رقم با پیش‌شمارهٔ ۹۳۶۴ و رقم کنترل درست باشد.",
    "cursor": "نشانگر صفحه درست نیست؛ مقدار next_cursor صفحهٔ پیش را بفرستید.",
    "period": "پایان بازه باید پس از آغاز آن باشد.",
}


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """The answer to `request` that carries `problem` in the caller's language."""
    language = preferred_language(request.headers.get("accept-language"))
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    request_id = getattr(request.state, "request_id", None)
    if isinstance(request_id, str):  # an unexpected error is answered outside the middleware that tells it
        headers[REQUEST_ID_HEADER] = request_id
    return JSONResponse(
        problem.document(language).model_dump(mode="json"),
        status_code=problem.status,
        headers=headers | problem.headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )


def field_problem(code: str, message: str, field: str, location: str) -> FieldProblem:
    """A field's error with its Persian text looked up by `code`."""
    return FieldProblem(
        field=field,
        location=location,
        code=code,
        message=message,
        message_fa=_MESSAGES_FA.get(code, _DEFAULT_MESSAGE_FA),
    )


def _validation_problem(error: RequestValidationError) -> ValidationFailed:
    entries: list[FieldProblem] = []
    for entry in error.errors():
        location: Sequence[str | int] = entry["loc"]
        place = str(location[0]) if location else "body"
        # For a body that isn't JSON the second part is a byte offset, not a field.
        path = [] if entry["type"] == "json_invalid" else [str(part) for part in location[1:]]
        problem = field_problem(entry["type"], entry["msg"], ".".join(path) or place, place)
        persian = entry.get("ctx", {}).get("message_fa")
        if isinstance(persian, str):
            problem.message_fa = persian
        entries.append(problem)
    return ValidationFailed(entries)


_KINDS_BY_STATUS: Mapping[int, type[Problem]] = {404: RouteNotFound, 405: MethodNotAllowed}


def install_error_handlers(application: FastAPI) -> None:
    """Make every exception of a request end in a problem document."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        return failed(request, error, error if isinstance(error, Problem) else Problem())

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            return problem_response(request, ValidationFailed())
        return problem_response(request, _validation_problem(error))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            return problem_response(request, Problem())
        if isinstance(error.__cause__, Problem):  # raised while the body was being read
            return failed(request, error, error.__cause__)
        kind = _KINDS_BY_STATUS.get(error.status_code, BadRequest if error.status_code < 500 else Problem)
        return failed(request, error, kind(headers=error.headers))

    async def on_database(request: Request, error: Exception) -> JSONResponse:
        _log.error("database failed during a request: %s", type(error).__name__)
        if isinstance(error, DBAPIError) and not (
            isinstance(error, OperationalError) or error.connection_invalidated
        ):
            _log.error("statement refused", exc_info=error)
            return failed(request, error, Problem())
        return failed(request, error, DatabaseUnavailable(headers={"Retry-After": "1"}))

    async def on_stale(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, ChangedMeanwhile())

    async def on_anything(request: Request, error: Exception) -> JSONResponse:
        return failed(request, error, Problem())

    def failed(request: Request, error: Exception, problem: Problem) -> JSONResponse:
        if problem.status >= 500:
            runtime_of(request).fault_reports.report(of_request(request, error, problem.code))
        return problem_response(request, problem)

    application.add_exception_handler(Problem, on_problem)
    application.add_exception_handler(RequestValidationError, on_validation)
    application.add_exception_handler(HTTPException, on_http)
    # Somebody changed a row between its reading and its locking.
    application.add_exception_handler(StaleDataError, on_stale)
    application.add_exception_handler(DBAPIError, on_database)
    application.add_exception_handler(PoolTimeout, on_database)
    application.add_exception_handler(Exception, on_anything)
