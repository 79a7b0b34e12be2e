"""A real switch of one's own with a small club: for tests and trials, gone when they are over."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.security.keys import derive_terminal_key
from protocol.spec.schema import Title
from simulator.event_loop_thread import EventLoopThread
from simulator.scripts import Endpoint, Profile, Script, run_script
from simulator.virtual_card.virtual_card import VirtualCard
from simulator.virtual_switch.club import cards_script, club_script
from simulator.virtual_switch.process import SwitchFailed, SwitchProcess
from simulator.virtual_terminal import Card
from simulator.wallet import TestCard, Wallet, load_wallet

# Known to everybody, so that whatever is sealed with it is worth nothing.
MASTER_KEY = b"vafa bench master key, worthless"
FEED_TOKEN = "vafa-bench-feed-token"  # noqa: S105  (of a switch on loopback that anybody may read)
HOST_ID = "HOST0001"
MERCHANT_ID = "BENCH"
_ISSUER = "62800000"
_FIRST_SERIAL = 500_000
TERMINAL_IDS = ("BENCH001", "BENCH002", "BENCH003", "BENCH004")


class VirtualSwitch(SwitchProcess):
    """A switch process on free ports of loopback, with the wallet's cards and the terminals TERMINAL_IDS.

    Use it with `with`; entering takes a second or two. `terminals` is the address for terminals,
    `operations` the URL of the operations port. It may be killed and started again meanwhile.

    Args:
        directory: keeps journal, keys and log, and with them the club; without it they are in a temporary
            one, removed at the end.
        wallet: other cards than the bundled ones.
        settings: of the switch, by their lower-case names, as `rules_file`.
    """

    def __init__(
        self, directory: Path | None = None, *, wallet: Wallet | None = None, **settings: object
    ) -> None:
        self._temporary = None
        if directory is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="vafa-switch-")
            directory = Path(self._temporary.name)
        super().__init__(directory, MASTER_KEY, FEED_TOKEN)
        self.wallet = wallet or load_wallet()
        self.terminal_id = TERMINAL_IDS[0]
        self.merchant_id = MERCHANT_ID
        self._settings = settings
        # How many cards were issued; it is there when the club is.
        self._issued = self.directory / "issued"

    def __enter__(self) -> Self:
        try:
            self.start(file_bytes_max=None, **self._settings)
            if not self._issued.exists():
                self._play(club_script(self.wallet, TERMINAL_IDS, MERCHANT_ID))
                self._issued.write_text("0")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; remove the directory where it is a temporary one."""
        if self.running:
            self.kill()
        if self._temporary is not None:
            self._temporary.cleanup()

    def restart(self) -> None:
        """Power cut and power back; the ports are others then."""
        self.kill()
        self.start(file_bytes_max=None, **self._settings)

    @property
    def target(self) -> str:
        """Where terminals connect, as "127.0.0.1:41234"."""
        host, port = self.terminals
        return f"{host}:{port}"

    def key(self, terminal_id: str = TERMINAL_IDS[0]) -> bytes:
        """A terminal's MAC key, 16 bytes."""
        return derive_terminal_key(MASTER_KEY, terminal_id, 1)

    def card(self, name: str = "everyday") -> TestCard:
        """A card of the wallet. Raises WalletFault."""
        return self.wallet.card(name)

    def profile(self, card: str = "everyday", terminal_id: str = TERMINAL_IDS[0]) -> Profile:
        """Who a script is to this switch: a terminal, with a card of the wallet as its variable `card`."""
        return Profile(
            terminal_id=terminal_id,
            merchant_id=MERCHANT_ID,
            master_key=MASTER_KEY.hex(),
            variables={"card": self.card(card).number},
        )

    def issue_card(self, points: int = 1000, *, tier: str = "SILVER") -> VirtualCard:
        """A new card of a new member, who has so many points. Raises SwitchFailed."""
        serial = self._next_serial()
        number = Card.issue(_ISSUER, serial).number
        title = Title(en="issued by a program", fa="صادرشده برای برنامه")
        card = TestCard(
            name="issued", number=number, title=title, response_code="00", redemption_code="00",
            member=serial, tier=tier, points=points,
        )  # fmt: skip
        self._play(cards_script([card], serial))
        return VirtualCard(number, member_number=serial)

    def _next_serial(self) -> int:
        """Counted in a file, as the club lives as long as its directory."""
        issued = int(self._issued.read_text())
        self._issued.write_text(str(issued + 1))
        return _FIRST_SERIAL + issued

    def _play(self, script: Script) -> None:
        """Have the host play a script."""
        profile = Profile(terminal_id=HOST_ID, merchant_id=MERCHANT_ID, master_key=MASTER_KEY.hex())
        thread = EventLoopThread()
        try:
            outcome = thread.call(run_script(script, profile, Endpoint(self.terminals)))
        finally:
            thread.close()
        if outcome.failure is not None:
            raise SwitchFailed("the switch did not make a record: " + "; ".join(outcome.failure.lines()))
