"""What a registry takes and refuses."""

from repcat.config.schema import DataTable
from repcat.registry.options import keyword_parameters
from repcat.registry.signature import TAKEN


def test_a_datasets_option_cannot_hide_behind_a_key_of_the_data_table() -> None:
    assert set(TAKEN["datasets"]) == {"use", *keyword_parameters(DataTable)}
