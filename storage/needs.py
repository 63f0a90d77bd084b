"""What a person must see to, as a run's record keeps it."""

from dataclasses import dataclass

from storage.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that a person must see to."""

    section: str
    """Heading of the section in deploy/RUNBOOK.md that says what to do."""
    text: str
    """What happened, in a sentence."""
    edition: str | None = None
    """None where it is about more than one."""
    grave: int = 0
    """A person who was told of it is told again when this rises."""
    about: str | None = None
    """The object's key, where it is about one."""

    def to_json(self) -> Json:
        """Shape: the fields by name; the last two only where they say something."""
        shown: Json = {"section": self.section, "text": self.text, "edition": self.edition}
        shown |= {"grave": self.grave} if self.grave else {}
        return shown | ({"about": self.about} if self.about else {})
