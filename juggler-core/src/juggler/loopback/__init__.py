"""LoopBack 2 and 3 projects, loaded as they are: ``juggler.loopback.load(PATH)``."""

from __future__ import annotations

from juggler.loopback.loading import load
from juggler.loopback.project import Project
from juggler.loopback.report import Finding, Report

__all__ = ["Finding", "Project", "Report", "load"]
