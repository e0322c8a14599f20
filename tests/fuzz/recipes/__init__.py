"""For every operation of the contract, a request that must succeed. An operation without one is
found out at the end of the run: nothing of it ever answered 2xx."""

from tests.fuzz.recipes import financing, gateway, registry, training
from tests.fuzz.recipes.fit import Fit, Recipe

RECIPES: dict[str, Recipe] = {
    **gateway.RECIPES,
    **registry.RECIPES,
    **training.RECIPES,
    **financing.RECIPES,
}

__all__ = ["RECIPES", "Fit", "Recipe"]
