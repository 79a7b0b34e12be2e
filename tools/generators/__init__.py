"""Files derived from the message spec and from schemas.

`python -m tools.generators` writes them; a test finds stale ones.
"""
