"""Flat memory for the compiled core: hash tables and texts without a Python object for each entry.

Everything here is Cython and there only where a C compiler was found at installation.
"""
