"""Webhooks: events posted to the addresses of integrators, signed and repeated until they are accepted."""
