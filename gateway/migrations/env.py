from chassis.migrations import run
from gateway.app import metadata

run(metadata)
