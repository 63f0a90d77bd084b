"""Fixtures that tests share."""

from tests.stores import ceph, moto, new_store, objects, server

__all__ = ["ceph", "moto", "new_store", "objects", "server"]
