"""For those who keep things: `export`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.keeping import bar
from flows.cli.output import AnySource, AsJson, Store, failed, opened, print_json, show, warn

if TYPE_CHECKING:  # it takes half a second to import, which --help need not wait for
    from storage.export import Exported, Progress
    from storage.ledger import Manifest
    from storage.model import Json
    from storage.objects import Objects


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("export", epilog="Example: recordkeep export ice_ddor --bagit ice_ddor-bag")(export)


def export(
    name: AnySource = None,
    *,
    store: Store = None,
    bag: Annotated[
        Path | None,
        typer.Option(
            "--bagit", metavar="DIR", help="New folder for a BagIt bag.", show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--warc",
            metavar="FILE",
            help="New WARC file, .warc or .warc.gz.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write an archive out, verified: everything as a BagIt bag, or the captures as WARC.

    A bag has originals, records, captures, pages, decisions and indexes; its data/ folder is
    itself an archive that every command can read. Nothing is ever overwritten.
    """
    from storage.catalogue import Catalogue  # noqa: PLC0415 - pydantic, which --help need not load

    if (bag is None) == (file is None):
        failed("give --bagit DIR or --warc FILE, one of them", code=2)
    held = Catalogue(opened(store))
    manifests = [held.manifest(each) for each in (held.sources() if name is None else [name])]
    if not manifests:
        failed("nothing is held here yet: there is nothing to export", code=3)
    target = bag or file or Path()
    with bar("objects") as progress:
        task = progress.add_task("export", total=None)
        try:
            done = _write(
                held.objects,
                manifests,
                target,
                as_bag=bag is not None,
                progress=lambda n, of: progress.update(task, completed=n, total=of),
            )
        except (FileExistsError, FileNotFoundError) as error:
            failed(str(error), code=2)
        except OSError as error:
            failed(f"{target} cannot be written: {error.strerror}", code=1)
    warn(done.warnings)
    told: Json = {"sources": [each.source for each in manifests], "objects": done.objects}
    told |= {"size_bytes": done.size_bytes, "path": str(target)}
    if as_json:
        print_json(told)
        return
    what = "objects" if bag else "captures and pages"
    show(f"{target}: {done.objects:,} {what}, {done.size_bytes:,} bytes, each verified")
    if bag:
        show(f"Read it as an archive: recordkeep sources --store {target / 'data'}")


def _write(
    objects: "Objects",
    manifests: list["Manifest"],
    target: Path,
    *,
    as_bag: bool,
    progress: "Progress",
) -> "Exported":
    from storage import bag, warc  # noqa: PLC0415 - bagit and warcio, which --help need not load

    if as_bag:
        on = datetime.now(UTC).date()
        return bag.write(objects, manifests, target, on=on, progress=progress)
    return warc.write(objects, manifests, target, progress=progress)
