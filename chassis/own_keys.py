"""Signing and verifying with the keys of one's own file, whichever they are at the moment."""

from collections.abc import Mapping
from typing import Any

from chassis.jose import LocalKeys, Signer
from chassis.keys import KeyFile


class OwnSigner(Signer):
    """Signs with the current key of a file."""

    def __init__(self, keys: KeyFile) -> None:
        super().__init__(keys.current)
        self._keys = keys
        self._fixed = Signer(keys.current)

    def fixed(self) -> Signer:
        """The key of this moment, for whoever signs and then says with which key."""
        current = self._keys.current
        if current["kid"] != self._fixed.kid:
            self._fixed = Signer(current)
        return self._fixed

    @property
    def kid(self) -> str:
        """The name of the key that signs now."""
        return self.fixed().kid

    def token(self, claims: Mapping[str, Any], typ: str | None) -> str:
        """See `Signer.token`."""
        return self.fixed().token(claims, typ)

    def detached(self, body: bytes, claims: Mapping[str, Any]) -> str:
        """See `Signer.detached`."""
        return self.fixed().detached(body, claims)


class OwnKeys:
    """The public keys of a file."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys
        self._published: list[dict[str, Any]] = []
        self._known = LocalKeys([])

    async def find(self, kid: str) -> Any:
        """The key, or None."""
        published = self._keys.public()
        if published != self._published:
            self._known, self._published = LocalKeys(published), published
        return await self._known.find(kid)
