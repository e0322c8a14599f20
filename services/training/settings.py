"""What the training service must be told, beside what every process is told."""

from pydantic_settings import SettingsConfigDict

from chassis.settings import Settings


class TrainingSettings(Settings):
    """Environment variables that begin with `TRAINING_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="TRAINING_")

    port: int = 8002
