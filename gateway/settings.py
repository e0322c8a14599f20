"""What the gateway must be told, beside what every process is told."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    Field,
    IPvAnyAddress,
    IPvAnyNetwork,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from gateway.limits.tiers import Rate, RouteClass
from gateway.post.settings import MailSettings
from gateway.roles import AGENTS
from gateway.upstreams.patience import Urgency, patience_of

SERVICES = ("registry", "training", "financing")
_PEERS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(SERVICES, 8001)}
# As browsers send it: scheme, host, port unless it is the usual one; never `*`, never `null`.
_ORIGIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?"
)
_STORE = re.compile(r"(?:valkeys?|rediss?)://[^\s/?#]+(?::[0-9]+)?(?:/[0-9]*)?(?:\?\S*)?")


class GatewaySettings(MailSettings):
    """Environment variables that begin with `GATEWAY_`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_prefix="GATEWAY_", hide_input_in_errors=True
    )

    port: int = 8000
    vault_file: Path = Field(description="seals addresses and second factors, mode 0600")
    peers: dict[str, str] = Field(default=_PEERS, description="service -> base URL; all three")
    access_token_s: int = Field(default=300, ge=30, le=900)
    second_factor_roles: list[str] = Field(
        default=list(AGENTS), description="whose persons sign in with a second factor"
    )
    routes_file: Path | None = Field(
        default=None, description="addresses and routes, read again at SIGHUP"
    )
    upstream_connect_s: float = Field(default=1.25, gt=0, description="at most, of any class")
    upstream_silence_s: float = Field(
        default=60.0,
        gt=0,
        description="longest wait in which nothing moves, in either direction, of any class",
    )
    patience: dict[Urgency, dict[str, float]] = Field(
        default={}, description="what differs from the classes of gateway/upstreams/patience.py"
    )
    upstream_failures: int = Field(
        default=5, ge=1, le=1_000_000, description="of 20 calls, and half of them: a pause"
    )
    upstream_check_s: float = Field(
        default=0.5, ge=0, description="between two looks at each address; 0: none"
    )
    upstream_body_bytes: int = Field(
        default=67_108_864, description="the most that passes to a service, which sets its own"
    )
    upstream_connections: int = Field(
        default=400, ge=1, description="under way at most, to each address of a service"
    )
    overview_patience_s: float = Field(
        default=1.5, gt=0, description="for each part of a cooperative's overview"
    )
    tiers: dict[str, dict[RouteClass, Rate]] = Field(
        default={}, description="what differs from the tiers of gateway/limits/tiers.py"
    )
    limit_factor: int = Field(
        default=1, ge=1, description="every quota is so many times as wide; high for load tests"
    )
    rate_limit_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("gateway_rate_limit_url", "rate_limit_url"),
        description="a Valkey or Redis server in which all gateways count together",
    )
    rate_limit_patience_s: float = Field(
        default=0.05, gt=0, le=1, description="longest wait for it; then this process counts alone"
    )
    store_fresh_s: float = Field(
        default=5.0, ge=0, le=300, description="longest age of a public answer; 0: none is kept"
    )
    store_stale_s: float = Field(
        default=60.0, ge=0, le=3_600, description="how much longer, while its service is away"
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default=[], description="whose X-Forwarded-For is believed"
    )
    cors_origins: list[str] = Field(
        default=[], description="origins whose pages may call from a browser"
    )

    @field_validator("rate_limit_url", mode="before")
    @classmethod
    def _none_if_nobody_set_it(cls, url: object) -> object:
        return url or None  # compose passes on what nobody has set

    @field_validator("rate_limit_url")
    @classmethod
    def _of_a_store(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _STORE.fullmatch(url.get_secret_value()):
            raise ValueError(
                "rate_limit_url must read valkey://name:password@host:port, or valkeys"
            )
        return url

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("cors_origins")
    @classmethod
    def _whole_origins(cls, origins: list[str]) -> list[str]:
        if wrong := [origin for origin in origins if not _ORIGIN.fullmatch(origin)]:
            raise ValueError(f"not an origin, such as https://app.example.sn: {', '.join(wrong)}")
        return origins

    @field_validator("patience")
    @classmethod
    def _with_sense(cls, told: dict[Urgency, dict[str, float]]) -> dict[Urgency, dict[str, float]]:
        patience_of(told)
        return told

    @field_validator("peers")
    @classmethod
    def _all_services(cls, peers: dict[str, str]) -> dict[str, str]:
        if missing := set(SERVICES) - set(peers):
            raise ValueError(f"peers must name {', '.join(sorted(missing))} too")
        return {name: url.rstrip("/") for name, url in peers.items()}

    @model_validator(mode="after")
    def _tokens_need_tls(self) -> "GatewaySettings":
        is_safe = self.public_url.startswith("https://") or self.is_loopback
        if not is_safe and self.environment != "test":
            raise ValueError("public_url must be https: tokens and secrets travel to it")
        return self

    def may_read_metrics(self, address: IPvAnyAddress) -> bool:
        """Nobody who connects as a trusted proxy does: the whole world may stand behind it."""
        is_proxy = any(address in network for network in self.trusted_proxies)
        return not is_proxy and super().may_read_metrics(address)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the public address."""
        host = urlsplit(self.public_url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def token_url(self) -> str:
        """Where tokens are issued: the audience of a client's assertion."""
        return f"{self.public_url}/oauth2/token"
