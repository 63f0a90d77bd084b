"""What each column means, in a sentence: for the data package and the dictionary."""

from storage.about import About

COLUMNS = {
    "edition": "The issue of the report, named so that text order is time order.",
    "version": "Number of the version, from 1, by earliest sighting. A backfill may shift it: "
    "cite the digest.",
    "last_version": "Last version in which the record's group stands unchanged; the first is "
    "`version`.",
    "digest": "SHA-256 of the document's bytes, which names the version for ever.",
    "first_seen": "First time at which it is known to have stood there, UTC.",
    "last_seen": "Last time at which it is known to have stood there, UTC, as of the last change.",
    "row": "Number of the record in its version's table, from 1, as `recordkeep explain` takes it.",
    "page": "Page of the document on which the record begins, from 1.",
    "parser": "Number of the reading rules by which the record was read.",
    "cells": "The row as printed: a JSON object, heading -> text, in the order of the columns.",
    "boxes": "Where the row stands: a JSON list of pages, and left, top, right and bottom in PDF "
    "points from the page's top left corner.",
    "title": "Title as the document prints it.",
    "period_start": "First day that the report covers.",
    "period_end": "Last day that the report covers.",
    "versions": "How many versions are held or known.",
    "removed": "How the agency took it away: `delisted` or `gone`; blank while it shows it.",
    "kind": "What it is beside the version before it: `new`, `revision` (records changed), "
    "`amendment` (only text) or `reissue` (only bytes); of a notice, what it announces.",
    "status": "`complete`, `flagged`, `released` (by a person, without records), `unread` or "
    "`not-held` (only sightings are known).",
    "flags": "Names of the checks that failed: a JSON list.",
    "records": "How many records were read from it, in all tables.",
    "url": "Where it was found.",
    "via": "From whom the bytes came: `agency` or `wayback`.",
    "fetched_at": "When those bytes were captured, UTC.",
    "size_bytes": "Size of the document.",
    "original": "Key of the document's bytes in the archive.",
    "said_on": "The day that the notice itself names.",
    "text": "The notice as it stood on the agency's page.",
    "listing_page": "SHA-256 of the agency's page as kept.",
}


def meaning(about: About, column: str) -> str:
    """Say what a column holds; a field that nobody described, as its name says."""
    described = about.fields.get(column) or COLUMNS.get(column)
    return described or f"As printed: {column.removeprefix('printed_').replace('_', ' ')}."
