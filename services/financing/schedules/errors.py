"""Refusals of the schedule engine."""


class ScheduleNotAmortising(ValueError):
    """An instalment would not even pay its own interest, so that the debt would grow."""


class AmountOutOfRange(ValueError):
    """What is owed in all would exceed the largest amount that the contract can carry."""
