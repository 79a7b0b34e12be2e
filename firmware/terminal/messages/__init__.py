"""The terminal's side of the message spec: packing, parsing, MAC. No I/O."""
