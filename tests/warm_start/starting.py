"""Hands the starts of our programs to processes that have loaded them."""

from __future__ import annotations

import ctypes
import inspect
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tests.warm_start.loaded import REQUEST_BYTES_MAX, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PR_SET_CHILD_SUBREAPER = 36
_ROOT = Path(__file__).parents[2]
_SWITCH = ("switch.main",)
# A switch without the rest: it must not have by accident what it forgot to load.
_ALL = (
    "host_api.server",
    *(f"tools.commands.{path.stem}" for path in (_ROOT / "tools/commands").glob("*.py")),
)
LOADED_FOR = {"switch": _SWITCH, "host_api": _ALL, "tools.cli": _ALL}
_VAFA = str(Path(sys.executable).with_name("vafa"))
_OF_THE_INTERPRETER = (
    "PYTHONPATH",
    "PYTHONUTF8",
    "PYTHONUNBUFFERED",
    "PYTHONHASHSEED",
    "PYTHONWARNINGS",
    "LC_ALL",
    "LANG",
)
_PROCESS_ID_BYTES = 4
_libc = ctypes.CDLL(None, use_errno=True)


def _adopt_orphans(adopts: bool) -> None:
    # prctl(2): what a process that is not ours any more leaves behind becomes our child.
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, int(adopts), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


class Loaded:
    """A process with modules loaded; begins with its first use."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._modules = modules
        self._link: socket.socket | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self, program: Program, streams: Sequence[int]) -> int:
        """Start a program on three open streams; returns its process ID, a child of this process."""
        request = program.pack()
        if len(request) > REQUEST_BYTES_MAX:
            raise ValueError("arguments and environment too long")
        with self._lock:
            link = self._link or self._begin()
            _adopt_orphans(True)
            try:
                sent = socket.send_fds(link, [request], list(streams))
                link.sendall(request[sent:])
                answer = link.recv(_PROCESS_ID_BYTES, socket.MSG_WAITALL)
            finally:
                _adopt_orphans(False)
        if len(answer) < _PROCESS_ID_BYTES:
            raise ConnectionError("the process with the loaded modules has ended")
        return int.from_bytes(answer, "big")

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.warm_start.loaded", str(theirs.fileno()), *self._modules]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd=_ROOT, text=True
            )
        self._link = ours
        return ours


class _WarmPopen(Protocol):
    """What of a Popen is needed here."""

    pid: int
    _child_created: bool

    def _close_pipe_fds(self, *pipes: int) -> None: ...


def _program_of(arguments: list[str], started: Mapping[str, Any]) -> tuple[str, Program] | None:
    """Which of our programs is asked for, if it is one and nothing is special about how it starts."""
    if started["preexec_fn"] is not None or started["pass_fds"] or started["executable"] is not None:
        return None
    if started["shell"] or started["umask"] != -1 or started["process_group"] != -1:
        return None
    environment = dict(os.environ if started["env"] is None else started["env"])
    if any(environment.get(name) != os.environ.get(name) for name in _OF_THE_INTERPRETER):
        return None
    match arguments:
        case [sys.executable, "-m", module, *rest] if module in LOADED_FOR:
            name, script = module, ""
        case [script, *rest] if script == _VAFA:
            name, module = "tools.cli", ""
        case _:
            return None
    directory = os.fspath(started["cwd"] or Path.cwd())
    return name, Program(module, script, rest, directory, environment, started["start_new_session"])


def start_warm(popen: type[subprocess.Popen[Any]] = subprocess.Popen) -> None:
    """From now on a `subprocess.Popen` of one of our programs is forked from a process that has loaded it."""
    anew: Callable[..., None] = popen._execute_child  # type: ignore[attr-defined]
    names = list(inspect.signature(anew).parameters)[1:]
    loaded = {modules: Loaded(modules) for modules in LOADED_FOR.values()}

    def execute_child(self: _WarmPopen, *values: Any) -> None:
        started = dict(zip(names, values, strict=True))
        arguments = started["args"]
        listed = [] if isinstance(arguments, str | bytes) else [os.fspath(argument) for argument in arguments]
        found = _program_of(listed, started)
        pipes = [
            started[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        ]
        streams = [
            number if pipe == -1 else pipe for number, pipe in enumerate((pipes[0], pipes[3], pipes[5]))
        ]
        # Python chooses how it writes to a terminal as it starts.
        if found is None or any(os.isatty(stream) for stream in streams):
            anew(self, *values)
            return
        name, program = found
        self.pid = loaded[LOADED_FOR[name]].start(program, streams)
        self._child_created = True
        self._close_pipe_fds(*pipes)

    popen._execute_child = execute_child  # type: ignore[attr-defined]
