"""The bench: a virtual terminal around the real firmware, and a scripted switch."""
