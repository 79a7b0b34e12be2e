"""The terminal on a Unix machine: peripherals are loopback sockets; flash and keys are files."""

import os

from terminal.constant import const
from terminal.hal.connections import connect
from terminal.hal.file_part import FilePart
from terminal.hal.folder_board import FolderBoard
from terminal.hal.key_slot import slot_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash, Stream


_JOURNAL_BLOCKS = const(32)
_SETTINGS_BLOCKS = const(4)


class Board(FolderBoard):
    """One terminal. `config_path` names its settings; flash and keys lie beside it.

    For development there may be a file `terminal.key`, 32 hexadecimal digits: it counts as long as the key
    store has no key, and nobody tampered.
    """

    def __init__(self, config_path: str) -> None:
        slash = config_path.rfind("/")
        folder = config_path[:slash] if slash >= 0 else "."
        super().__init__(folder, config_path[slash + 1 :])
        self._devices: "dict[str, int]" = self.settings["devices"]  # type: ignore[assignment]  # as it was written
        self.flash: "Flash" = FilePart(folder + "/flash.bin", _JOURNAL_BLOCKS)
        self.settings_flash: "Flash" = FilePart(folder + "/settings.bin", _SETTINGS_BLOCKS)
        self.service = "no_keys"
        if _is_there(folder + "/keys.bin"):
            from terminal.hal.keys_at_start import take_keys  # noqa: PLC0415  (once)

            take_keys(self)
        if self.service == "no_keys" and _is_there(folder + "/terminal.key"):
            with open(folder + "/terminal.key") as file:
                self.secure = slot_of(file.read().strip())
            self.service = ""

    def has_device(self, name: str) -> bool:
        """Whether the settings name a socket for it."""
        return name in self._devices

    async def open_device(self, name: str) -> "Stream":
        """Connect to the socket that stands for the peripheral."""
        port = self._devices.get(name)
        if port is None:
            raise OSError("no such device")
        return await connect("127.0.0.1", port)

    async def open_link(self, host: str, port: int) -> "Stream":
        """Connect to the switch; a refusal shows at the first read or write."""
        return await connect(host, port)

    def case_is_open(self) -> bool:
        """False: the front panel's line has the switch."""
        return False

    def part(self, name: str, block_count: int) -> "Flash":
        """The file of that name beside the journal's, made blank where there is none."""
        return FilePart(self._folder + "/" + name + ".bin", block_count)


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def make(config_path: str) -> Board:
    """Build the board from the settings file at `config_path`.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or `terminal.key` are not readable.
    """
    return Board(config_path)
