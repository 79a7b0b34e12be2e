"""A proxy that passes everything as it is and records it."""

from simulator.fault_proxy import Direction, FaultProxy
from simulator.fault_proxy.proxy import Address
from simulator.session_recording.recorder import Recorder
from simulator.wallet import Wallet


class RecordingProxy(FaultProxy):
    """A proxy on loopback in front of a switch; what one terminal says there is in `recorder`."""

    def __init__(
        self, target: Address, *, listen: Address = ("127.0.0.1", 0), wallet: Wallet | None = None
    ) -> None:
        super().__init__(target, listen=listen, on_payload=self._take)
        self.recorder = Recorder(wallet)

    def _take(self, link: int, direction: Direction, payload: bytes) -> None:
        if direction is Direction.REQUEST:
            self.recorder.request(link, payload)
        else:
            self.recorder.reply(link, payload)
