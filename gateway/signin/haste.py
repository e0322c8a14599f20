"""Who looks at our pages too fast is told so on a page too."""

from fastapi import Request
from starlette.responses import Response

from gateway.errors import RateLimited
from gateway.signin.browser import Browser
from gateway.signin.forms import desk_for


def page(request: Request, problem: RateLimited) -> Response | None:
    """The refusal for a person; None for a program, which reads problems."""
    if "text/html" not in request.headers.get("accept", ""):
        return None
    desk = desk_for(request, Browser(request), None)
    answer = desk.page("message.html", problem.status, key="too_fast", details="")
    answer.headers.update(problem.headers)
    return answer
