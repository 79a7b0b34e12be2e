"""The run itself: services up in order, a sale and a redemption, services down in order."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from protocol.dialect import PurseCode
from protocol.security.keys import derive_initial_pin_key, derive_terminal_key
from simulator.micropython_vm import find_vm
from simulator.virtual_terminal import Card, VirtualTerminal
from switch.journal.verify import verify
from switch.rules.compiler import load_rules
from switch.rules.outcome import EffectType
from tools.up import outcome, sample_shop
from tools.up.secrets_store import prepare_secrets, read_master_key
from tools.up.service import Service, ServiceFailed

RECORDS_TIMEOUT_S = 60.0
PROJECTION_TIMEOUT_S = 60.0
SIGN_ON_TIMEOUT_MS = 15_000

# Everything of ours under the data directory; `--fresh` removes these and nothing else.
_DATA = (
    "journal",
    "host_api.sqlite3",
    "host_api.sqlite3-wal",
    "host_api.sqlite3-shm",
    "keys",
    "terminals",
    "log",
)


@dataclass(frozen=True)
class Options:
    """What the command line asked for; amounts in rial, ports 0 for free ones."""

    directory: Path
    amount: int
    redeem: int | None
    languages: tuple[str, ...]
    heap_bytes: int
    switch_port: int
    operations_port: int
    host_api_port: int


@dataclass(frozen=True)
class Running:
    """What is up: services, the terminal, and a client of the host API."""

    switch: Service
    host_api: Service
    terminal: VirtualTerminal
    club: sample_shop.Club

    def addresses(self) -> dict[str, str]:
        """What a user may open or connect to."""
        return {
            "host API": f"http://{self.host_api.address('http')}/docs",
            "switch, terminals": self.switch.address("terminals"),
            "switch, operations": f"http://{self.switch.address('operations')}/status",
        }

    async def failure(self) -> ServiceFailed:
        """Wait until one of the services ends by itself."""
        ends = [asyncio.create_task(service.ended()) for service in (self.switch, self.host_api)]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        return done.pop().result()


@dataclass(frozen=True)
class Served:
    """The two transactions and the terminal that made them."""

    terminal: outcome.Terminal
    sale: outcome.Transaction
    redemption: outcome.Transaction


def start_over(directory: Path) -> None:
    """Remove our data of earlier runs."""
    for name in _DATA:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@asynccontextmanager
async def everything_up(options: Options, say: Callable[[str], None]) -> AsyncIterator[Running]:
    """Start the switch, the host API and the terminal; leave in the opposite order.

    Raises ServiceFailed, ClubFault, TerminalFault or VmMissing with one line for the user.
    """
    vm = find_vm()
    keys = options.directory / "keys"
    prepare_secrets(keys)
    switch = Service("switch", _switch_settings(options), options.directory / "log" / "switch.log")
    async with switch:
        say(f"switch up, terminals connect to {switch.address('terminals')}")
        host_api = Service(
            "host_api", _host_api_settings(options, switch), options.directory / "log" / "host_api.log"
        )
        async with host_api:
            url = f"http://{host_api.address('http')}"
            say(f"host API up at {url}")
            async with sample_shop.Club(url, (keys / "host_api.key").read_text("ascii").strip()) as club:
                await club.open_sample_shop(RECORDS_TIMEOUT_S)
                host, _, port = switch.address("terminals").rpartition(":")
                whose = (read_master_key(keys), sample_shop.TERMINAL_ID, sample_shop.KEY_GENERATION)
                terminal = VirtualTerminal(
                    vm,
                    directory=options.directory / "terminals" / sample_shop.TERMINAL_ID,
                    terminal_id=sample_shop.TERMINAL_ID,
                    merchant_id=sample_shop.MERCHANT_ID,
                    switch=(host, int(port)),
                    key=derive_terminal_key(*whose),
                    pin_key=derive_initial_pin_key(*whose, injection=secrets.token_bytes(4)),
                    heap_bytes=options.heap_bytes,
                    parameters={
                        "languages": list(options.languages),
                        "merchant_name_fa": sample_shop.MERCHANT_NAME_FA,
                        "merchant_name_en": sample_shop.MERCHANT_NAME_EN,
                    },
                )
                async with terminal:
                    await terminal.signed_on(timeout_ms=SIGN_ON_TIMEOUT_MS)
                    say(f"terminal signed on ({terminal.version}, {options.heap_bytes // 1024} KB heap)")
                    yield Running(switch, host_api, terminal, club)


async def serve_once(running: Running, options: Options) -> Served:
    """One purchase, then one redemption of what the member can afford (or of `options.redeem`)."""
    card = Card(sample_shop.CARD_NUMBER)
    sale = await running.terminal.purchase(card, amount=options.amount)
    redeem = options.redeem or _affordable(sale.points_balance)
    redemption = await running.terminal.redemption(card, amount=redeem)
    for result in (sale, redemption):
        if not result.receipt:
            raise ServiceFailed("the switch did not answer the terminal in time; see log/switch.log")
    heap = running.terminal.heap
    return Served(
        outcome.Terminal(
            vm=running.terminal.version, heap_limit_bytes=options.heap_bytes, heap_peak_bytes=heap.peak_bytes
        ),
        outcome.Transaction.of(sale),
        outcome.Transaction.of(redemption),
    )


async def project(running: Running, served: Served) -> outcome.Projection:
    """Wait until the host API has projected both transactions, whose RRNs are their journal positions."""
    newest = max(int(served.sale.rrn or 0), int(served.redemption.rrn or 0))
    await running.club.until_projected(newest, PROJECTION_TIMEOUT_S)
    return outcome.Projection(transactions=await running.club.projected_transactions())


def check_journal(options: Options) -> outcome.Journal:
    """Verify the whole journal after the switch has closed it."""
    report = verify(options.directory / "journal")
    return outcome.Journal(entries=report.entries, verified=report.ok)


def _affordable(points_balance: int, most: int = 100_000) -> int:
    """Rial that so many points pay by the bundled rules, up to `most`; at least what one point pays."""
    effect = next(
        effect
        for rule in load_rules(None).rules
        for effect in rule.effects
        if effect.type == EffectType.TENDER and effect.purse == PurseCode.POINTS
    )
    one_point = max(1, effect.per // effect.give)
    return max(one_point, min(most, points_balance * effect.per // effect.give))


def _switch_settings(options: Options) -> dict[str, str]:
    keys = options.directory / "keys"
    return {
        "VAFA_SWITCH_TERMINALS_PORT": str(options.switch_port),
        "VAFA_SWITCH_OPERATIONS_PORT": str(options.operations_port),
        "VAFA_SWITCH_JOURNAL_DIRECTORY": str(options.directory / "journal"),
        "VAFA_SWITCH_MASTER_KEY_FILE": str(keys / "master.key"),
        "VAFA_SWITCH_FEED_TOKEN_FILE": str(keys / "feed.token"),
        "VAFA_SWITCH_CONSOLE_USERS_FILE": str(keys / "console-users.json"),
    }


def _host_api_settings(options: Options, switch: Service) -> dict[str, str]:
    return {
        "VAFA_HOST_API_VAR_DIRECTORY": str(options.directory),
        "VAFA_HOST_API_PORT": str(options.host_api_port),
        "VAFA_HOST_API_SWITCH_ADDRESS": switch.address("terminals"),
        "VAFA_HOST_API_OPERATIONS_URL": f"http://{switch.address('operations')}",
        "VAFA_HOST_API_JOURNAL_DIRECTORY": str(options.directory / "journal"),
    }
