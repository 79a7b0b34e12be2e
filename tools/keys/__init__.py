"""Keys on their way into terminals: components of a transport key, packages of key blocks, the injection."""
