"""What a login, or a user's change of his own account, can end in."""

from typing import ClassVar

from pydantic import Field

from host_api.core.errors import Language, Problem, ProblemDocument

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="vafa", error="invalid_grant"'}


class GrantProblemDocument(ProblemDocument):
    """The same with the code that OAuth clients look for."""

    error: str = Field(description="Error code of RFC 6749, section 5.2.")


class GrantProblem(Problem):
    """Base of what the token endpoint refuses with; the OAuth code stands beside ours."""

    status = 401
    oauth_error: ClassVar[str] = "invalid_grant"

    def __init__(self, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(headers=(_CHALLENGE if self.status == 401 else {}) | (headers or {}))

    def document(self, language: Language = "en") -> GrantProblemDocument:
        """The problem as the caller gets it."""
        return GrantProblemDocument(error=self.oauth_error, **dict(super().document(language)))


class LoginFailed(GrantProblem):
    """User name, password or code is wrong, or the user is blocked; which of them is not told."""

    code = "login-failed"
    title = "Login failed"
    title_fa = "ورود ناموفق بود"
    detail = "User name, password or code is wrong, or the user may not log in."
    detail_fa = "نام کاربری، گذرواژه یا کد نادرست است، یا این کاربر اجازهٔ ورود ندارد."


class CodeNeeded(GrantProblem):
    """The password is right, and the user has an authenticator whose code did not come with it."""

    code = "totp-needed"
    title = "Code needed"
    title_fa = "کد لازم است"
    detail = "Send the present code of the authenticator app, or a recovery code, as `totp`."
    detail_fa = "کد کنونی برنامهٔ رمزساز یا یک کد بازیابی را در totp بفرستید."

    def __init__(self) -> None:
        challenge = f'{_CHALLENGE["WWW-Authenticate"]}, error_description="totp"'
        super().__init__(headers={"WWW-Authenticate": challenge})


class LoginEnded(GrantProblem):
    """The refresh token is unknown, expired or was used before, or its login has ended."""

    code = "login-ended"
    title = "Login ended"
    title_fa = "نشست پایان یافته است"
    detail = "This refresh token is not valid any more; log in again."
    detail_fa = "این توکن تازه‌سازی دیگر معتبر نیست؛ دوباره وارد شوید."


class LoginLocked(GrantProblem):
    """Too many failures for this user name or from this address."""

    status = 429
    code = "login-locked"
    title = "Too many failed logins"
    title_fa = "تلاش‌های ناموفق بیش از اندازه است"
    detail = "Too many logins have failed; wait as many seconds as Retry-After says."
    detail_fa = "تلاش‌های ناموفق بیش از اندازه بوده است؛ به اندازهٔ ثانیه‌های Retry-After صبر کنید."


class LoginsBusy(GrantProblem):
    """So many passwords are being compared that this one has to come again."""

    status = 503
    code = "logins-busy"
    oauth_error = "temporarily_unavailable"
    title = "Too many logins at once"
    title_fa = "ورودهای هم‌زمان بیش از اندازه است"
    detail = "Many users are logging in at the moment; try again in a second."
    detail_fa = "هم‌اکنون کاربران زیادی وارد می‌شوند؛ یک ثانیهٔ دیگر تلاش کنید."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class UsersOnly(Problem):
    """An API key asked for what only a person has."""

    status = 403
    code = "users-only"
    title = "For users only"
    title_fa = "فقط برای کاربران"
    detail = "This is for users who have logged in; an API key has no password and no logins."
    detail_fa = "این بخش برای کاربرانی است که وارد شده‌اند؛ کلید API گذرواژه و نشست ندارد."


class PasswordWrong(Problem):
    """The present password is wrong."""

    status = 403
    code = "password-wrong"
    title = "Wrong password"
    title_fa = "گذرواژه نادرست است"
    detail = "Your present password, or the code, is not the right one."
    detail_fa = "گذرواژهٔ کنونی یا کد شما درست نیست."


class LoginNotFound(Problem):
    """The caller has no such login."""

    status = 404
    code = "login-not-found"
    title = "Login not found"
    title_fa = "نشست پیدا نشد"
    detail = "You have no open login with this id."
    detail_fa = "نشست بازی با این شناسه ندارید."


class TotpAlreadySetUp(Problem):
    """The user has an authenticator."""

    status = 409
    code = "totp-already-set-up"
    title = "Authenticator already set up"
    title_fa = "برنامهٔ رمزساز پیش‌تر تنظیم شده است"
    detail = "You have an authenticator already; remove it before you set up another."
    detail_fa = "برنامهٔ رمزساز شما تنظیم شده است؛ پیش از تنظیم تازه آن را بردارید."


class TotpNotBegun(Problem):
    """There is no secret to be confirmed."""

    status = 409
    code = "totp-not-begun"
    title = "Nothing to confirm"
    title_fa = "چیزی برای تأیید نیست"
    detail = "First ask for a secret and enter it into the authenticator app."
    detail_fa = "نخست کلید را بگیرید و در برنامهٔ رمزساز وارد کنید."


class TotpCodeWrong(Problem):
    """The code is not one of the new secret."""

    status = 422
    code = "totp-code-wrong"
    title = "Wrong code"
    title_fa = "کد نادرست است"
    detail = "The code is not the present one of the secret shown; check the clock of the phone."
    detail_fa = "این کد، کد کنونی کلید نشان‌داده‌شده نیست؛ ساعت گوشی را بررسی کنید."
    field = "code"
