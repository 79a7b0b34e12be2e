"""A switch process: settings, logs, event loop, and what the exit code says."""

import asyncio
import signal
import sys
from importlib.util import find_spec

from pydantic import ValidationError

from switch.console.alarms.rules import AlarmsFault
from switch.gate.link_plan import LinksFault
from switch.journal.faults import JournalFault, JournalLocked
from switch.journal.system import OPERATING_SYSTEM, System
from switch.ledger.stores import EngineFault
from switch.logs import SwitchHandler, set_up_logs
from switch.outfit import SetupFault
from switch.process import Switch
from switch.rules.compiler import RuleFaults
from switch.secret_files import SecretFault
from switch.settings import SwitchSettings
from switch.upstream.settings import UpstreamFault
from switch.upstream.store import StoreFault

EXIT_SETUP = 2
EXIT_JOURNAL = 3

GIL_SWITCH_INTERVAL_S = 0.0005

_SETUP_FAULTS = (
    AlarmsFault,
    SetupFault,
    SecretFault,
    LinksFault,
    RuleFaults,
    EngineFault,
    JournalLocked,
    UpstreamFault,
    StoreFault,
)


def main(system: System = OPERATING_SYSTEM) -> int:
    """Run a switch from the environment's settings, its journal on a system's files; returns the exit code.

    0 drained; 2 set up wrongly (settings, keys, rules, port, directory); 3 the journal can't be trusted;
    4 the disk failed while serving.
    """
    try:
        settings = SwitchSettings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        sys.stderr.write(f"switch: settings: {faults}\n")
        return EXIT_SETUP
    # The journal's thread asks for the interpreter twice in a commit; by default it may wait 5 ms each time.
    sys.setswitchinterval(GIL_SWITCH_INTERVAL_S)
    # Until there are certificates to read again it means nothing; by default it would end a replay.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logs = set_up_logs(settings.log_level, settings.log_format, sys.stderr)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_run(settings, logs, system))
    except _SETUP_FAULTS as fault:
        told, code = str(fault), EXIT_SETUP
    except OSError as error:
        told, code = f"{error.filename or 'journal'}: {error.strerror}", EXIT_SETUP
    except JournalFault as fault:
        told, code = str(fault), EXIT_JOURNAL
    logs.flush()
    sys.stderr.write(f"switch: {told}\n")
    return code


async def _run(settings: SwitchSettings, logs: SwitchHandler, system: System) -> int:
    return await Switch(settings, asyncio.get_running_loop(), logs, system).run()


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    """uvloop where it is installed: half the loop's cost."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415  (an optional extra)

    return uvloop.Loop
