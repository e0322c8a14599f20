"""Every route of the registry, in the order in which they are tried."""

from fastapi import APIRouter

from chassis import published_keys
from services.registry.accesses import routes as accesses
from services.registry.alerts import routes as alerts
from services.registry.allowed_actions import routes as allowed_actions
from services.registry.code_lists import routes as code_lists
from services.registry.cooperatives import routes as cooperatives
from services.registry.decisions import routes as decisions
from services.registry.desk import routes as desk
from services.registry.filings import routes as filings
from services.registry.history import routes as history
from services.registry.imports import routes as imports
from services.registry.initiatives import routes as initiatives
from services.registry.ledger import routes as ledger
from services.registry.links import routes as links
from services.registry.matches import routes as matches
from services.registry.messages import routes as messages
from services.registry.obligations import routes as obligations
from services.registry.operations import routes as operations
from services.registry.persons import routes as persons
from services.registry.privacy import routes as privacy
from services.registry.processing import routes as processing
from services.registry.proofs import routes as proofs
from services.registry.remarks import routes as remarks
from services.registry.reviews import routes as reviews
from services.registry.signing_authority import routes as signing_authority
from services.registry.stream import routes as stream
from services.registry.working_days import routes as working_days

ROUTERS: list[APIRouter] = [
    cooperatives.router,  # first: routes are tried in this order, and it is asked most
    code_lists.router,
    initiatives.router,
    filings.router,
    reviews.router,
    remarks.router,
    decisions.router,
    desk.router,
    messages.router,
    processing.router,
    working_days.router,
    history.router,
    imports.router,
    operations.router,
    signing_authority.router,
    alerts.router,
    obligations.router,
    allowed_actions.router,
    ledger.router,
    stream.router,
    proofs.router,
    published_keys.router,
    persons.router,
    links.router,
    accesses.router,
    privacy.router,
    matches.router,
]
