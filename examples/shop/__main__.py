"""Run the shop: ``python examples/shop``."""

from __future__ import annotations

import sys

from shop.main import main

sys.exit(main())
