"""The card application: what a member's chip card holds, and how card and terminal prove themselves.

One definition for the card (`simulator/virtual_card`), the tools (`tools/card`) and the terminal, whose table
`firmware/terminal/cards/layout.py` is generated from `layout`. No I/O, no clock and no random source.
"""
