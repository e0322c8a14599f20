"""Mechanisms that every process of the house shares; not one word of the domain."""
