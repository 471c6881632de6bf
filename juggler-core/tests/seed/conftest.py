"""A data source in memory, and one over SQLite with tables that refer to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from juggler import DataSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def db() -> Iterator[DataSource]:
    with DataSource("memory") as source:
        yield source


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[DataSource]:
    """Products, their inventory, and a view of it."""
    with DataSource("sqlite", {"database": str(tmp_path / "shop.db")}) as source:
        source.execute("CREATE TABLE PRODUCT (ID TEXT PRIMARY KEY, NAME TEXT NOT NULL)")
        source.execute(
            "CREATE TABLE INVENTORY (ID INTEGER PRIMARY KEY, QTY INTEGER,"
            " PRODUCT_ID TEXT REFERENCES PRODUCT (ID))"
        )
        source.execute("CREATE VIEW INVENTORY_VIEW AS SELECT ID, QTY FROM INVENTORY")
        source.execute("INSERT INTO PRODUCT VALUES ('m1', 'map'), ('p1', 'pen')")
        source.execute("INSERT INTO INVENTORY VALUES (1, 5, 'm1'), (2, 7, 'p1')")
        yield source
