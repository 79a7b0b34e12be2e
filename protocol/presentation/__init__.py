"""Messages for people: byte ranges, masks, JSON, differences, and a guess at captures of unknown origin.

Nothing here does I/O. Everything that is meant to be looked at is masked unless the caller says otherwise.
"""
