"""People at the console of a real switch."""

import http.client
import json
import re
import time
import urllib.parse
from collections.abc import Mapping
from typing import NamedTuple

from simulator.virtual_switch.process import SwitchProcess
from switch.console.access.one_time_codes import STEP_S, code_of
from switch.console.access.passwords import password_hash
from switch.console.access.users import User, change_users, sealed_secret
from switch.keyring import Keyring
from tests.switch.conftest import MASTER_KEY

PASSWORD = "correct horse battery staple"
SECRET = bytes(range(20))
KEY = Keyring(MASTER_KEY).console_key
# Costs some 50 ms: once for all.
HASH = password_hash(PASSWORD)
ROLES = ("viewer", "operator", "supervisor")

Document = dict[str, object]


class Answer(NamedTuple):
    """What came back; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    set_cookies: list[str]

    @property
    def document(self) -> Document:
        """Its JSON."""
        found: Document = json.loads(self.body)
        return found


def user_of(name: str, role: str, **more: object) -> User:
    """A user with PASSWORD, and codes of SECRET where the role wants them."""
    sealed = sealed_secret(KEY, name, SECRET) if role == "supervisor" else None
    return User.model_validate({"name": name, "role": role, "password": HASH, "code_secret": sealed, **more})


def put_users(switch: SwitchProcess, *users: User) -> None:
    """Add people, or change them."""
    path = switch.directory / "keys/console-users.json"
    change_users(path, lambda known: known.update({user.name: user for user in users}))


def remove_user(switch: SwitchProcess, name: str) -> None:
    """Somebody is gone."""
    change_users(switch.directory / "keys/console-users.json", lambda known: known.pop(name))


def code_now(steps_later: int = 0) -> str:
    """A code that is right now."""
    return code_of(SECRET, int(time.time()) // STEP_S + steps_later)


class Browser:
    """Keeps cookies and the token of its session."""

    def __init__(self, switch: SwitchProcess) -> None:
        self.host = switch.operations.removeprefix("http://")
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; cookies are kept as they come."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Cookie": cookie, **(headers or {})})
        response = connection.getresponse()
        headers_back = [(name.lower(), text) for name, text in response.getheaders()]
        cookies = [text for name, text in headers_back if name == "set-cookie"]
        found = Answer(response.status, dict(headers_back), response.read(), cookies)
        for text in cookies:
            key, _, value = text.partition(";")[0].partition("=")
            self.cookies[key] = value.strip('"')
            if not self.cookies[key]:
                del self.cookies[key]
        connection.close()
        return found

    def try_login(
        self, name: str, password: str = PASSWORD, code: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Fetch the page and send its form."""
        page = self.ask("GET", "/console/login", headers=headers).body.decode()
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        form = {
            "ticket": "" if ticket is None else ticket[1],
            "lang": "en",
            "name": name,
            "password": password,
            "code": code,
        }
        return self.ask("POST", "/console/login", urllib.parse.urlencode(form).encode(), headers)

    def log_in(self, name: str, code: str = "") -> "Browser":
        """Log in for certain."""
        found = self.try_login(name, code=code)
        assert found.status == 303, found
        self.csrf = str(self.ask("GET", "/console/session").document["csrf"])
        return self

    def post(self, path: str, body: object, csrf: str | None = None) -> Answer:
        """JSON with the session's token."""
        token = self.csrf if csrf is None else csrf
        headers = {"Content-Type": "application/json", "X-CSRF-Token": token}
        return self.ask("POST", path, json.dumps(body).encode(), headers)
