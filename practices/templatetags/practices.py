"""Tags for what is in Django's template language: the desk, the pages of accounts and the e-mails.

The website is rendered with Jinja2; ``reg4covid.jinja2`` names what its templates may call.
"""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from practices import display
from practices.languages import direction, html_language, text_of

register = template.Library()
register.filter("number", display.number)
register.filter("html_language", html_language)
register.filter("direction", direction)
register.simple_tag(display.places, name="places")


@register.filter
def text(record, field):
    """Return a translated field's text in the first of the reader's languages that has one."""
    return text_of(record, field)[0]


@register.filter
def text_language(record, field):
    """Return the language that ``text`` is in."""
    return text_of(record, field)[1]


@register.simple_tag(takes_context=True)
def website(context, name):
    """Render a part of the website, so that account pages have its header and footer and no copy of them."""
    part = render_to_string(name, request=context["request"], using="jinja2")
    return mark_safe(part)  # noqa: S308 (rendered with autoescape on)
