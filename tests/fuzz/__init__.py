"""`make fuzz`: a whole town, run for the occasion, asked everything that its contract allows and
much that it does not; by two sides that must not see each other, with Schemathesis."""
