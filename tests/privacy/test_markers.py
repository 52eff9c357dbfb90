"""No text of a CT's or a film's header is in anything that repcat writes or says."""

from __future__ import annotations

import base64
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

# Whatever has the shape of a marker; what was planted is picked from these.
# One by one, each from its first letter on: together they take four times as long.
SHAPES = [
    re.compile(shape)
    for shape in (
        rb"[Zz][Qq]\d{5}[Qq][Zz]",
        rb"99887\d{5}",
        rb"235959\.\d{6}",
        rb"1(?<![\d.]1)[78]\d{6}",
        rb"987(?<!\w987)[Yy]\b",
    )
]
BASE64 = re.compile(rb"[A-Za-z0-9+/]{32,}={0,2}")
TINY = """
data = {use = "prepared", path = "ds", size = 16}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 1, batch_size = 1, save_every = 1}
"""
COMMANDS = """
prepare {folder}/ct {folder}/refused --out ds --size 16 --views 0,90 --split .4,.3,.3
train tiny.toml --out run --device cpu
predict run
evaluate run
predict run --xray {folder}/pa.dcm@pa --xray {folder}/lat.dcm@left_lateral --out case --dicom
predict run --xray {folder}/pa.png@pa --xray {folder}/lat.dcm@left_lateral --out other
report run
view {folder}/ct/one {folder}/ct/two --out view.html
export run
export run --torch
figure projections run --out figure.png
"""


def test_no_text_of_a_header_is_in_anything_that_is_written_or_said(
    repcat: Callable[..., tuple[int, str, str]],
    planted,
) -> None:
    Path("tiny.toml").write_text(TINY)
    said = []
    for line in COMMANDS.strip().splitlines():
        code, *told = repcat(*line.format(folder=planted.folder).split())
        assert code == 0, (line, told)
        said += told
    odd = f"predict run --xray {planted.folder}/odd.dcm@pa --xray {planted.folder}/pa.png@90"
    code, *told = repcat(*odd.split())
    assert code == 2 and "modality other" in told[1]
    written = [p for p in sorted(Path().rglob("*")) if p.is_file()]
    every = [blob for p in written for whole in (bytes(p), p.read_bytes()) for blob in blobs(whole)]
    every += [text.encode() for text in (*said, *told)]
    print(f"{len(planted.markers)} markers planted, {len(every)} blobs searched")
    assert len(planted.markers) > 5000 and len(written) > 30 and len(every) > 100
    assert found(every) & planted.markers == set()


def found(blobs: list[bytes]) -> set[str]:
    """Return what has the shape of a marker, in letters of one byte or of two."""
    spelled = (text for blob in blobs for text in (blob, blob.replace(b"\0", b"")))
    return {
        hit.decode().upper() for text in spelled for shape in SHAPES for hit in shape.findall(text)
    }


def blobs(data: bytes) -> Iterator[bytes]:
    """Yield bytes and all that is packed in them: gzip, zip, PNG, base64, one in another."""
    yield data
    if data[:2] == b"\x1f\x8b":
        yield from blobs(gzip.decompress(data))
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from blobs(archive.read(name))
    elif data[:4] == b"\x89PNG":
        with Image.open(io.BytesIO(data)) as picture:
            yield picture.tobytes()
            yield repr((picture.info, picture.text)).encode()
    else:
        for match in BASE64.findall(data):
            yield from blobs(base64.b64decode(match[: len(match) // 4 * 4]))


MARKER = b"ZQ00007QZ"


def packed_png() -> bytes:
    texts, file = PngImagePlugin.PngInfo(), io.BytesIO()
    texts.add_text("Comment", MARKER.decode(), zip=True)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(file, "PNG", pnginfo=texts)
    return file.getvalue()


def packed_npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.frombuffer(MARKER, np.uint8))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        MARKER.lower(),
        MARKER.decode().encode("utf-16le"),
        b'<script>"' + base64.b64encode(gzip.compress(bytes(99) + MARKER)) + b'"</script>',
        base64.b64encode(packed_png()),
        packed_npz(),
    ],
    ids=["small letters", "UTF-16", "gzip in base64 in a page", "PNG in base64", "npz"],
)
def test_a_marker_is_found_in_whatever_it_is_packed(data: bytes) -> None:
    assert found(list(blobs(data))) == {MARKER.decode()}


def test_whatever_was_planted_is_found_in_the_sources(planted) -> None:
    files = [p for p in planted.folder.rglob("*") if p.is_file()]
    seen = found([blob for p in files for blob in blobs(p.read_bytes())])
    assert planted.markers - seen == set()
