"""The requests that are measured, without their MAC."""

_SALE = {
    3: "000000",
    4: "000002500000",
    7: "1121200159",
    11: "000017",
    12: "233159",
    13: "1121",
    22: "021",
    35: "6274121234567890=30125061234567890",
    41: "T0000001",
    42: "M00000000000001",
    49: "364",
}

# A sale as the terminal sends it, with private data: 13 fields with the MAC.
PURCHASE = dict(_SALE)
PURCHASE[48] = b"\xdf\x0a\x0avafa 0.1.0"

# The dialect has no request of 20 fields. This one has every field below 64 and, with the secondary
# bitmap, the original's data, a file name and the MAC.
TWENTY_FIELDS = dict(_SALE)
TWENTY_FIELDS[2] = "6274121234567890"
TWENTY_FIELDS[37] = "000000000042"
TWENTY_FIELDS[38] = "A00042"
TWENTY_FIELDS[39] = "00"
TWENTY_FIELDS[48] = b"\xdf\x01\x06\x00\x00\x00\x00\x02\x50\xdf\x03\x06\x00\x00\x00\x00\x00\x00"
TWENTY_FIELDS[54] = "9102999C0000000002509202364C000000050000"
TWENTY_FIELDS[90] = "0200000016112120005900000000000000000000" + "00"
TWENTY_FIELDS[101] = "TERMINAL"
