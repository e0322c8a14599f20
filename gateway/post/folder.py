"""Letters as files, for a developer's machine: they hold codes, so that nobody else may read them.

Never in production: whoever reads the folder could open the accounts.
"""

import asyncio
import os
from email.message import EmailMessage
from pathlib import Path

from chassis import clock


class FolderPost:
    """Writes each letter to a file of its own, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """The file is whole or it is not there."""
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        file = self._folder / f"{clock.now():%Y%m%d-%H%M%S}-{name}.eml"
        draft = file.with_suffix(".part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            written.write(bytes(message))
        draft.replace(file)
