"""Conditions on measures as queries of the index."""

import datetime
from collections.abc import Iterable
from typing import Any

from tantivy import FieldType, Occur, Query

from practices.catalogue import schema
from practices.choices import State
from practices.partial_dates import day_number

NOTHING = Query.empty_query()
# A set of terms looks through all of a field and fills a bitmap: 0.3 ms at 100,000 measures, as much as 32 terms take.
MAX_TERM_QUERIES = 32
_MEASURES = Query.term_query(schema.SCHEMA, "kind", schema.MEASURE)


def measures(query: Query | None = None, *, scored: bool = False) -> Query:
    """Return the query that finds published measures: those of ``query``, or all. ``scored`` keeps its scores."""
    if query is None:
        return _MEASURES
    return query if scored else Query.const_score_query(query, 1.0)


def any_of(name: str, values: Iterable[Any]) -> Query:
    """Measures that have one of the values of a parameter: ids of records, or codes."""
    terms = [str(value) for value in values]
    if len(terms) > MAX_TERM_QUERIES:
        return Query.term_set_query(schema.SCHEMA, name, terms)
    queries = [Query.term_query(schema.SCHEMA, name, term) for term in terms]
    if len(queries) == 1:
        return queries[0]
    return one_of(*queries) if queries else NOTHING


def all_of(*queries: Query | None) -> Query | None:
    """Measures that every query finds; None, for all measures, where there is none."""
    wanted = [query for query in queries if query is not None]
    if len(wanted) < 2:
        return wanted[0] if wanted else None
    return Query.boolean_query([(Occur.Must, query) for query in wanted])


def one_of(*queries: Query) -> Query:
    """Measures that any of the queries finds."""
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def without(query: Query | None, *excluded: Query) -> Query:
    """Measures that ``query`` finds and none of ``excluded`` does."""
    clauses = [(Occur.Must, measures(query, scored=True)), *((Occur.MustNot, other) for other in excluded)]
    return Query.boolean_query(clauses)


def with_ids(ids: Iterable[int]) -> Query:
    """Measures with these ids."""
    wanted = list(ids)
    if not wanted:
        return NOTHING
    return all_of(_MEASURES, Query.term_set_query(schema.SCHEMA, "id", wanted))


def number_between(field: str, lower: int | None = None, upper: int | None = None) -> Query:
    """Documents whose ``field`` has a number from ``lower`` to ``upper``, both included."""
    return Query.range_query(schema.SCHEMA, field, FieldType.Unsigned, lower, upper)


def surely_from(name: str, day: datetime.date) -> Query:
    """Measures whose date ``name`` is on or after ``day``, whatever day it means."""
    return number_between(f"{name}_first", lower=day_number(day))


def surely_by(name: str, day: datetime.date) -> Query:
    """Measures whose date ``name`` is on or before ``day``, whatever day it means."""
    return number_between(f"{name}_last", upper=day_number(day))


def state(value: str, day: datetime.date) -> Query:
    """Measures that are in a state on ``day``: the rule of ``practices.state``, the first that applies."""
    number, yesterday = day_number(day), day - datetime.timedelta(days=1)
    ended = surely_by("ends", yesterday)
    planned = number_between("starts_first", lower=number + 1)
    confirmed = all_of(number_between("confirmed", upper=number), number_between("review", lower=number))
    in_force = one_of(all_of(surely_by("starts", day), surely_from("ends", day)), confirmed)
    return {
        State.ENDED: ended,
        State.PLANNED: without(planned, ended),
        State.IN_FORCE: without(in_force, ended, planned),
        State.UNKNOWN: without(None, ended, planned, in_force),
    }[State(value)]
