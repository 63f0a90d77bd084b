"""What a run tells its operator, in sentences; of very many of a kind not all."""

from collections import defaultdict
from typing import Final

TOLD_EACH: Final = 10
"""So many messages are given of one kind, as under one section of the RUNBOOK; then only how many
more: what is said of each of a thousand captures hides all else."""


class Messages:
    """A run's, in the order in which they came."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._given: list[str] = []
        self._kinds: defaultdict[str, set[str]] = defaultdict(set)

    def tell(self, message: str, kind: str | None = None) -> bool:
        """Give a message unless it was, or very many of its kind were, given; say whether it is."""
        told = self._kinds[kind] if kind else set()
        is_given = message not in told and len(told) < TOLD_EACH
        told.add(message)
        if is_given:
            self._given.append(message)
        return is_given

    @property
    def all(self) -> tuple[str, ...]:
        """Those that were given, and how many more there were."""
        more = {kind: len(told) - TOLD_EACH for kind, told in self._kinds.items()}
        further = (f"and {number} more: {kind}" for kind, number in more.items() if number > 0)
        return (*self._given, *further)
