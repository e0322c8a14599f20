"""`python -m services.financing`: see `--help`."""

from chassis.serve import main
from services.financing.app import define

main(define)
