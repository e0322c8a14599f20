"""What the registry must be told, beside what every process is told."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import Settings


class RegistrySettings(Settings):
    """Environment variables that begin with `REGISTRY_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="REGISTRY_")

    port: int = 8001
    checkpoints_folder: Path | None = Field(
        default=None, description="where signed checkpoints of the chains lie, outside the database"
    )

    @property
    def checkpoints(self) -> Path:
        """That folder; if none is named, `checkpoints` beside the folder of keys."""
        folder = self.keys_file.absolute().parent
        beside = folder.parent.parent if folder.parent.name == "keys" else folder
        return self.checkpoints_folder or beside / "checkpoints"
