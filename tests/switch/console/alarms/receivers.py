"""Receivers of messages that really listen: one of HTTP, and a mail server (RFC 5321) of a few commands."""

import base64
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, NamedTuple

WAIT_S = 60


class Post(NamedTuple):
    """What came by HTTP."""

    path: str
    headers: dict[str, str]
    body: bytes


class Posts:
    """Posts that came, and the answers that are still to be given; then it is 204."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[Post] = []
        self.answers: list[int] = []
        self.is_hanging = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def wait(self, count: int) -> list[Post]:
        """Wait until so many came."""
        deadline = time.monotonic() + WAIT_S
        while len(self.taken) < count:
            assert time.monotonic() < deadline, "nothing came"
            time.sleep(0.005)
        return self.taken


@contextmanager
def http_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Posts]:
    """A server on the loopback address."""
    posts = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            posts.is_hanging.set()
            posts.may_answer.wait(WAIT_S)
            status = posts.answers.pop(0) if posts.answers else 204
            posts.taken.append(
                Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    posts.url = f"{scheme}://127.0.0.1:{server.server_port}/alarms?for=duty"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield posts
    finally:
        posts.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)


class Envelope(NamedTuple):
    """A mail as it was handed in."""

    sender: str
    receivers: tuple[str, ...]
    content: bytes
    is_enciphered: bool
    credentials: tuple[str, str] | None


class MailBox:
    """Mails that were handed in; `refused` receivers are refused."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[Envelope] = []
        self.refused: set[str] = set()
        self.greetings: list[bytes] = []


class _MailHandler(socketserver.StreamRequestHandler):
    box: ClassVar[MailBox]
    tls: ClassVar[ssl.SSLContext | None]
    password: ClassVar[str]

    def handle(self) -> None:
        self.is_enciphered = False
        self.credentials: tuple[str, str] | None = None
        self.sender, self.receivers = "", list[str]()
        self._say(self.box.greetings.pop(0) if self.box.greetings else b"220 here")
        while line := self.rfile.readline(1000):
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            if verb.upper() == "QUIT":
                self._say(b"221 bye")
                return
            self._obey(verb.upper(), rest)

    def finish(self) -> None:
        super().finish()
        if self.is_enciphered:
            self.connection.close()

    def _obey(self, verb: str, rest: str) -> None:
        if verb == "EHLO":
            offers = b"AUTH PLAIN" if self.is_enciphered or self.tls is None else b"STARTTLS"
            self._say(b"250-here\r\n250 " + offers)
        elif verb == "STARTTLS" and self.tls is not None:
            self._say(b"220 go")
            self.connection = self.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            self.is_enciphered = True
        elif verb == "AUTH":
            _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
            self.credentials = (name, password)
            self._say(b"235 welcome" if password == self.password else b"535 no")
        elif verb == "MAIL":
            self.sender, self.receivers = rest, []
            self._say(b"250 ok")
        elif verb == "RCPT":
            is_refused = any(address in rest for address in self.box.refused)
            if not is_refused:
                self.receivers.append(rest)
            self._say(b"550 nobody" if is_refused else b"250 ok")
        elif verb == "DATA":
            self._say(b"354 go")
            self._take()
        else:
            self._say(b"250 ok" if verb in ("RSET", "NOOP") else b"502 what?")

    def _take(self) -> None:
        content = b""
        while (line := self.rfile.readline(2000)) not in (b".\r\n", b""):
            content += line
        self.box.taken.append(
            Envelope(self.sender, tuple(self.receivers), content, self.is_enciphered, self.credentials)
        )
        self._say(b"250 taken")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[MailBox]:
    """A server on the loopback address, with STARTTLS where there is a context."""
    box = MailBox()
    handler = type("Handler", (_MailHandler,), {"box": box, "tls": tls, "password": password})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)
