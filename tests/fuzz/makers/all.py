"""All makers in one."""

from datetime import timedelta

from chassis import clock
from tests.fuzz.makers.base import Thing
from tests.fuzz.makers.financing import FinancingMakers
from tests.fuzz.makers.gateway import GatewayMakers


class Makers(FinancingMakers, GatewayMakers):
    """Makes whatever is asked for."""

    def grant_wish(self) -> Thing:
        """What the cooperative lends to an application on its own record."""
        return {
            "cooperative_id": self.eligible_cooperative(),
            "client_id": self.client()["id"],
            "scopes": ["cooperatives.members:read"],
            "ends_at": clock.wire(clock.now() + timedelta(days=30)),
        }

    def access_grant(self) -> Thing:
        """What was lent."""
        made = self.crew.post("cooperative", "/v1/access-grants", self.grant_wish())
        return self.note("access-grants", made)
