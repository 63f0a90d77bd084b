"""Fixtures that tests share."""

from tests.stores import ceph, moto, new_store, objects, server
from tests.visiting import browser

__all__ = ["browser", "ceph", "moto", "new_store", "objects", "server"]
