"""How fast and how large: the registry beside its peers, in one interleaved run."""
