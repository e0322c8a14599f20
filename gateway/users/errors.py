"""Refusals about users."""

from chassis.errors import Conflict, Forbidden


class OwnRights(Forbidden):
    """Nobody decides on their own roles and territory, nor takes them over from somebody."""


class BeyondYourRights(Forbidden):
    """The person or the machine holds a right or a territory that you could not give."""


class AlreadyReplaced(Conflict):
    """Somebody has taken over from this person already."""


class UsernameTaken(Conflict):
    """The name is somebody's, whoever they are."""


class AddressTaken(Conflict):
    """The address is somebody's: an account is one person, and a person has one."""
