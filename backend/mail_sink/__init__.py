"""A mail server that delivers to nobody: keeps what it is given for people and tests to read.

Part of the embedded stack, beside the simulated marketplace; the product speaks SMTP to it as to any other.
"""
