"""What the registry must be told, beside what every process is told."""

from pydantic_settings import SettingsConfigDict

from chassis.settings import Settings


class RegistrySettings(Settings):
    """Environment variables that begin with `REGISTRY_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="REGISTRY_")

    port: int = 8001
