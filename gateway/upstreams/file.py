"""A file that says where services live and which addresses are theirs, believed as a whole or not
at all. TOML:

    [addresses]
    registry = ["http://10.0.0.1:8001", "http://10.0.0.2:8001"]

    [routes]
    cooperative-maps = "registry"       # /v1/cooperative-maps, beside the built-in ones
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

Service = Literal["registry", "training", "financing"]
_URL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?/?"
)


def _address(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("an address is http(s)://host:port, without a path or a password")
    if urlsplit(url).port == 0:  # it raises for one that is too large
        raise ValueError("a port is a number from 1 to 65535")
    return url.rstrip("/")


def _different(urls: list[str]) -> list[str]:
    if len(set(urls)) < len(urls):
        raise ValueError("each address stands here once")
    return urls


Urls = Annotated[
    list[Annotated[str, AfterValidator(_address)]],
    Field(min_length=1, max_length=64),
    AfterValidator(_different),
]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$")]


class FileRefused(Exception):
    """The file cannot be read or says something impossible; the message names what."""


class Wishes(BaseModel):
    """What the file says; what it leaves out stays as the environment and the code have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: dict[Service, Urls] = {}
    routes: dict[Word, Service] = {}


def read(path: Path) -> Wishes:
    """What stands there, or `FileRefused`."""
    try:
        return Wishes.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        told = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise FileRefused("; ".join(told)) from error
    except (OSError, ValueError) as error:
        raise FileRefused(str(error)) from error
