"""`repcat fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from repcat.data.download.idc_bucket import ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repcat.data.download.download import Failure, Order


def fetch(
    name: Annotated[
        str | None, Argument(help="A collection of the list, or any other by its id at the IDC.")
    ] = None,
    listing: Annotated[
        bool, Option("--list", help="List the paper's seven collections, as without NAME.")
    ] = False,
    limit: Annotated[
        int | None,
        Option(min=1, help="First N patients; a larger N only adds.", show_default="all"),
    ] = None,
    out: Annotated[
        Path | None, Option(help="Folder of the files.", show_default="data/dicom/<name>")
    ] = None,
    seed: Annotated[int, Option(help="Seed of the order that --limit cuts.")] = 0,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Say what would be downloaded, contact nothing.")
    ] = False,
    endpoint: Annotated[str, Option(help="Address of the bucket, or of a mirror.")] = ENDPOINT,
    as_json: Annotated[bool, Option("--json", help="Print JSON of the list or --dry-run.")] = False,
) -> None:
    """Download chest CT of a public collection from the NCI Imaging Data Commons.

    What is chosen is told by the index alone, which is on this disk. One series a patient. Never:
    fewer than 30 or more than 800 slices; scouts, reformats and projections (coronal, sagittal,
    MPR, MIP); fused images; the whole-body CT of a PET; what is said to show other parts than the
    chest. Then, in this order: no single phase of a breath, heartbeat or contrast and no single
    energy; the chest alone before chest and abdomen before what is not said; the most slices; the
    lowest series UID. Patients come in an order that is a hash of --seed and their ID.

    Files go to OUT/<patient>/<series>/*.dcm, as `repcat prepare` takes them. A series is whole or
    not there; the same command goes on where it was. Each collection has a licence and a citation:
    they are printed and kept in OUT/SOURCE.toml. Research use only.
    """
    from repcat.data.download.collections import find
    from repcat.data.download.download import make_order
    from repcat.errors import RepcatError

    if as_json and name and not dry_run:
        msg = "--json goes with the list, or with NAME --dry-run: a download prints its course"
        raise RepcatError(msg, code="json-without-list")
    if listing or not name:
        _list(as_json, seed)
        return
    order = make_order(find(name), limit, seed, out)
    if as_json:
        _print_order(order)
        return
    _tell(order)
    if not dry_run:
        _download(order, endpoint)


def _list(as_json: bool, seed: int) -> None:
    from repcat.commands.console import out
    from repcat.data.download.download import list_collections

    found = list_collections(seed)
    if as_json:
        out.print_json(data=found)
        return
    out.print(f"{'':15}  {'all CT':^21}  {'chosen':^14}", style="bold")
    heads = ("name", "patients", "series", "GB", "patients", "GB", "licence")
    out.print("{:15} {:>8} {:>7} {:>6} {:>8} {:>6}  {}".format(*heads), style="bold")
    for c in found:
        out.print(
            f"{c['name']:15} {c['patients']:8} {c['ct_series']:7} {c['gigabytes']:6} "
            f"{c['chosen']:8} {c['chosen_gigabytes']:6}  {_licence(c['licence'])}"
        )
    out.print(f"\n{'name':15} {'id at the IDC':28} cite", style="bold")
    for c in found:
        out.print(f"{c['name']:15} {c['collection']:28} {' '.join(c['cite'])}")
    out.print("\nchosen: one chest CT a patient (rule: --help); repcat fetch NAME downloads them")


def _licence(names: Sequence[str]) -> str:
    from repcat.data.download.download import non_commercial

    return ", ".join(names) + " (non-commercial)" * non_commercial(names)


def _print_order(order: Order) -> None:
    from repcat.commands.console import out
    from repcat.data.download.idc_index import index_version
    from repcat.data.download.source_record import source_table

    table = source_table(order.collection, order.wanted, order.seed, index_version())
    out.print_json(data=table | {"out": str(order.out), "missing": len(order.missing)})


def _tell(order: Order) -> None:
    """Say what is asked for before anything is contacted."""
    from repcat.commands.console import say
    from repcat.data.download.series import gigabytes
    from repcat.data.download.source_record import citations, licences

    wanted, missing, without = order.wanted, order.missing, order.selection.without
    total = len(order.selection.chosen)
    say(f"{order.collection.name}: {len(wanted)} of {total} patients, a chest CT of each, "
        f"{gigabytes(wanted):.1f} GB")  # fmt: skip
    if without:
        say(f"left out: {len(without)} more patients, whose CT is no chest CT by the rule (--help)")
    say(f"licence: {_licence(licences(wanted))}")
    say(f"cite: {' '.join(citations(wanted))}")
    say(f"to download: {len(missing)} series, {gigabytes(missing):.1f} GB, into {order.out}")


def _download(order: Order, endpoint: str) -> None:
    from repcat.commands.console import progress, say
    from repcat.data.download.download import carry_out
    from repcat.data.download.source_record import NAME

    missing = order.missing
    with progress("series") as bar:
        task = bar.add_task("downloading", total=len(missing), note="")
        failures = carry_out(
            order, endpoint, lambda done, note: bar.update(task, completed=done, note=note)
        )
    if failures:
        _fail(failures, len(missing))
    say(f"{order.out}: {len(order.there)} series, listed in {order.out / NAME}")
    say(f"next: {order.collection.prepare_command(order.out)}")


def _fail(failures: Sequence[Failure], wanted: int) -> None:
    """List what failed, one line each, and end with what to do."""
    from repcat.commands.console import err
    from repcat.data.download.download import PATIENCE
    from repcat.errors import DataError

    for one in failures:
        err.print(f"failed: {one.series.folder}: {one.reason}", markup=False)
    gave_up = f" ({PATIENCE} in a row: the rest was not tried)" * (len(failures) >= PATIENCE)
    msg = (
        f"{len(failures)} of {wanted} series failed{gave_up}; check the connection and the disk, "
        "then run the same command again: it takes what is missing"
    )
    raise DataError(msg, code="download-failed")
