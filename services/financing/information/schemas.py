"""Answers to lenders' questions, on the wire."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.financing.assignments.schemas import Item


class InformationAnswerWrite(Incoming):
    """An answer to each item of a question, by its code."""

    information_request_id: Id
    answers: Annotated[list[Item], Field(min_length=1, max_length=20)]
