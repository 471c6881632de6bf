"""LoopBack's own models, with what of them is JavaScript there and has no part here."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_NEEDED: Final = {"type": "string", "required": True}
_TEXTS: Final = {"type": ["string"]}
_NOW: Final = {"type": "date", "defaultFn": "now"}
_KEY: Final = {"type": "string", "id": True, "defaultFn": "uuidv4"}

#: Base models that add nothing.
PLAIN: Final = frozenset(
    {"Model", "PersistedModel", "DataModel", "KeyValueModel", "TransientModel", ""}
)
#: Documents by name.
MODELS: Final[dict[str, dict[str, Any]]] = {
    "User": {
        "properties": {
            "realm": _TEXT,
            "username": _TEXT,
            "password": _NEEDED,
            "email": _NEEDED,
            "emailVerified": "boolean",
            "verificationToken": "string",
        },
        "hidden": ["password", "verificationToken"],
        "caseSensitiveEmail": True,
        "relations": {
            "accessTokens": {
                "type": "hasMany",
                "model": "AccessToken",
                "foreignKey": "userId",
                "options": {"disableInclude": True},
            }
        },
    },
    "AccessToken": {
        "properties": {
            "id": _KEY,
            "ttl": {"type": "number", "default": 1_209_600},
            "scopes": _TEXTS,
            "created": _NOW,
        },
        "relations": {"user": {"type": "belongsTo", "model": "User", "foreignKey": "userId"}},
    },
    "ACL": {
        "properties": {
            "model": _TEXT,
            "property": _TEXT,
            "accessType": _TEXT,
            "permission": _TEXT,
            "principalType": _TEXT,
            "principalId": _TEXT,
        }
    },
    "Scope": {"properties": {"name": _NEEDED, "description": _TEXT}},
    "Role": {
        "properties": {
            "id": {**_KEY, "generated": True},
            "name": _NEEDED,
            "description": _TEXT,
            "created": _NOW,
            "modified": _NOW,
        },
        "relations": {
            "principals": {"type": "hasMany", "model": "RoleMapping", "foreignKey": "roleId"}
        },
    },
    "RoleMapping": {
        "properties": {
            "id": {**_KEY, "generated": True},
            "principalType": _TEXT,
            "principalId": {"type": "string", "index": True},
        },
        "relations": {"role": {"type": "belongsTo", "model": "Role", "foreignKey": "roleId"}},
    },
    "Application": {
        "properties": {
            "id": _KEY,
            "realm": _TEXT,
            "name": _NEEDED,
            "description": _TEXT,
            "icon": _TEXT,
            "owner": _TEXT,
            "collaborators": _TEXTS,
            "email": _TEXT,
            "emailVerified": "boolean",
            "url": _TEXT,
            "callbackUrls": _TEXTS,
            "permissions": _TEXTS,
            "clientKey": _TEXT,
            "javaScriptKey": _TEXT,
            "restApiKey": _TEXT,
            "windowsKey": _TEXT,
            "masterKey": _TEXT,
            "pushSettings": {"type": "object"},
            "authenticationEnabled": {"type": "boolean", "default": True},
            "anonymousAllowed": {"type": "boolean", "default": True},
            "authenticationSchemes": {"type": ["object"]},
            "status": {"type": "string", "default": "sandbox"},
            "created": _NOW,
            "modified": _NOW,
        }
    },
    "Email": {
        "base": "Model",
        "properties": {
            "to": _NEEDED,
            "from": _NEEDED,
            "subject": _NEEDED,
            "text": _TEXT,
            "html": _TEXT,
        },
    },
    "Change": {
        "properties": {
            "id": {"type": "string", "id": True},
            "rev": _TEXT,
            "prev": _TEXT,
            "checkpoint": "number",
            "modelName": _TEXT,
            "modelId": _TEXT,
        }
    },
    "Checkpoint": {"properties": {"seq": "number", "time": "date", "sourceId": "string"}},
}
#: What LoopBack 2 has besides.
OLDER: Final[dict[str, dict[str, Any]]] = {
    "User": {
        "status": "string",
        "created": "date",
        "lastUpdated": "date",
    },
}
#: What the originals do in JavaScript.
BEHAVIOUR: Final[dict[str, tuple[str, str]]] = {
    "User": (
        "passwords are stored as given; login, tokens and verification are code of LoopBack",
        "hash passwords in a before_save hook",
    ),
    "AccessToken": ("tokens get a random id; that they expire is code of LoopBack", ""),
    "ACL": ("rows are stored; access control is code of LoopBack", ""),
    "Role": ("rows are stored; who has a role is code of LoopBack", ""),
    "RoleMapping": ("rows are stored; who has a role is code of LoopBack", ""),
    "Scope": ("rows are stored; access control is code of LoopBack", ""),
    "Application": ("keys are not made and not checked: that is code of LoopBack", ""),
    "Email": ("mails are not sent: that is code of LoopBack", ""),
    "Change": ("changes are not tracked: that is code of LoopBack", ""),
    "Checkpoint": ("changes are not tracked: that is code of LoopBack", ""),
}
#: Properties that the original checks to be unique, by model, with its messages.
UNIQUE: Final[dict[str, dict[str, str]]] = {
    "User": {"email": "Email already exists", "username": "User already exists"},
}


def document(name: str, *, older: bool) -> dict[str, Any]:
    """The document of a built-in model; ``older`` for LoopBack 2's."""
    found = MODELS[name]
    properties = {**found["properties"], **(OLDER.get(name, {}) if older else {})}
    return {"name": name, **found, "properties": properties}
