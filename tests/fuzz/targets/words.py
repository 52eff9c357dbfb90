"""Readers of the command line's own words, and of what an index of series says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from repcat.commands import measure, parse_lists, prepare
from repcat.commands.check import _options
from repcat.config import shipped
from repcat.data.download.selection import select
from repcat.data.download.series import Series
from repcat.data.prepare.splits import Member, parse_split
from repcat.radiographs.cli_argument import Given, view_of
from repcat.registry.plugins import load_parts
from repcat.scaffold.scaffold import write
from repcat.scoring.protocols import protocols
from repcat.scoring.score_file import ScoreFile
from repcat.view import View
from tests.fuzz.target import Read, target

MEMBERS = (Member("a1", "LIDC-IDRI-0001/ct.nii", "a1"), Member("b2", "x/b2.mha", "b2"))


def _text(read: Callable[[str], object]) -> Read:
    """Read bytes as a shell hands them over: any but the zero, which ends a word."""
    return lambda data: read(data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))


@target("film-argument", "@ pa ap lateral left_lateral 1.5708 -90 360 @@ .png")
def film_argument(folder: Path) -> tuple[Sequence[bytes], Read]:
    """FILE@ANGLE."""

    def once(text: str) -> None:
        given = Given.parse(text)
        if given.angle is not None:
            view_of(given.angle)

    return [b"film.png@pa", b"a@b.dcm@90", b"film.png@-1.5708"], _text(once)


@target("views", "0 90 pa ap lateral left_lateral right_lateral , inf nan 1e308")
def views(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A list of views."""
    return [b"0,90", b"pa, left_lateral,45.5"], _text(
        lambda text: [str(View.parse(part.strip())) for part in text.split(",")]
    )


@target("numbers", "1 , - 500-501 99999999999 \u00b2".encode())
def numbers(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Seeds, rows, ranges and degrees by commas."""
    readers: tuple[Callable[[str], object], ...] = (
        parse_lists.numbers,
        parse_lists.picks,
        lambda text: prepare._range(text, "--clip"),
        measure._numbers,
    )

    def once(data: bytes) -> None:
        readers[data[0] % 4 if data else 0](data[1:].decode("utf-8", "surrogateescape"))

    return [b"\x00500,501", b"\x012,4-6", b"\x02-1000,1000", b"\x030,2,5"], once


@target("options", "width = 4 [ ] { } \" ' . # true")
def options(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Options of `repcat check`."""
    return [b"width = 4", b'a = {b = "c"}'], _text(lambda text: _options([text]))


@target("names", "backbone mapper protocol ../ toml unet swin_ot table1 \x00")
def names(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Names of recipes, parts, protocols, score files and plugins to be."""
    parts = load_parts()

    def once(text: str) -> None:
        readers: tuple[Callable[[], object], ...] = (
            lambda: shipped.find(Path(text), "recipe"),
            lambda: shipped.copy(text, folder),
            lambda: parts.registry(text),
            lambda: parts.backbones.get(text),
            lambda: protocols([text], parts),
            lambda: ScoreFile.parse(Path(text)),
            lambda: write("backbone", text, folder / "made" / "x", parts),
            lambda: write(text, "abc", folder / "made" / "x", parts),
        )
        readers[len(text) % len(readers)]()

    return [b"swin_ot", b"studies/table1", b"backbones", b"psnr.standard.csv"], _text(once)


@target("split", ".8,.1,.1 train= test= validation= .csv , = inf nan ~nobody/")
def split(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What `--split` takes: shares or names of lists."""
    (folder / "a.txt").write_text("a1\n")
    (folder / "a.csv").write_text("id,split\na1,train\n")
    lists = f"train={folder}/a.txt".encode()
    return [b".8,.1,.1", lists, f"{folder}/a.csv".encode()], _text(
        lambda text: parse_split(text).assign(MEMBERS)
    )


@target("split-list", "a1 b2 LIDC-IDRI-0001 / \\ , ; .nii.gz")
def split_list(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A list of scans of a split."""
    file = folder / "a.txt"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        parse_split(f"train={file}").assign(MEMBERS)

    return [b"a1\nLIDC-IDRI-0001/ct.nii.gz, x\n\n", b"x/b2.mha\r\nct\r\n"], once


@target("split-table", 'id split train test validation val , " \n')
def split_table(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A table of scans and splits."""
    file = folder / "a.csv"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        parse_split(str(file)).assign(MEMBERS)

    return [b"id,split\na1,train\nb2,test\n", b'\xef\xbb\xbfsplit,id\nval,"x/b2"\n'], once


@target("series", "chest thorax C/A/P PET CTAC scout 3.000 whole body \n mip")
def series(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Rows of the index of a collection."""

    def once(data: bytes) -> None:
        rows = []
        for n, line in enumerate(data.decode("utf-8", "replace").split("\n")):
            cells = (line.split("|") + [""] * 6)[:6]
            who, body, study, words, kind, analysis = cells
            count = len(line) * 7 % 900
            fixed = ("MIT", "10.1/x", "bucket", "prefix", analysis)
            kind = kind or "CT Image Storage"
            rows.append(Series("c", who, str(n), kind, body, study, words, count, 1, *fixed))
        for one in select(rows).chosen:
            assert "/" not in one.folder.removesuffix(f"/{one.uid}")

    return [b"p1|CHEST|CT chest|lung 1.25mm||\np2||CT C/A/P|axial|CT Image Storage|"], once
