"""What can go wrong with what we hold; one class for each thing a person would do about it."""


class StorageError(Exception):
    """Base of every error that storage raises on purpose."""


class StoreUnreachableError(StorageError):
    """The store did not answer, or may not be written. Remedy: mend the store, run again.

    Attributes:
        where: the store, as the user named it.
    """

    def __init__(self, where: str, why: str) -> None:
        """Say which store, and what it said."""
        super().__init__(f"the store {where} {why}")
        self.where = where


class MissingError(StorageError, KeyError):
    """Nothing is held under this key. Remedy: ask for what is held.

    Attributes:
        key: the object's key.
    """

    def __init__(self, key: str) -> None:
        """Name the key."""
        super().__init__(f"nothing is held under {key}")
        self.key = key

    def __str__(self) -> str:
        """Say it as a sentence; KeyError would show its repr."""
        return str(self.args[0])


class NotHeldError(StorageError):
    """No such source, edition, version, table or date is in the archive. Remedy: ask otherwise.

    Attributes:
        asked: what was asked for.
        held: what could be asked for instead, in its own order.
    """

    def __init__(self, asked: str, held: list[str]) -> None:
        """Say what was asked, and what is held."""
        shown = ", ".join(held[:12]) + (f" … ({len(held)} in all)" if len(held) > 12 else "")  # noqa: PLR2004 - as many as fit on a line or two
        super().__init__(f"{asked} is not held; held: {shown or 'nothing yet'}")
        self.asked = asked
        self.held = held


class FixityError(StorageError):
    """Bytes held are not the bytes recorded. Remedy: stop; `recordkeep verify --repair`.

    Attributes:
        key: the object's key.
        expected: the SHA-256 recorded for it.
        found: the SHA-256 of what is there.
    """

    def __init__(self, key: str, *, expected: str, found: str) -> None:
        """Name the object and both digests."""
        super().__init__(f"{key} holds {found[:12]}…, recorded was {expected[:12]}…")
        self.key = key
        self.expected = expected
        self.found = found


class UnreadableError(FixityError):
    """The store does not give this object's bytes back, others' it does: its disk fails there.

    Remedy: as FixityError's; look at the disk.
    """

    def __init__(self, key: str) -> None:
        """Name the object."""
        super().__init__(key, expected="bytes", found="no bytes")
        self.args = (f"{key} cannot be read: the disk fails there",)


class ParserNotRaisedError(StorageError):
    """A table is held under this digest and parser with other bytes (`parser-not-raised`).

    Remedy: raise the source's parser number, since the same document now reads differently.

    Attributes:
        key: the table's key.
    """

    def __init__(self, key: str) -> None:
        """Name the table's key."""
        super().__init__(f"parser-not-raised: {key} is held with other records; raise `parser`")
        self.key = key
