"""Tags that pieces of pages are made with."""

from django.template import Context, Template
from django.utils.translation import override

KEPT = "{% load practices %}{% kept name %}{% translate 'Search' %} {{ name }} {{ count }}{% endkept %}"


def test_a_kept_piece_is_made_once_for_each_language_and_each_of_its_values():
    template = Template(KEPT)
    assert template.render(Context({"name": "a", "count": 1})) == "Search a 1"
    assert template.render(Context({"name": "a", "count": 2})) == "Search a 1"
    assert template.render(Context({"name": "b", "count": 3})) == "Search b 3"
    with override("fr"):
        assert template.render(Context({"name": "a", "count": 4})).endswith("a 4")
    assert template.render(Context({"name": "a", "count": 5})) == "Search a 1"


def test_kept_pieces_are_forgotten_before_they_are_many():
    template = Template(KEPT)
    for number in range(1000):
        template.render(Context({"name": number, "count": 1}))
    assert template.render(Context({"name": 0, "count": 2})) == "Search 0 2"


def test_a_value_that_is_not_there_is_no_error():
    assert Template(KEPT).render(Context({"count": 1})) == "Search  1"
