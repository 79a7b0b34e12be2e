"""The index of all services: what each is, and how it stands."""
