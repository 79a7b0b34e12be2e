"""`cryptolib.aes` for CPython, where the firmware's pure modules are tested and simulated."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class aes:  # noqa: N801  (the name that MicroPython gives it)
    """AES in ECB (mode 1) or CBC (mode 2), whole blocks only."""

    def __init__(self, key: bytes, mode: int, iv: "bytes | None" = None) -> None:
        chosen = modes.ECB() if iv is None else modes.CBC(iv)  # noqa: S305  (one block, inside CMAC)
        cipher = Cipher(algorithms.AES(key), chosen)
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()

    def encrypt(
        self, data: "bytes | bytearray | memoryview", into: "bytearray | memoryview | None" = None
    ) -> bytes:
        """The encrypted blocks, which are also written into `into`; chaining goes on from call to call."""
        blocks = self._encryptor.update(bytes(data))
        if into is not None:
            into[:] = blocks
        return blocks

    def decrypt(self, data: "bytes | bytearray | memoryview") -> bytes:
        """The decrypted blocks; an object serves one direction only, as MicroPython's do."""
        return self._decryptor.update(bytes(data))
