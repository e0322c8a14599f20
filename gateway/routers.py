"""Every route of the gateway's own, in the order in which they are tried."""

from gateway import health, me
from gateway.audit import routes as audit
from gateway.client_keys import routes as client_keys
from gateway.client_secrets import routes as client_secrets
from gateway.clients import routes as clients
from gateway.contract import routes as contract
from gateway.feed import routes as feed
from gateway.grants import routes as grants
from gateway.issuer import discovery
from gateway.issuer import routes as issuer
from gateway.limits import routes as limits
from gateway.notices import routes as notices
from gateway.organisations import routes as organisations
from gateway.overview import routes as overview
from gateway.pages import docs, home, verify
from gateway.profile import routes as profile
from gateway.signin import account, entering, leaving, mailboxes, passwords, telephones
from gateway.signin import routes as signin
from gateway.users import routes as users

ROUTERS = [
    home.router,
    health.router,  # before the chassis's own readiness, which knows of no other process
    issuer.router,
    discovery.router,
    signin.router,
    entering.router,
    leaving.router,
    passwords.router,
    account.router,
    telephones.router,
    mailboxes.router,
    me.router,
    feed.router,
    overview.router,
    limits.router,
    profile.router,
    organisations.router,
    users.router,
    clients.router,
    client_secrets.router,
    client_keys.router,
    grants.router,
    notices.router,
    audit.router,
    contract.router,
    docs.router,
    verify.router,
]
