"""A letter, composed when it is sent: plain text, in the person's language, nothing that tracks."""

import tomllib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from gateway.notices.models import Notice
from gateway.notices.schemas import Content

CODE_PAGE = "/oauth2/password/new"  # where a person enters a code that they were sent
ACCOUNT_PAGE = "/oauth2/account"
FORGOTTEN_PAGE = "/oauth2/password"


@dataclass(frozen=True)
class Sender:
    """In whose name letters go out, and where their links lead."""

    name: str
    address: str
    public_url: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


@cache
def _texts() -> dict[str, Any]:
    file = Path(__file__).with_name("letters.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def compose(notice: Notice, content: Content, sender: Sender) -> EmailMessage:
    """The letter; `ValueError` if a name or an address could become a header of its own."""
    texts = _texts()[notice.kind]
    language = "en" if content.language == "en" else "fr"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(content.name, addr_spec=content.to)
    message["Subject"] = texts["subject"][language]
    message["Date"] = format_datetime(notice.created_at)
    # the same each time it is tried, so that a letter that arrives twice can be recognised
    message["Message-ID"] = f"<{notice.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(texts["body"][language], content, sender))
    message["Content-Language"] = language
    return message


def _body(text: str, content: Content, sender: Sender) -> str:
    return text.lstrip("\n").format(
        name=content.name,
        username=content.username,
        code=content.code or "",
        page=f"{sender.public_url}{CODE_PAGE}",
        link=f"{sender.public_url}{CODE_PAGE}/{content.code or ''}",
        account=f"{sender.public_url}{ACCOUNT_PAGE}",
        forgotten=f"{sender.public_url}{FORGOTTEN_PAGE}",
        client=content.subject or "",
    )
