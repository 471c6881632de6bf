from __future__ import annotations

import hooks

from juggler.operations._lifecycle import MATRIX


def test_the_page_is_what_the_code_says() -> None:
    assert hooks.main(["--check"]) == 0


def test_every_operation_and_hook_is_in_the_table() -> None:
    table = hooks.table()
    for operation, names in MATRIX.items():
        assert f"`{operation}`" in table
        for name in names:
            assert all(f"| `{one}` |" in table for one in name.split(" | "))
