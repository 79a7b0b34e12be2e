"""The board: one module per target, and the only place that touches sockets, files and machine registers."""
