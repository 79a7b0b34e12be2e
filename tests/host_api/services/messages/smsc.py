"""An SMSC that speaks SMPP 3.4 on a real socket, written from the specification's bytes."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_ANSWERED = {0x09: b"smsc\0", 0x15: b"", 0x06: b""}


class Smsc:
    """What was submitted to it: number, data coding and octets of the text."""

    def __init__(self) -> None:
        self.submitted: list[tuple[str, int, bytes]] = []
        self.receipts = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        try:
            while True:
                length, command, _, sequence = struct.unpack(">4I", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                if command & 0x8000_0000:
                    self.receipts += command == 0x8000_0005
                elif command == 0x04:
                    name = str(1000 + len(self.submitted)).encode()
                    self._keep(body)
                    writer.write(_pdu(0x8000_0004, sequence, name + b"\0") + _receipt(sequence, name))
                elif command in _ANSWERED:
                    writer.write(_pdu(command | 0x8000_0000, sequence, _ANSWERED[command]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _keep(self, body: bytes) -> None:
        service_end = body.index(b"\0") + 1
        source_end = body.index(b"\0", service_end + 2) + 1
        number_end = body.index(b"\0", source_end + 2)
        rest = body[number_end + 1 :]
        fixed = rest[3:]
        for _ in range(2):  # schedule and validity
            fixed = fixed[fixed.index(b"\0") + 1 :]
        coding, size = fixed[2], fixed[4]
        text, options = fixed[5 : 5 + size], fixed[5 + size :]
        if not text and options[:2] == b"\x04\x24":  # message_payload
            text = options[4 : 4 + struct.unpack(">H", options[2:4])[0]]
        self.submitted.append((body[source_end + 2 : number_end].decode(), coding, text))


def _pdu(command: int, sequence: int, body: bytes) -> bytes:
    return struct.pack(">4I", 16 + len(body), command, 0, sequence) + body


def _receipt(sequence: int, name: bytes) -> bytes:
    text = (
        b"id:"
        + name
        + b" sub:001 dlvrd:001 submit date:2611230000 done date:2611230000 stat:DELIVRD err:000 text:"
    )
    fields = b"\0" + b"\0\0" + b"98912\0" + b"\0\0" + b"1000\0" + b"\x04\0\0" + b"\0\0" + b"\0\0\0\0"
    return _pdu(0x05, 0x4000_0000 + sequence, fields + bytes([len(text)]) + text)


@asynccontextmanager
async def smsc() -> AsyncIterator[Smsc]:
    """An SMSC that listens."""
    found = Smsc()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
