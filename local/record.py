"""What the town must remember of its PostgreSQL between two runs: passwords, and where it lies."""

import json
import secrets
from pathlib import Path

from chassis.keys import write_private
from local.errors import CannotRun


class Record:
    """`postgres.json` in the data folder, mode 0600; written at each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content = self._read()

    def _read(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        try:
            content: dict[str, str] = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CannotRun(
                f"{self.path} is damaged: restore it, or start afresh with make clean."
            ) from error
        return content

    @property
    def exists(self) -> bool:
        """Whether anything was remembered."""
        return bool(self._content)

    @property
    def home(self) -> Path | None:
        """The folder of the cluster, if it could not lie in the data folder."""
        home = self._content.get("home")
        return Path(home) if home else None

    @home.setter
    def home(self, folder: Path) -> None:
        self._remember("home", str(folder))

    def password(self, role: str) -> str:
        """The password of a PostgreSQL role, made when it is first asked for."""
        key = f"password of {role}"
        if key not in self._content:
            self._remember(key, secrets.token_urlsafe(24))
        return self._content[key]

    def _remember(self, key: str, value: str) -> None:
        self._content[key] = value
        write_private(self.path, json.dumps(self._content, indent=1))
