"""The users of the console, in one file beside the switch's other secrets.

The file is JSON of a version that is refused when it is not known, for its owner only, and always replaced
whole. Passwords are Argon2id hashes; the secrets of one-time codes are sealed under a key of the master key.
"""

import base64
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from switch.console.access.roles import Role

USERS_MAX: Final = 200
NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
# Whoever may order everything proves more than a password.
CODE_FROM: Final = Role.SUPERVISOR

_FILE_BYTES_MAX: Final = 1 << 20
_NONCE_BYTES: Final = 12
_LOCK_TIMEOUT_S: Final = 5.0
_MODE: Final = 0o600

RoleText = Literal["viewer", "operator", "supervisor"]
Language = Literal["fa", "en"]
Users = Mapping[str, "User"]


class UsersFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The users can't be read or changed; the text is one line for the operator."""


class User(BaseModel):
    """One person. `code_secret` is sealed, see `sealed_secret`; None where no code is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    role: RoleText
    password: Annotated[str, Field(max_length=300)]
    code_secret: Annotated[str, Field(max_length=200)] | None = None
    language: Language = "fa"
    changed_ms: Annotated[int, Field(ge=0)] = 0

    @property
    def rank(self) -> Role:
        """The role as it is compared."""
        return Role[self.role.upper()]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    users: Annotated[tuple[User, ...], Field(max_length=USERS_MAX)] = ()


def read_users(path: Path) -> dict[str, User]:
    """The users by name; none where there is no file. Raises UsersFault."""
    try:
        if path.stat().st_mode & 0o077:
            raise UsersFault(f"users file {path}: others may read it; it wants mode 0600")
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsersFault(f"users file {path}: {error.strerror}") from None
    if len(content) > _FILE_BYTES_MAX:
        raise UsersFault(f"users file {path}: more than {_FILE_BYTES_MAX} bytes")
    try:
        document = _Document.model_validate_json(content)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UsersFault(f"users file {path}: {where or 'content'}: {first['msg']}") from None
    users = {user.name: user for user in document.users}
    if len(users) != len(document.users):
        raise UsersFault(f"users file {path}: a name is there twice")
    return users


def change_users(path: Path, change: Callable[[dict[str, User]], object]) -> None:
    """Change the users; nobody else does so meanwhile. Raises UsersFault, and what `change` raises."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.with_name(f"{path.name}.lock")):
            users = read_users(path)
            change(users)
            if len(users) > USERS_MAX:
                raise UsersFault(f"there are at most {USERS_MAX} users")
            document = _Document(users=tuple(user for _, user in sorted(users.items())))
            replace_file(path, document.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise UsersFault(f"users file {path}: {error.strerror}") from None


def replace_file(path: Path, content: bytes) -> None:
    """Put a file, for its owner only, in the place of another at once. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
    try:
        os.fchmod(descriptor, _MODE)
        if os.geteuid() == 0:
            # For whoever runs the switch, also where root changes it.
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def sealed_secret(key: bytes, name: str, secret: bytes) -> str:
    """The secret of a user's codes as it is kept: AES-GCM, bound to the name."""
    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, secret, name.encode())).decode()


def opened_secret(key: bytes, user: User) -> bytes | None:
    """The secret; None where there is none, or it was sealed under another master key or for another name."""
    try:
        sealed = base64.b64decode(user.code_secret or "", validate=True)
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], user.name.encode())
    except (InvalidTag, ValueError):
        return None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline_s:
                    raise UsersFault(f"{path}: somebody else is changing the users") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
