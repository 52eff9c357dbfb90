"""The seven collections of the paper's Table 2, and what is prepared from each.

The names are those of recipes/studies/table2.toml. The paper cites collections and does not say
which series it took of them. NSCLC is its reference [3], Bakr et al. 2018.
"""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass
from pathlib import Path

from repcat.data.download.idc_index import collection_ids
from repcat.errors import DataError

# Not data/NAME: there the studies look for what is prepared, and data/LCTSC may be data/lctsc.
DOWNLOADS = Path("data") / "dicom"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: its name here, its id at the IDC, and the dataset that is prepared from it."""

    name: str
    id: str
    dataset: str
    split: str = "0,0,1"

    @property
    def downloads(self) -> Path:
        """Where its DICOM files go unless told."""
        return DOWNLOADS / Path(self.dataset).name

    def prepare_command(self, source: Path | None = None) -> str:
        """Return the command that makes its dataset of what was downloaded.

        `--place top` changes nothing for a scan that the cube holds, and keeps the chest of one
        that goes on to the pelvis.
        """
        words = ["repcat", "prepare", str(source or self.downloads)]
        words += ["--out", self.dataset, "--place", "top"]
        return shlex.join([*words, "--split", self.split] if self.split else words)


SEVEN = (
    Collection("LIDC-IDRI", "lidc_idri", "data/lidc", split=""),
    Collection("COVID-19-NY-SBU", "covid_19_ny_sbu", "data/covid-19-ny-sbu"),
    Collection("SPIE-AAPM-NCI", "spie_aapm_lung_ct_challenge", "data/spie-aapm-nci"),
    Collection("MIDRC-1b", "midrc_ricord_1b", "data/midrc-1b"),
    Collection("ANTI-PD-1", "anti_pd_1_lung", "data/anti-pd-1"),
    Collection("LCTSC", "lctsc", "data/lctsc"),
    Collection("NSCLC", "nsclc_radiogenomics", "data/nsclc"),
)


def of_name(name: str) -> Collection | None:
    """Return the one of the seven that is called so, here or at the IDC; case does not matter."""
    return next((c for c in SEVEN if name.lower() in (c.name.lower(), c.id)), None)


def commands_for(dataset: Path) -> list[str]:
    """Return the commands that make a dataset: with a download where it is one of the seven."""
    known = next((c for c in SEVEN if Path(c.dataset) == dataset), None)
    if known:
        return [f"repcat fetch {known.name}", known.prepare_command()]
    return [shlex.join(["repcat", "prepare", "CT_FOLDER", "--out", str(dataset)])]


def find(name: str) -> Collection:
    """Return one of the seven, or any other collection of the IDC by its id.

    Raises:
        DataError: when there is none, with the nearest names.
    """
    known = of_name(name)
    if known:
        return known
    ids = collection_ids()
    if name in ids:
        return Collection(name, name, f"data/{name}", split="")
    names = {n.lower(): n for n in [*ids, *(c.name for c in SEVEN)]}
    near = [repr(names[n]) for n in difflib.get_close_matches(name.lower(), names, n=3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "repcat fetch --list names the seven"
    msg = f"no collection of the IDC with CT is called {name!r}; {hint}"
    raise DataError(msg, code="no-such-collection")
