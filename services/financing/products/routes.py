"""Financing products."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.pages import List, Page
from services.financing.products.repository import Products
from services.financing.products.schemas import ProductRead, read_of
from services.financing.scopes import Reader

router = APIRouter(prefix="/v1", tags=["products"])


@router.get("/financing-products")
async def list_products(
    session: Session, _: Reader, window: List, response: Response
) -> Page[ProductRead]:
    """What the programme offers; the limits are its policy."""
    after = str(window.after[0]) if window.after else None
    rows = await Products(session).page(after=after, limit=window.limit)
    return Page(**window.page([read_of(row) for row in rows], lambda row: [row.code], response))


@router.get("/financing-products/{code}", responses=problems(NotFound))
async def read_product(
    session: Session, _: Reader, code: Annotated[str, Path(max_length=40)]
) -> ProductRead:
    """One product."""
    return read_of(await Products(session).get(code))
