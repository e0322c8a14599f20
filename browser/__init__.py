"""The example application of examples/frontend: built, served, and tried in a real browser."""
