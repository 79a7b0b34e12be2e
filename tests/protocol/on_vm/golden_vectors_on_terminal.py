"""The golden vectors through the terminal's codec; runs on MicroPython and on CPython.

Arguments: the firmware folder, and a file with one JSON array a line: what, payload, and for a message its
type and its fields, binary ones as {"hex": …}. The first line is the key.
"""

import json
import sys
from binascii import unhexlify

sys.path.insert(0, sys.argv[1])

from terminal.messages.cmac import cmac8
from terminal.messages.codec import MessageFault, pack, unpack

buffer = bytearray(1024)
failed = 0
with open(sys.argv[2]) as lines:  # noqa: PTH123  (MicroPython has no pathlib)
    key = unhexlify(json.loads(lines.readline()))
    for line in lines:
        case = json.loads(line)
        payload = unhexlify(case[1])
        if case[0] == "malformed":
            try:
                unpack(payload)
            except MessageFault:
                continue
            print("accepted:", case[1])
            failed += 1
            continue
        mti = case[2]
        fields = {}
        for number, value in case[3].items():
            fields[int(number)] = unhexlify(value["hex"]) if isinstance(value, dict) else value
        read = unpack(payload)
        if read != (mti, fields):
            print("read wrongly:", case[1])
            failed += 1
        fields.pop(64, None)
        fields.pop(128, None)
        length = pack(buffer, mti, fields, lambda data, size: cmac8(key, data, size))
        if bytes(buffer[:length]) != payload:
            print("written wrongly:", case[1])
            failed += 1
print("failed", failed)
sys.exit(1 if failed else 0)
