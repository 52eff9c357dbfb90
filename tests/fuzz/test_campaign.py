"""A campaign finds what it looks for, and keeps the input."""

import pytest

from tests.fuzz import broken  # noqa: F401  (adds its targets)
from tests.fuzz.campaign import Campaign
from tests.fuzz.target import TARGETS

BROKEN = {
    "good": (),
    "traceback": ("KeyError at ?",),
    "echo": ("LongMessageError at ?",),
    "memory": ("MemoryError at ?",),
    "crash": ("crash: crash -11",),
    "hang": ("hang: hang",),
}


@pytest.mark.slow
def test_a_campaign_finds_each_way_to_break_a_promise(tmp_path):
    flags = ("--targets=tests.fuzz.broken", "--engine=mutations")
    campaign = Campaign(tmp_path, flags, hang=2.0)
    for name in BROKEN:
        campaign.run(TARGETS[name], 2)
    found = {name: tuple(w["way"] for w in campaign.findings.ways().values() if w["target"] == name)
             for name in BROKEN}  # fmt: skip
    assert found == BROKEN
    assert [campaign.row(name)[1:] for name in ("good", "traceback", "crash", "hang")] == [
        (2, 0, 0, 0), (2, 1, 0, 0), (2, 0, 0, 1), (2, 0, 1, 0)
    ]  # fmt: skip
    assert all((campaign.findings.folder / name).exists() for name in campaign.findings.ways())
