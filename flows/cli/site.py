"""`recordkeep site`: write the web pages of what is held."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.keeping import bar
from flows.cli.output import AsJson, Store, failed, opened, print_json, say, show

if TYPE_CHECKING:
    from storage.objects import Objects

_COPIED = ("site", "raw", "previews", "datasets")
"""What the pages show and link to."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("site", epilog="Example: recordkeep site --store archive -o reading-room")(site)


def site(
    *,
    store: Store = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Also copy the pages, with originals, records and pictures, into this folder.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the web pages, page pictures and datasets up to what is held, and say where they are.

    Each run does the same by itself; this also puts back what went missing. Only what changed is
    written.
    """
    from storage.catalogue import Catalogue  # noqa: PLC0415 - pydantic, which --help need not load

    if output and output.exists() and not output.is_dir():
        failed(f"{output} is no folder", code=2)
    if output and (output / "manifests").is_dir():
        failed(f"{output} is an archive itself, whose pages would be lost: name another", code=2)
    objects = opened(store)
    names = Catalogue(objects).sources()
    if not names:
        failed("nothing is held yet: recordkeep run SOURCE, or recordkeep demo", code=3)
    written = [key for name in names for key in _published(objects, name)]
    front = _where(objects.name)
    if output:
        _copy(objects, output)
        front = _where(str(output))
    if as_json:
        print_json({"sources": names, "written": sorted(set(written)), "front": front})
        return
    number = len(set(written))
    say(f"{number:,} {'file' if number == 1 else 'files'} written")
    show(f"open {front}")


def _published(objects: "Objects", name: str) -> list[str]:
    """Publish one source; a terminal shows how it goes on."""
    from flows.progress import shown  # noqa: PLC0415 - parsers, as above
    from flows.publishing import caught_up, publish  # noqa: PLC0415 - the same
    from storage.archive import Archive  # noqa: PLC0415 - the same
    from storage.catalogue import Catalogue  # noqa: PLC0415 - the same

    manifest = Catalogue(objects).manifest(name)
    with shown(name) as told:
        written = publish(objects, manifest, thorough=True, progress=told)
    caught_up(Archive(objects, name))
    return written


def _where(store: str) -> str:
    """Say where the front page of a store is, as a browser takes it where it is a folder."""
    if store.startswith("s3:"):
        return f"{store.rstrip('/')}/site/index.html"
    return (Path(store).absolute() / "site" / "index.html").as_uri()


def _copy(objects: "Objects", folder: Path) -> None:
    """Copy what the pages show and link to into a plain folder; what is there stays."""
    import shutil  # noqa: PLC0415 - only this rare path needs it

    from storage import layout  # noqa: PLC0415 - with its only use
    from storage.files import placed  # noqa: PLC0415 - the same

    with bar("files") as progress:
        task = progress.add_task("files", total=None)
        for kind in _COPIED:
            for entry in objects.list(f"{kind}/"):
                progress.advance(task)
                if not layout.is_plain(entry.key):  # others put it there
                    continue
                path = folder / entry.key
                once = kind in {"raw", "previews"}
                if once and path.is_file() and path.stat().st_size == entry.size_bytes:
                    continue
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with objects.open(entry.key) as file, placed(path) as into:
                        shutil.copyfileobj(file, into)
                except OSError as error:
                    failed(f"{path} cannot be written: {error.strerror}", code=1)
