"""All shapes, by where they are odd."""

from tests.compare.shape import Shape
from tests.compare.shapes import answers, bodies, headers, targets

SHAPES: list[Shape] = [*targets.SHAPES, *headers.SHAPES, *bodies.SHAPES, *answers.SHAPES]
