"""What Dagster's users read beside each column."""

from resources.warehouse.columns import MEANINGS, meaning
from resources.warehouse.tables import TABLES

COLUMNS = {(table.name, column) for table in TABLES.values() for column in table.columns}


def test_every_column_says_what_it_means_and_no_other_is_described():
    """A column that is added or goes needs its line added or removed."""
    assert all(meaning(table, column) for table, column in COLUMNS)
    named = {column for _, column in COLUMNS} | {f"{table}.{column}" for table, column in COLUMNS}
    assert set(MEANINGS) <= named


def test_a_column_that_differs_in_one_table_says_so_there():
    """The silhouette of a text is not that of its segment."""
    assert "text's own" in meaning("clusters", "silhouette")
    assert "segment" in meaning("segment_model", "silhouette")
