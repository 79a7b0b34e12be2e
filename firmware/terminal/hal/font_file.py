"""Fonts as files, where there is a file system."""


class FontFile:
    """The font at `path`, open until it is closed; its `read` is what `terminal.screens.font.Font` wants.

    Raises:
        OSError: there is no such file.
    """

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")  # noqa: SIM115  (held as long as the terminal runs)

    def read(self, address: int, into: memoryview) -> None:
        """Fill `into` from `address`.

        Raises:
            OSError: the file is too short.
        """
        self._file.seek(address)
        if self._file.readinto(into) != len(into):
            raise OSError("font file too short")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
