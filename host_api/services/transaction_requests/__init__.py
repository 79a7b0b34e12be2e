"""Voids and returns that the back office asks for, by two persons above a limit."""
