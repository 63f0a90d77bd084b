"""Addresses of the catalogue's pages, for alerts and for Prefect."""

from flows.settings import settings
from storage.site import addresses


def page(key: str) -> str | None:
    """Give the address of a page of the catalogue by its key; None where none is set."""
    base = settings().site_url
    return f"{base.rstrip('/')}/{key.removeprefix('site/')}" if base else None


def front() -> str | None:
    """Give the address of the catalogue's front page."""
    return page(addresses.front())


def edition(source: str, name: str) -> str | None:
    """Give the address of an edition's page."""
    return page(addresses.edition(source, name))
