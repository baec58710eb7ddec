"""What arrays have of numbers, compared with what numpy and sets say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from practices.arrays import union, with_more, without

NUMBERS = st.lists(st.integers(0, 300), max_size=60)


@given(NUMBERS, st.data())
def test_numbers_are_taken_out_as_numpy_does(numbers, data):
    numbers = np.array(numbers, np.int32)
    places = sorted(data.draw(st.sets(st.integers(0, len(numbers) - 1)))) if len(numbers) else []
    left = without(numbers, np.array(places, np.int64))
    assert left.tolist() == np.delete(numbers, places).tolist()
    assert left.dtype == np.int32


@given(NUMBERS, NUMBERS, st.data())
def test_numbers_are_put_in_as_numpy_does(numbers, more, data):
    numbers, more = np.array(numbers, np.int32), np.array(more, np.int64)
    places = data.draw(st.lists(st.integers(0, len(numbers)), min_size=len(more), max_size=len(more)).map(sorted))
    all_of_them = with_more(numbers, np.array(places, np.int64), more)
    assert all_of_them.tolist() == np.insert(numbers, places, more).tolist()
    assert all_of_them.dtype == np.int32


@given(st.lists(NUMBERS, max_size=4))
def test_what_is_in_any_of_several_is_there_once(several):
    assert union([np.array(some, np.int64) for some in several]).tolist() == sorted(set().union(*several))
