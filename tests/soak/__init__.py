"""The long chaos run: real processes, killed again and again, and a ledger of what they promised.

`make soak`; it is no part of `make test`, which runs a short version of it.
"""
