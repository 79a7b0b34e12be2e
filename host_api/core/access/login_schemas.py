"""What the login's endpoints take and give."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.access.caller import CallerKind
from host_api.core.programmes import ProgrammeMode

# Longer passwords are refused by the policy; here is only bounded what is read.
TypedPassword = Annotated[str, Field(min_length=1, max_length=256, json_schema_extra={"format": "password"})]
TypedCode = Annotated[str, Field(min_length=6, max_length=40)]


class TokenForm(BaseModel):
    """A request of the token endpoint (RFC 6749, sections 4.3.2 and 6); what else comes is not looked at."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"grant_type": "password", "username": "sara", "password": "…"}}
    )

    grant_type: Literal["password", "refresh_token"]
    username: str | None = Field(default=None, min_length=1, max_length=100)
    password: TypedPassword | None = None
    totp: str | None = Field(
        default=None, max_length=40, description="Code of the authenticator app, or a recovery code."
    )
    refresh_token: str | None = Field(default=None, max_length=200)


class TokensIssued(BaseModel):
    """Tokens of a login (RFC 6749, section 5.1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "access_token": "access_…",
                "token_type": "bearer",
                "expires_in": 900,
                "refresh_token": "refresh_…",
                "must_change_password": False,
            }
        }
    )

    access_token: str = Field(description="Good for 15 minutes, as a bearer.")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  (a word of the protocol)
    expires_in: int = Field(description="Seconds the access token is good for.")
    refresh_token: str = Field(description="Good for 12 hours and one use; the next comes with new tokens.")
    must_change_password: bool = Field(
        description="Nothing but `POST /v1/auth/password` is open until a password is chosen."
    )


class MeRead(BaseModel):
    """Who calls."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "user",
                "id": "3",
                "name": "Sara",
                "username": "sara",
                "programme": 1,
                "programme_code": "club",
                "programme_name": "باشگاه",
                "mode": "live",
                "permissions": ["members:read", "members:write"],
                "switched_off_modules": [],
                "must_change_password": False,
                "has_totp": True,
                "recovery_codes_left": 10,
            }
        }
    )

    kind: CallerKind
    id: str
    name: str
    username: str | None
    programme: int
    programme_code: str
    programme_name: str
    mode: ProgrammeMode
    permissions: list[str] = Field(description="Every permission that the API asks for and the caller has.")
    switched_off_modules: list[str] = Field(description="Modules the programme does without.")
    must_change_password: bool
    has_totp: bool
    recovery_codes_left: int


class LoginRead(BaseModel):
    """An open login of the caller."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "login_id": "0123456789abcdef",
                "began_at": "2026-03-21T06:30:00Z",
                "access_expires_at": "2026-03-21T06:45:00Z",
                "expires_at": "2026-03-21T18:30:00Z",
                "is_this_one": True,
            }
        }
    )

    login_id: str
    began_at: datetime
    access_expires_at: datetime
    expires_at: datetime = Field(description="Ends then unless it is renewed.")
    is_this_one: bool = Field(description="Whether this request came with it.")


class LoginList(BaseModel):
    """The open logins of the caller; at most twenty."""

    items: list[LoginRead]


class PasswordChange(BaseModel):
    """A new password of one's own."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"current_password": "…", "new_password": "…"}}
    )

    current_password: TypedPassword
    new_password: TypedPassword = Field(description="At least ten characters, and not one of the usual ones.")


class TotpBegin(BaseModel):
    """The wish for an authenticator."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"current_password": "…"}})

    current_password: TypedPassword


class TotpSecretIssued(BaseModel):
    """What goes into the authenticator app; shown once."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"secret": "GEZD GNBV …", "uri": "otpauth://totp/…"}}
    )

    secret: str = Field(description="To be typed, in base 32.")
    uri: str = Field(description="To be shown as a QR code.")


class TotpConfirm(BaseModel):
    """A first code of the app."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "123456"}})

    code: TypedCode


class RecoveryCodesIssued(BaseModel):
    """Codes for the day the phone is lost; each opens once."""

    model_config = ConfigDict(json_schema_extra={"example": {"recovery_codes": ["GEZD GNBV GY3T QOJQ"]}})

    recovery_codes: list[str] = Field(description="Shown once; to be printed and locked away.")


class TotpRemove(BaseModel):
    """The wish to do without."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"current_password": "…", "code": "123456"}}
    )

    current_password: TypedPassword
    code: TypedCode = Field(description="Of the app, or a recovery code.")
