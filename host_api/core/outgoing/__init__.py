"""Connections that this host opens for somebody else: to which addresses, and how."""
