"""Bar code and QR code scanners on a serial line."""
