"""`make compare`: our gateway beside nginx, before the same service, byte by byte."""
