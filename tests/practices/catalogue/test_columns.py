"""Columns against plain lists of sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from practices.catalogue.columns import FEW, OneEach, SeveralEach, Splice, Together
from practices.catalogue.orders import Order

SIZE = 6
INDEXES = st.integers(0, SIZE - 1)
IDS = st.integers(1, 30)
ONE_EACH = st.lists(st.integers(-1, SIZE - 1), max_size=30)
SEVERAL_EACH = st.lists(st.sets(INDEXES, max_size=4), max_size=30)
SIZES = st.sampled_from([None, SIZE, FEW + 1])  # that columns are prepared for, if they are
COLUMNS = st.one_of(
    st.builds(lambda values, size: (one_each(values, size), [{value} - {-1} for value in values]), ONE_EACH, SIZES),
    st.builds(lambda sets, size: (several_each(sets, size), sets), SEVERAL_EACH, SIZES),
)
WANTED = st.lists(INDEXES, max_size=4)


def one_each(values, size=None):
    return prepared(OneEach(np.array(values, np.int32)), size)


def several_each(sets, size=None):
    pairs = [(row, value) for row, values in enumerate(sets) for value in values]
    pairs = np.array(pairs[::-1] + pairs[:3], np.int32).reshape(-1, 2)  # in another order, some of them twice
    return prepared(SeveralEach.of_pairs(len(sets), *pairs.T), size)


def prepared(column, size):
    if size:
        column.prepare(size)
    return column


def sets_of(column, length):
    return [set(column.of(row)) for row in range(length)]


def some_rows(data, length):
    """Rows, few or most of them, ascending."""
    return np.array(sorted(data.draw(st.sets(st.integers(0, length - 1)) if length else st.just(set()))), np.int32)


@given(COLUMNS)
def test_a_column_says_what_each_measure_has(case):
    column, sets = case
    assert sets_of(column, len(sets)) == sets
    assert all(column.of(row) == sorted(values) for row, values in enumerate(sets))


@given(COLUMNS, st.data())
def test_counts_are_of_the_rows_asked_for(case, data):
    column, sets = case
    rows = some_rows(data, len(sets))
    for asked, wanted in ((None, range(len(sets))), (rows, rows.tolist())):
        for size in (SIZE, FEW + 1):  # few values are counted by bits, more are collected
            expected = [sum(index in sets[row] for row in wanted) for index in range(size)]
            assert column.counts(size, asked).tolist() == expected


@given(COLUMNS, WANTED)
def test_a_mask_is_of_those_that_have_any_of_the_values(case, wanted):
    column, sets = case
    expected = [bool(values & set(wanted)) for values in sets]
    assert column.mask(wanted).tolist() == expected
    assert column.rows_with(wanted).tolist() == [row for row, has in enumerate(expected) if has]


@given(SEVERAL_EACH, st.data())
def test_what_several_measures_have_is_in_the_order_asked_for(sets, data):
    rows = data.draw(st.permutations(some_rows(data, len(sets)).tolist()))
    assert several_each(sets).of_each(np.array(rows, np.int32)) == [sorted(sets[row]) for row in rows]


@given(st.lists(st.tuples(INDEXES | st.just(-1), st.sets(INDEXES), INDEXES | st.just(-1), st.sets(INDEXES))), st.data())
def test_columns_counted_together_have_the_counts_of_each_alone(measures, data):
    makers = [one_each, several_each, one_each, several_each]
    columns = [make([values[place] for values in measures]) for place, make in enumerate(makers)]
    rows, sizes = some_rows(data, len(measures)), [SIZE, SIZE, SIZE + 3, SIZE + 1]
    counted = Together(columns, sizes).counts(rows)
    alone = [column.counts(size, rows) for column, size in zip(columns, sizes, strict=True)]
    assert [counts.tolist() for counts in counted] == [counts.tolist() for counts in alone]


@given(COLUMNS, st.data())
def test_a_part_of_a_column_is_in_the_order_asked_for(case, data):
    column, sets = case
    rows = data.draw(st.permutations(some_rows(data, len(sets)).tolist()))
    assert sets_of(column.take(np.array(rows, np.int32)), len(rows)) == [sets[row] for row in rows]


BY_ID = st.one_of(
    st.tuples(st.just(make), st.dictionaries(IDS, value), st.dictionaries(IDS, value), st.sets(IDS))
    for make, value in ((one_each, st.integers(-1, SIZE - 1)), (several_each, st.sets(INDEXES, max_size=4)))
)


@given(BY_ID, SIZES, st.data())
def test_measures_of_a_column_give_way_to_those_of_another(case, size, data):
    make, present, new, gone = case
    columns = make([present[pk] for pk in sorted(present)], size), make([new[pk] for pk in sorted(new)])
    ids = [np.array(sorted(these), np.int64) for these in (gone | set(new), present, new)]
    spliced = columns[0].spliced(columns[1], Splice.of(*ids))
    remaining = {pk: value for pk, value in present.items() if pk not in gone} | new
    expected = make([remaining[pk] for pk in sorted(remaining)])
    assert spliced.equals(expected)
    # ... also where they are selected and counted by what the first was prepared with.
    rows, wanted = some_rows(data, len(remaining)), data.draw(WANTED)
    assert spliced.rows_with(wanted).tolist() == expected.rows_with(wanted).tolist()
    for asked in (None, rows):
        assert spliced.counts(SIZE, asked).tolist() == expected.counts(SIZE, asked).tolist()


@given(st.dictionaries(IDS, st.integers(0, 3)), st.dictionaries(IDS, st.integers(0, 3)), st.sets(IDS))
def test_orders_follow_what_changes(present, new, gone):
    splice = Splice.of(*(np.array(sorted(these), np.int64) for these in (gone | set(new), present, new)))
    remaining = {pk: date for pk, date in present.items() if pk not in gone} | new
    before, after = ({"announced": np.array([of[pk] for pk in sorted(of)], np.int32)} for of in (present, remaining))
    for name in ("announced", "-announced"):
        followed, expected = Order.of(name, before).changed(splice.moves, after), Order.of(name, after)
        assert followed.rows.tolist() == expected.rows.tolist()
        assert followed.ranks.tolist() == expected.ranks.tolist()


@given(COLUMNS, st.permutations(range(SIZE)))
def test_values_can_have_other_places(case, places):
    column, sets = case
    moved = column.moved(np.array(places, np.int32))
    assert sets_of(moved, len(sets)) == [{places[index] for index in these} for these in sets]
    assert moved.moved(np.argsort(places).astype(np.int32)).equals(column)


@given(SEVERAL_EACH, st.lists(st.integers(-1, 3), min_size=SIZE, max_size=SIZE))
def test_values_translate_to_what_each_of_them_has(sets, values):
    translated = several_each(sets).translated(one_each(values))
    assert sets_of(translated, len(sets)) == [{values[index] for index in these} - {-1} for these in sets]


@given(SEVERAL_EACH, st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=SIZE, max_size=SIZE))
def test_values_translate_to_all_that_each_of_them_has(sets, values):
    translated = several_each(sets).translated(several_each(values))
    assert sets_of(translated, len(sets)) == [set().union(*(values[index] for index in these)) for these in sets]


@given(st.lists(st.tuples(st.sets(INDEXES), st.sets(INDEXES)), max_size=20))
def test_two_columns_are_joined_row_by_row(pairs):
    first, second = (several_each([pair[place] for pair in pairs]) for place in (0, 1))
    assert sets_of(first.joined(second), len(pairs)) == [one | other for one, other in pairs]
