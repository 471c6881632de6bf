"""Where a CouchDB is installed on this machine, and how it is set up for one run."""

from __future__ import annotations

import configparser
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = Path("/opt/couchdb")
_UUID = "6a7567676c6572206f6e206c6f6f7062"

# No -name: a node that is alone needs no Erlang distribution and leaves no epmd behind.
_VM_ARGS = """\
-kernel error_logger silent
-sasl sasl_error_logger false
+Bd -noinput
-os_mon start_cpu_sup false
-os_mon start_memsup false
-os_mon disk_almost_full_threshold 1.0
"""


def find_couchdb() -> Path | None:
    """Return the home of an installed CouchDB (COUCHDB_HOME's, the usual one, the path's), if any.

    Raises:
        ServerError: COUCHDB_HOME names a folder that has none.
    """
    if named := os.environ.get("COUCHDB_HOME"):
        home = Path(named).expanduser()
        if not _is_home(home):
            raise ServerError(f"COUCHDB_HOME={named}: no bin/couchdb and etc/default.ini in it")
        return home
    if _is_home(_USUAL):
        return _USUAL
    on_path = shutil.which("couchdb")
    if on_path:
        home = Path(on_path).resolve().parent.parent
        if _is_home(home):
            return home
    return None


def write_config(
    folder: Path,
    *,
    port: int,
    login: tuple[str, str],
    extra: Mapping[str, Mapping[str, str]],
) -> Path:
    """Write the settings of one run into its folder; returns the ini file."""
    username, password = login
    ini = configparser.RawConfigParser()
    ini.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    ini.read_dict(
        {
            "couchdb": {
                "database_dir": str(folder / "data"),
                "view_index_dir": str(folder / "data"),
                "single_node": "true",
                "uuid": _UUID,
            },
            "chttpd": {"bind_address": "127.0.0.1", "port": str(port)},
            "admins": {username: password},
            "log": {"writer": "stderr", "level": "warning"},
        }
    )
    for section, entries in extra.items():
        ini.read_dict({section: entries})
    file = folder / "couchdb.ini"
    with file.open("w", encoding="utf-8") as text:
        ini.write(text)
    (folder / "vm.args").write_text(_VM_ARGS, encoding="utf-8")
    return file


def environment(home: Path, folder: Path, ini: Path) -> dict[str, str]:
    """Return the environment in which bin/couchdb uses this run's settings.

    Raises:
        ServerError: a path has a space, which CouchDB's start script takes apart.
    """
    defaults = home / "etc" / "default.ini"
    if any(character.isspace() for character in f"{defaults}{ini}"):
        raise ServerError(f"CouchDB takes no settings from paths with spaces: {defaults}, {ini}")
    return {
        **os.environ,
        "COUCHDB_ARGS_FILE": str(folder / "vm.args"),
        "COUCHDB_INI_FILES": f"{defaults} {ini}",
    }


def _is_home(folder: Path) -> bool:
    return all((folder / part).exists() for part in ("bin/couchdb", "etc/default.ini"))
