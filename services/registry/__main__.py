"""`python -m services.registry`: see `--help`."""

from chassis.serve import main
from services.registry.app import define

main(define)
