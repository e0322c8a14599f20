"""Mechanisms that every process of the house shares; not one word of the domain."""

from chassis import compiled

IS_COMPILED = compiled.use()  # before any module that may be compiled is imported
