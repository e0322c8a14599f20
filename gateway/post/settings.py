"""What the gateway must be told to write letters."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.settings import Settings
from gateway.post.servers import MailServer, mail_server


class MailSettings(Settings):
    """A mail server, or a folder on a developer's machine; with neither, letters wait."""

    smtp_url: SecretStr | None = Field(
        default=None, description="smtps://name:password@host, or smtp:// with STARTTLS"
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="who vouches for the mail server, if not the usual ones"
    )
    mail_from: str = Field(default="no-reply@mboolo.example", pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    mail_name: str = Field(default="Mboolo", max_length=80)
    mail_folder: Path | None = Field(
        default=None, description="letters as files instead; never in production"
    )

    @field_validator("smtp_url", mode="before")
    @classmethod
    def _none_if_empty(cls, url: object) -> object:
        return url or None  # compose passes on what nobody has set

    @field_validator("smtp_url")
    @classmethod
    def _usable(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            mail_server(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _no_codes_in_files(self) -> "MailSettings":
        if self.environment == "production" and self.mail_folder is not None:
            raise ValueError("mail_folder is not for production: whoever reads it opens accounts")
        return self

    @cached_property
    def smtp(self) -> MailServer | None:
        """The mail server, read from its address."""
        return mail_server(self.smtp_url.get_secret_value()) if self.smtp_url else None
