from chassis.migrations import run
from services.financing.app import metadata

run(metadata)
