"""What is in the shop at first."""

from __future__ import annotations

PRODUCTS = (
    {"id": "lamp", "title": "Lamp", "cents": 4900, "stock": 5},
    {"id": "chair", "title": "Chair", "cents": 8900, "stock": 8},
    {"id": "clock", "title": "Clock", "cents": 2500, "stock": 1},
)
CUSTOMERS = (
    {
        "id": "ann",
        "name": "Ann",
        "email": "Ann@example.org",
        "places": [
            {"id": 1, "street": "Via Roma 1", "city": "Rome"},
            {"id": 2, "street": "Elm Street 2", "city": "Dublin", "country": "ie"},
        ],
    },
    {
        "id": "bob",
        "name": "Bob",
        "email": "bob@example.org",
        "places": [{"id": 1, "street": "Marktplatz 3", "city": "Jena", "country": "DE"}],
    },
)
PICTURES = {"lamp": "https://example.org/lamp.png", "chair": "https://example.org/chair.png"}
