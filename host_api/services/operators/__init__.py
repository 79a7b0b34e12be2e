"""Operators of tills: who may do what at terminals, and their shifts."""
