from chassis.migrations import run
from services.registry.app import metadata

run(metadata)
