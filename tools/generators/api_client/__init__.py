"""The Python client of the host API, from its OpenAPI document.

Reads the part of OpenAPI 3.0.3 that the document uses, and refuses what it doesn't know.
"""
