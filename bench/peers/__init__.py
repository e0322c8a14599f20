"""The same read, list and insert, as most people would write them: kept here only."""
