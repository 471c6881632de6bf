"""Documents by a selector: ``_find`` on a pinned index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from juggler.errors import InvalidQueryError
from juggler_cloudant.io.errors import missing_index
from juggler_cloudant.io.reader import Found, send
from juggler_cloudant.planning.requests import find_body, find_path

if TYPE_CHECKING:
    from juggler_cloudant.io.reader import Reader
    from juggler_cloudant.planning import Find


def selected(reader: Reader, read: Find, want: int) -> Found:
    """The first page, in the index's order.

    Raises:
        SchemaDriftError: the index is not there, or cannot serve; the server takes no other one.
    """
    documents = reader.documents
    view = read.view
    body = {**find_body(read), "limit": want + 1, "execution_stats": True}
    try:
        answer = send(reader, "POST", find_path(view), view.database, body=body)
    except InvalidQueryError as error:
        name = view.index.label or view.index.name
        raise missing_index(name, documents.model.name) from error
    docs = answer["docs"]
    taken = docs[:want]
    marks = [(0, [_at(doc, field) for field in view.index.fields], doc["_id"]) for doc in taken]
    kept = [i for i, doc in enumerate(taken) if documents.mine(doc)]
    seen = (answer.get("execution_stats") or {}).get("total_docs_examined")
    return Found(
        [taken[i] for i in kept],
        [marks[i] for i in kept],
        marks[-1] if len(docs) > want else None,
        len(docs) if seen is None else int(seen),
    )


def _at(doc: Any, field: str) -> Any:
    """What an index has of a document: the value at a path, whose names may have escaped dots."""
    for step in _STEPS.split(field):
        name = step.replace("\\.", ".")
        if isinstance(doc, list) and name.isdigit() and int(name) < len(doc):
            doc = doc[int(name)]
        else:
            doc = doc.get(name) if isinstance(doc, dict) else None
    return doc


_STEPS: Final = re.compile(r"(?<!\\)\.")
