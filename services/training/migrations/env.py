from chassis.migrations import run
from services.training.app import metadata

run(metadata)
