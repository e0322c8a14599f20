"""What a process must be told: read once from the environment, then frozen."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    Field,
    HttpUrl,
    IPvAnyAddress,
    IPvAnyNetwork,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One subclass per process, with its own `env_prefix` (`REGISTRY_`, `GATEWAY_`, …)."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Literal["local", "test", "staging", "production"] = "local"
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = Field(description="as the role that serves; it need not own its tables")
    database_url_file: Path | None = Field(
        default=None, description="holds `database_url`, where no variable does; mode 0600"
    )
    owner_url: str | None = Field(
        default=None, description="as the owner of the tables: for `migrate` and `prepare` alone"
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="address under which callers see the gateway"
    )
    keys_file: Path = Field(description="private JWKS of this process's proofs, mode 0600")
    vault_file: Path | None = Field(default=None, description="field-encryption keys, mode 0600")
    peers: dict[str, str] = Field(default={}, description="process name -> base URL, or a list")
    addresses: dict[str, list[str]] = Field(
        default={}, description="process name -> all its URLs, as a list in `peers` names them"
    )
    pool_size: int = Field(default=8, ge=1, le=100, description="connections per pool")
    max_body_bytes: int = Field(default=1_048_576, description="larger bodies are refused: 413")
    metrics_networks: list[IPvAnyNetwork] = Field(
        default=[ip_network("127.0.0.0/8"), ip_network("::1/128")],
        description="who may read /metrics, as they connect; never through a proxy",
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=32, description="a Bearer token that /metrics demands besides"
    )
    otlp_endpoint: HttpUrl | None = Field(
        default=None, description="an OpenTelemetry collector over HTTP; none: no spans at all"
    )
    otlp_share: float = Field(default=0.05, ge=0, le=1, description="of traces that are sent there")
    run_worker: bool = Field(default=True, description="deliver events and run timers here")
    drain_s: float | None = Field(
        default=None, ge=0, le=120, description="between SIGTERM and the closing of the door"
    )
    event_lease_s: float = Field(default=5.0, description="must exceed `event_timeout_s`")
    event_timeout_s: float = 3.0
    heartbeat_s: float = 5.0

    @model_validator(mode="before")
    @classmethod
    def _url_from_file(cls, told: Any) -> Any:
        file = told.get("database_url_file") if isinstance(told, dict) else None
        if file and not told.get("database_url"):
            return {**told, "database_url": Path(file).read_text(encoding="utf-8").strip()}
        return told

    @model_validator(mode="before")
    @classmethod
    def _several_addresses(cls, told: Any) -> Any:
        peers = told.get("peers") if isinstance(told, dict) else None
        if not isinstance(peers, dict):
            return told
        several = {name: urls for name, urls in peers.items() if isinstance(urls, list) and urls}
        firsts = {name: urls[0] for name, urls in several.items()}
        return {**told, "peers": {**peers, **firsts}, "addresses": several}

    @field_validator("addresses")
    @classmethod
    def _each_once(cls, addresses: dict[str, list[str]]) -> dict[str, list[str]]:
        found = {name: [url.rstrip("/") for url in urls] for name, urls in addresses.items()}
        if any(len(set(urls)) < len(urls) for urls in found.values()):
            raise ValueError("peers: each address of a process stands there once")
        return found

    def addresses_of(self, process: str) -> list[str]:
        """Where another process listens."""
        return self.addresses.get(process) or [self.peers[process]]

    def may_read_metrics(self, address: IPvAnyAddress) -> bool:
        """Whether who connects from there is told how this process is doing."""
        return any(address in network for network in self.metrics_networks)

    @property
    def owner(self) -> str:
        """The URL with which tables are made."""
        return self.owner_url or self.database_url

    @property
    def leaving_s(self) -> float:
        """How long it says that it is leaving before it leaves: others must have time to hear."""
        if self.drain_s is not None:
            return self.drain_s
        return 5.0 if self.environment in ("staging", "production") else 0.0

    @property
    def public_base(self) -> str:
        """Where the versioned contract begins."""
        return f"{self.public_url}/v1"
