"""What the switch has heard of terminals, as endpoints get it, and what may keep them from it."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from host_api.core.access.authentication import CallerDependency
from host_api.core.errors import NotPermitted, Problem
from host_api.core.runtime import runtime_of
from host_api.services.terminals import access


class SwitchNotConfigured(Problem):
    """The host API has not been told where the operations port is."""

    status = 409
    code = "switch-operations-not-configured"
    title = "Operations port not set"
    title_fa = "درگاه عملیات سوئیچ تنظیم نشده است"
    detail = "This host API has no address of the switch's operations port; set VAFA_HOST_API_OPERATIONS_URL."
    detail_fa = "نشانی درگاه عملیات سوئیچ داده نشده است؛ VAFA_HOST_API_OPERATIONS_URL را تنظیم کنید."


class SwitchUnreachable(Problem):
    """The operations port doesn't answer, or not as it should."""

    status = 502
    code = "switch-unreachable"
    title = "Switch not reached"
    title_fa = "سوئیچ در دسترس نیست"
    detail = "The switch's operations port can't be reached, or gave no answer that can be read; try again."
    detail_fa = "درگاه عملیات سوئیچ در دسترس نیست یا پاسخ خوانایی نداد؛ دوباره تلاش کنید."


class SwitchRefusesToken(Problem):
    """The token of the operations port is missing, or another than the switch's."""

    status = 502
    code = "switch-refuses-token"
    title = "Switch refuses the token"
    title_fa = "سوئیچ توکن را نمی‌پذیرد"
    detail = (
        "The switch refuses the token of its operations port; VAFA_HOST_API_FEED_TOKEN_FILE must hold it."
    )
    detail_fa = "سوئیچ توکن درگاه عملیات را نمی‌پذیرد؛ VAFA_HOST_API_FEED_TOKEN_FILE باید آن را داشته باشد."


class ToldHealth(BaseModel):
    """What a terminal told of itself in its last echo; what it doesn't tell is None."""

    model_config = ConfigDict(extra="ignore")

    terminal: str = Field(max_length=8)
    at_ms: int = Field(ge=0, le=10**14)
    firmware: str | None = Field(default=None, max_length=20)
    battery_percent: int | None = None
    signal_dbm: int | None = None
    paper: str | None = Field(default=None, max_length=10)
    boots: int | None = None
    resets: dict[str, int] | None = None
    heap_free_least_bytes: int | None = None
    flash_erases: int | None = None
    link_failures: int | None = None
    card_read_failures: int | None = None
    rule_table_version: int | None = None
    parameter_sequence: int | None = None
    journal_fill_percent: int | None = None


async def told_health(request: Request, caller: CallerDependency) -> dict[str, ToldHealth]:
    """Dependency: the same, before the endpoint's session is opened; only for whoever may read terminals.

    Raises:
        NotPermitted, SwitchNotConfigured, SwitchUnreachable, SwitchRefusesToken
    """
    if caller.must_change_password or not access.READ.is_in(caller.granted):
        raise NotPermitted
    settings = runtime_of(request).settings
    if settings.operations_url is None:
        raise SwitchNotConfigured
    # The HTTP client is slow to import, and only this needs it.
    from host_api.services.terminals.health_client import read_health  # noqa: PLC0415

    return await read_health(settings.operations_url, settings.feed_token_path)


Told = Annotated[dict[str, ToldHealth], Depends(told_health)]
