"""Objects in every state, made through the gateway by those who may."""

from tests.fuzz.makers.all import Makers
from tests.fuzz.makers.base import Thing

__all__ = ["Makers", "Thing"]
