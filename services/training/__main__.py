"""`python -m services.training`: see `--help`."""

from chassis.serve import main
from services.training.app import define

main(define)
