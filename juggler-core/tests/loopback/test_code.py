"""What is JavaScript is in the report, and what does nothing is not."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_projects import model

EMPTY = [
    "",
    "'use strict';\n",
    "module.exports = function(Thing) {\n\n};\n",
    "'use strict';\n\nmodule.exports = function (Thing) {\n  // to come\n};",
    "/* nothing */ module.exports = Thing => {};",
    "module.exports = (Thing) => {\n  'use strict';\n};",
    f"'use strict';{' ' * 50_000}module.exports = function(T) {{}};",
]


@pytest.mark.parametrize("text", EMPTY)
def test_code_that_does_nothing(load_project: Any, text: str) -> None:
    project = load_project(
        {"thing": model("Thing")},
        files={"common/models/thing.js": text, "server/boot/root.js": text},
    )
    assert not project.report.lost, str(project.report)


CODE = """
'use strict';
module.exports = function(Thing) {
  Thing.observe('before save', function(ctx, next) { next(); });
  Thing.afterRemote('create', function(ctx, r, next) { next(); });
  // Thing.observe('loaded', …
  Thing.validatesLengthOf('name', {min: 3});
  Thing.greet = function(cb) { cb(null, "Thing.observe('access'"); };
  Thing.prototype.wave = async () => 1;
  Thing.remoteMethod('greet', {});
};
"""


def test_what_code_does(load_project: Any) -> None:
    methods = {"greet": {"accepts": []}}
    project = load_project(
        {"thing": model("Thing", methods=methods)}, files={"common/models/thing.js": CODE}
    )
    script, remote = project.report.lost
    assert script.place == "common/models/thing.js"
    assert script.message == (
        "does not run (hooks: before save, access; remote hooks: create; remote methods: greet; "
        "validations: name; methods: greet, wave)"
    )
    assert (remote.place, remote.message) == (
        "Thing.methods",
        "remote methods are JavaScript: greet",
    )


def test_boot_scripts_and_the_web_server(load_project: Any) -> None:
    project = load_project(
        files={
            "server/boot/seed.js": "module.exports = function(app) { app.models.A.create({}); }",
            "server/boot/README.md": "x",
            "server/middleware.json": {},
            "server/component-config.json": {},
        }
    )
    assert [f.place for f in project.report.lost] == ["server/boot/seed.js"]
    assert [f.place for f in project.report.kept] == [
        "server/middleware.json",
        "server/component-config.json",
    ]


def test_access_control_is_kept(load_project: Any) -> None:
    project = load_project({"thing": model("Thing", acls=[{"permission": "DENY"}])})
    (finding,) = project.report.kept
    assert finding.place == "Thing.acls"


def test_models_that_are_not_configured(load_project: Any) -> None:
    project = load_project(files={"common/models/thing.json": model("Thing")})
    assert "Thing" not in project.builder.models
    assert [f.place for f in project.report.kept] == ["common/models/thing.json"]
    project = load_project(config={"Ghost": {"dataSource": "db"}})
    assert "Ghost: model-config.json names it" in str(project.report)


def test_a_report_can_be_read_by_programs(load_project: Any) -> None:
    report = load_project({"thing": model("Thing", acls=[{}], trackChanges=True)}).report
    assert [f["level"] for f in report.to_list()] == ["lost", "kept"]
    assert report.about("Thing") == list(report)
    assert len(report) == 2
    assert repr(report) == "<Report 1 lost, 0 changed, 1 kept>"
    assert str(report).startswith("Not honoured:\n  Thing.trackChanges: changes are not tracked")
