"""What a plan's ``opaque`` is: how to fetch it, in physical values, without a look at the query.

An :class:`Access` has *branches*; each gives rows of one relation in one of three ways:

* :class:`Points`: whole keys; one request and at most one row per key;
* :class:`Slices`: one request per partition, rows in clustering order;
* :class:`Ring`: rows of all partitions in token order, by an index or by reading everything.

Branches are read one after the other, or merged when ``merge`` has terms.  Values are *physical*:
what the driver binds (see ``juggler_cassandra.types``).  How to go on after a row is in ``keyset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import frozen

from juggler.query.tree import FALSE, TRUE, Where

if TYPE_CHECKING:
    from juggler_cassandra.types.cql import CqlType

#: ``ENTRY`` is ``column[?] = ?`` of a map; all others are written between column and marker.
Operator: TypeAlias = Literal[
    "=", "<", "<=", ">", ">=", "IN", "CONTAINS", "CONTAINS KEY", "ENTRY", "LIKE"
]


@frozen
class Restriction:
    """One condition of a WHERE clause.

    Attributes:
        column: the column's name, not quoted.
        operator: see :data:`Operator`.
        value: physical; ``IN`` has a tuple, bound as one list (``IN ?``); ``ENTRY`` a (key, value)
            pair, bound as two markers.
    """

    column: str
    operator: Operator
    value: Any


@frozen
class Clustered:
    """A clustering column in the direction in which a branch reads it."""

    column: str
    descending: bool
    type: CqlType


@frozen
class Branch:
    """What the three kinds of branches have in common.

    Attributes:
        relation: the table or view.
        columns: to select: those of ``plan.fields``, in their order, then ``extra`` ones that are
            cut off the rows: key columns that a cursor needs, and last the version's column where
            the model has one.  For a branch with ``base`` they are the base table's key columns,
            then as ``extra`` the other key columns of the view.
        extra: how many columns at the end of ``columns`` are not in ``plan.fields``.
        keys: the relation's partition columns.
        restrictions: conditions beside the partition and its clustering's place.
        filtering: whether the statement needs ALLOW FILTERING.
        ghost: a clustering column whose null marks a partition that holds static columns only; such
            a row is no row of the model.  None where that cannot be.
        again: rows that fulfil it were given by an earlier branch and are left out; the plan's
            fields have what it takes to see that.
        only: rows that do not fulfil it are left out: the store's condition is wider than the
            branch, and another branch may give them.
        base: the view does not have every column: its rows are keys (``columns``) of this table,
            where the rows are then read by key; those that are gone are left out.
    """

    relation: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    restrictions: tuple[Restriction, ...] = ()
    extra: int = 0
    filtering: bool = False
    ghost: str | None = None
    again: Where = FALSE
    only: Where = TRUE
    base: str | None = None


@frozen
class Points(Branch):
    """Whole keys: ``keys + clustering`` of the relation equal ``values``, row by row.

    ``values`` are distinct and in the plan's order, if it has one; the cursor is the number of keys
    that were asked for.
    """

    clustering: tuple[str, ...] = ()
    values: tuple[tuple[Any, ...], ...] = ()


@frozen
class Slices(Branch):
    """One partition or several, in clustering order.

    Attributes:
        partitions: values of the partition columns, one request each.
        clustering: all clustering columns in the direction in which they are read.
        backwards: whether that is against the table's order: the statement says ORDER BY.
        limit: rows that are enough of each partition, None for all.
    """

    partitions: tuple[tuple[Any, ...], ...] = ()
    clustering: tuple[Clustered, ...] = ()
    backwards: bool = False
    limit: int | None = None


@frozen
class Ring(Branch):
    """All partitions in token order, rows of one in clustering order.

    Attributes:
        clustering: all clustering columns in the table's directions.
        index: name of the index that serves the restrictions; None when everything is read, which
            may be done in token ranges, several at a time.
    """

    clustering: tuple[Clustered, ...] = ()
    index: str | None = None


AnyBranch: TypeAlias = Points | Slices | Ring


@frozen
class MergeTerm:
    """A position in the rows (``plan.fields``) that merged branches are ordered by; never null."""

    position: int
    descending: bool


@frozen
class Access:
    """How to fetch a plan.

    Attributes:
        branches: one or more; none means that there are no rows.
        merge: with terms, the partitions of all branches are read at the same time and merged by
            these positions of *neutral* rows (each stream comes in that order); without, one after
            the other.
        limit: rows after which nothing more is needed (``plan.limit_pushed``), None for all.
        consistency: the driver's name of the level, such as ``LOCAL_QUORUM``.
        countable: whether ``SELECT count(*)`` of the branches, summed up, is the number of rows.
        deletable: whether the one branch is slices of the base table that a range DELETE can name.
        version: the column that holds the rows' version (the last one selected), None without.
    """

    branches: tuple[AnyBranch, ...]
    consistency: str
    merge: tuple[MergeTerm, ...] = ()
    limit: int | None = None
    countable: bool = False
    deletable: bool = False
    version: str | None = None
