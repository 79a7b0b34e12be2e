"""Programmes, looked after from the first one."""
