"""What the financing service must be told, beside what every process is told."""

from pydantic_settings import SettingsConfigDict

from chassis.settings import Settings


class FinancingSettings(Settings):
    """Environment variables that begin with `FINANCING_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="FINANCING_")

    port: int = 8003
