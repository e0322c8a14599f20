"""How each service, and the owner of its tables, reach their database: as the plan has it."""

from collections.abc import Callable, Mapping

from local.addresses import Address
from local.databases import SERVICES, databases_on, name_of, own_databases
from local.errors import CannotRun
from local.plan import Plan
from local.postgres import Cluster
from local.roles import Access, derived_password, let_in, may_make_roles

Password = Callable[[str], str]


async def reach(plan: Plan, cluster: Cluster | None) -> Access:
    """Make the databases and roles that are missing; a service for which a database was named is
    taken as it is, with the owner that was named, if any."""
    if alone := set(plan.owners) - set(plan.given):
        name = min(alone).upper()
        raise CannotRun(f"{name}_OWNER_URL is given without {name}_DATABASE_URL.")
    ours = [name for name in SERVICES if name not in plan.given]
    owners = await databases_on(plan.server, {**plan.given, **plan.owners})
    services = {name: address.url for name, address in plan.given.items()}
    if cluster is not None:
        owners |= await own_databases(cluster, ours)
        admin = Address(cluster.url(), "The embedded PostgreSQL")
        services |= await _let_in(admin, ours, cluster.record.password)
    elif plan.server is not None and await may_make_roles(plan.server):
        services |= await _let_in(plan.server, ours, _derived(plan.server))
    return Access({**owners, **services}, owners)


async def _let_in(admin: Address, services: list[str], password: Password) -> Mapping[str, str]:
    return {
        service: await let_in(admin.to(name), name, password(name))
        for service in services
        for name in [name_of(service)]
    }


def _derived(server: Address) -> Password:
    return lambda role: derived_password(server, role)
