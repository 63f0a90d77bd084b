"""A version's page: the address to cite, with proof, and pages of what was read from it."""

from storage import layout
from storage.digests import digest_of
from storage.documents import DocumentEntry
from storage.ledger import Version
from storage.model import Json, iso
from storage.site import addresses, pictures, tables
from storage.site.citation import citation, described, set_aside
from storage.site.events import told_spans
from storage.site.making import Making, Subject
from storage.timeline import Span


def part(document: DocumentEntry) -> str:
    """Name the part of the site that is about a document."""
    return f"document {document.digest}"


def spans(making: Making, edition: str, digest: str) -> list[tuple[Span, bool]]:
    """Give a document's spans of sightings, each with whether it is the last one known.

    The last one's end moves with every look, and stands nowhere but on the front page.
    """
    told = told_spans(making.manifest, edition)
    return [(span, span is told[-1]) for span in told if span.digest == digest]


def told(spans_: list[tuple[Span, bool]]) -> list[Json]:
    """Give what may stand on a page of spans: of the last one, its beginning alone."""
    return [
        {
            "state": span.state,
            "digest": span.digest,
            "first": iso(span.first),
            "last": None if is_open else iso(span.last),
            "count": None if is_open else span.count,
        }
        for span, is_open in spans_
    ]


def state(making: Making, edition: str, document: DocumentEntry) -> str:
    """Digest of what the pages of a document are made from."""
    older, version, newer = neighbours(making, edition, document)
    return digest_of(
        [
            edition,
            described(version) if version else set_aside(document),
            [
                [v.number, v.kind, v.document.digest, v.document.table is not None] if v else None
                for v in (older, version, newer)
            ],
            told(spans(making, edition, document.digest)),
            document.table.key if document.table else None,
            [[d.kind, d.why, d.who, iso(d.at)] for d in document.decisions],
            [[r.reason, r.detail, r.page] for r in document.refusals.values()],
            making.previews.get(document.digest, ()),
        ]
    )


def neighbours(
    making: Making, edition: str, document: DocumentEntry
) -> tuple[Version | None, Version | None, Version | None]:
    """Give the version before, the version that the document is, and the one after."""
    versions = making.manifest.versions(edition)
    padded = (None, *versions, None)
    for place, version in enumerate(versions, start=1):
        if version.document.digest == document.digest:
            return padded[place - 1], version, padded[place + 1]
    return None, None, None


def write(making: Making, edition: str, document: DocumentEntry) -> None:
    """Write a document's page, and those of its tables and its pages' pictures.

    Raises:
        FixityError, MissingError: a table or capture is not as it was written.
        StoreUnreachableError: the store did not answer.
    """
    older, version, newer = neighbours(making, edition, document)
    reading, capture = making.reading(document), making.capture(document)
    subject = Subject(edition=edition, version=version, document=document)
    drawn = pictures.write(making, subject, reading)
    made = tables.write(making, subject, reading, drawn)
    refusal = max(document.refusals.values(), key=lambda each: each.key, default=None)
    key = addresses.document(making.source, document.digest)
    making.put(
        "document.html",
        key,
        edition=edition,
        document=document,
        version=version,
        older=older,
        newer=newer,
        reading=reading,
        tables=made,
        drawn=drawn,
        unseen=drawn.first_unseen(reading),
        capture=capture,
        refusal=None if document.table else refusal,
        spans=spans(making, edition, document.digest),
        citation=citation(making.about, edition, version, document),
        file=file_name(making.source, edition, document),
        raw=layout.raw(making.source, document.digest, document.ext) if document.captures else None,
        json_ld=_json_ld(making, edition, document, key),
    )


def file_name(source: str, edition: str, document: DocumentEntry) -> str:
    """Name the file that a visitor downloads."""
    short = addresses.short(document.digest)
    return f"{source}_{addresses.slug(edition)}_{short}.{document.ext}"


def _json_ld(making: Making, edition: str, document: DocumentEntry, key: str) -> Json:
    """Describe the version as schema.org does, for dataset search; addresses are relative."""
    about, table = making.about, document.table
    found: Json = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"{about.title}, {edition}",
        "description": citation(about, edition, neighbours(making, edition, document)[1], document),
        "identifier": f"sha256:{document.digest}",
        "creator": {"@type": "GovernmentOrganization", "name": about.agency},
        "isPartOf": {"@type": "Dataset", "name": about.title},
    }
    if table and table.period:
        found["temporalCoverage"] = f"{table.period.start}/{table.period.end}"
    if document.captures:
        raw = layout.raw(making.source, document.digest, document.ext)
        found["distribution"] = {
            "@type": "DataDownload",
            "contentUrl": addresses.Here(key).to(raw),
            "encodingFormat": "application/pdf" if document.ext == "pdf" else document.ext,
            "sha256": document.digest,
            "contentSize": f"{document.size_bytes} B",
        }
    return found
