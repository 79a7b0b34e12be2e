"""Events as integrators read them, and the catalogue of their types."""
