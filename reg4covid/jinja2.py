"""The Jinja2 environment of the website: what its templates may call beside what a view gives them.

The desk, the pages of accounts and the e-mails are in Django's template language. Markup is in templates alone: what is
named here returns text or data, but for ``linebreaks`` and ``htmx_script``, libraries' own, which escape what they get.
"""

from functools import cache, lru_cache

import jinja2
from django.template.defaultfilters import filesizeformat, linebreaks_filter
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext, npgettext, pgettext
from django_htmx.jinja import htmx_script

from practices import display
from practices.choices import LEGAL_NATURE_DEFINITIONS, Evidence, State
from practices.exports import FORMATS
from practices.languages import direction, html_language, language_name, text_of

FUNCTIONS = {
    "get_language": get_language,
    "get_language_bidi": get_language_bidi,
    "htmx_script": htmx_script,
    "places": display.places,
    "static": cache(static),  # a release has the same files for as long as it runs
    "text_of": text_of,
}
FILTERS = {
    "capfirst": capfirst,
    "chip_words": display.chip_words,
    "date": display.date_text,
    "direction": direction,
    "filesizeformat": filesizeformat,
    "first_words": display.first_words,
    "force_escape": escape,  # what is HTML already, to be shown as code
    "host": display.host,
    "html_language": html_language,
    "language_name": language_name,
    "linebreaks": linebreaks_filter,
    "lower_first": display.lower_first,
    "megahertz": display.megahertz,
    "number": display.number,
    "runs": display.runs,
}


def environment(**options):
    """Return the environment, for Django's Jinja2 backend, which says from where templates are loaded."""
    options |= {"undefined": jinja2.Undefined, "trim_blocks": True, "lstrip_blocks": True}
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], **options)  # noqa: S701 (Django's backend sets autoescape)
    env.install_gettext_callables(gettext, ngettext, newstyle=False, pgettext=pgettext, npgettext=npgettext)

    env.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    env.globals |= FUNCTIONS | {
        "_": gettext,  # not the extension's, which looks up and calls ``gettext`` through the context each time
        "url": url,
        "querystring": querystring,
        "querystring_without": querystring_without,
        "download_formats": FORMATS,
        "evidence_labels": lambda: labels(Evidence),
        "state_labels": lambda: labels(State),
    }
    env.filters |= FILTERS | {
        "evidence_label": lambda value: Evidence(value).label,
        "legal_nature_definition": LEGAL_NATURE_DEFINITIONS.__getitem__,
        "state_label": lambda value: State(value).label,
        "text": lambda record, field: text_of(record, field)[0],
    }
    return env


def labels(choices):
    """Return what the values of a closed set are called, in the reader's language."""
    return {value: str(label) for value, label in choices.choices}


def url(name, *args, query=None, **kwargs):
    """Return the address of a view in the reader's language, with a dict as its ``query`` string."""
    if kwargs or query:
        return reverse(name, args=args, kwargs=kwargs, query=query)
    return _address(name, args, get_language())


@lru_cache(maxsize=4096)
def _address(name, args, language):
    """Return the address of a view: a page has dozens of them, and most pages the same."""
    return reverse(name, args=args)


def querystring(parameters, **changes):
    """Return ``parameters`` (a ``QueryDict``) as a query string, with some changed, or left out for None."""
    kept = {name: values for name, values in parameters.lists() if name not in changes}
    changed = {name: value for name, value in changes.items() if value is not None}
    return f"?{urlencode(kept | changed, doseq=True)}"


def querystring_without(parameters, name, value):
    """Return ``parameters`` as a query string without a value of the parameter ``name``, and without the page."""
    rest = {other: values for other, values in parameters.lists() if other != "page"}
    rest[name] = [other for other in rest.get(name, ()) if other.strip().lower() != value.lower()]
    return f"?{urlencode(rest, doseq=True)}"
