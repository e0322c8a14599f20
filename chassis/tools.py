"""What a process holds for its routes: its vault, its signing key, its public address."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.catalogue import Catalogue, Language, preferred_language
from chassis.jose import Signer
from chassis.own_keys import OwnSigner
from chassis.reads import Reads
from chassis.vault import Vault


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _signer(request: Request) -> Signer:
    signer: OwnSigner = request.app.state.signer
    return signer.fixed()  # the same key for all that one request signs


async def _public_base(request: Request) -> str:
    return str(request.app.state.settings.public_base)


async def _reads(request: Request) -> Reads:
    reads: Reads = request.app.state.reads
    return reads


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _language(request: Request) -> Language:
    return preferred_language(request.headers.get("accept-language"))


Sealing = Annotated[Vault, Depends(_vault)]
Signing = Annotated[Signer, Depends(_signer)]
PublicBase = Annotated[str, Depends(_public_base)]
HotReads = Annotated[Reads, Depends(_reads)]
Sentences = Annotated[Catalogue, Depends(_catalogue)]
Spoken = Annotated[Language, Depends(_language)]
