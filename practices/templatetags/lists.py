"""The pieces that a list page prints by the dozen: its rows and the values of its facets.

Templates would spend most of a request on their loops, so these are put together here. ``escape`` is the standard
library's, which is five times as fast as Django's and escapes the same; everything that is not our own goes through it.
"""

from functools import cache, lru_cache
from html import escape
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from practices.catalogue.listing import address_form
from practices.choices import State
from practices.languages import text_of
from practices.templatetags.practices import (
    chip_words,
    evidence,
    first_words,
    icon,
    in_language,
    number,
    places_in_words,
    translation_label,
    when_in,
)

OPEN_FACETS = {"topic", "country", "region"}
IN_PLACE = (
    ' data-hx-boost="true" data-hx-target="#results" data-hx-select="#results" data-hx-select-oob="#facet-groups" '
    'data-hx-swap="outerHTML show:#results:top"'
)

register = template.Library()


@register.simple_tag
def list_title(chips, page):
    """What a list of measures is called: what is chosen, in words, and which page it is."""
    title = _("Measures: %(what)s") % {"what": chip_words(chips)} if chips else _("Measures")
    number = page.number if page else 1
    return f"{title} ({_('page %(number)s') % {'number': number}})" if number > 1 else title


@register.simple_tag
def result_count(page):
    """How many measures a list has, as its heading, with what the button says that leads to them. No ``page``: none."""
    if page is None:
        said, show = _("No list: a filter has a value that is not valid"), _("Show what is not valid")
    else:
        count = page.paginator.count
        shown = {"shown": number(count)}
        said = ngettext("%(shown)s measure", "%(shown)s measures", count) % shown if count else _("No measures match")
        show = ngettext("Show %(shown)s measure", "Show %(shown)s measures", count) % shown
    return format_html('<h2 id="result-count" tabindex="-1" data-show="{}">{}</h2>', show, said)


@register.simple_tag(takes_context=True)
def chosen_filters(context, chips):
    """What is chosen, each with a link to the list without it."""
    parameters, items = _parameters(context["request"]), []
    remove, close = _("Remove filter:"), icon("close")
    for name, label, value, value_label in chips:
        left_out = value.lower()
        rest = [pair for pair in parameters if pair[0] != name or pair[1].strip().lower() != left_out]
        items.append(
            f'<li><a class="chip" href="{escape(_query(rest))}"><span class="vh">{remove} </span><span>'
            f'<span class="chip-key">{escape(label)}:</span> <span class="chip-value">{escape(value_label)}</span>'
            f"</span>{close}</a></li>\n"
        )
    return mark_safe("".join(items))  # noqa: S308


@register.simple_tag(takes_context=True)
def page_links(context, page, in_place=False):
    """The links to the other pages of a list, if it has any. ``in_place``: they change the results and nothing else."""
    if not page or page.paginator.num_pages == 1:
        return ""
    parameters = _parameters(context["request"])
    query, of_page = escape(_query(parameters)), escape(_query([*parameters, ("page", "")]))
    named = _("Page %(number)s")

    def address(place):
        return f"{of_page}{place}" if place > 1 else query

    items = []
    if page.has_previous():
        items.append(f'<a href="{address(page.number - 1)}" rel="prev">{_arrow("back")}{_("Previous")}</a>')
    for place in page.around:
        if place == page.paginator.ELLIPSIS:
            items.append('<span class="gap">…</span>')
            continue
        current = ' aria-current="page"' if place == page.number else ""
        label = named % {"number": place}
        items.append(f'<a href="{address(place)}"{current} aria-label="{label}">{place}</a>')
    if page.has_next():
        items.append(f'<a href="{address(page.number + 1)}" rel="next">{_("Next")}{_arrow("dir")}</a>')
    items = "\n".join(f"<li>{item}</li>" for item in items)
    start = f'<nav class="pages" aria-label="{_("Pages")}"{IN_PLACE if in_place else ""}>'
    return mark_safe(f'{start}\n<ul role="list">\n{items}\n</ul>\n</nav>')  # noqa: S308


def _parameters(request):
    """What the present query string says, but for the page: pairs of a parameter and a value."""
    return [(name, value) for name, values in request.GET.lists() if name != "page" for value in values]


def _query(pairs):
    return f"?{urlencode(pairs)}"


@cache
def _arrow(way):
    address = static("img/icons.svg")
    return f'<svg class="icon icon-{way}" aria-hidden="true"><use href="{address}#arrow"></use></svg>'


@register.simple_tag
def measure_rows(measures, snippets="", narrow="", matches=None):
    """A list of measures (``ListedMeasure``): title; then country, type, date, state, evidence.

    ``snippets``: with the first words of the summary. ``narrow``: in a narrow column. ``matches`` are the ``Matches``
    of the words that were searched, to be marked in titles and snippets.
    """
    language = get_language()
    address = address_form(language)
    rows = "".join(_row(measure, address, language, snippets, matches) for measure in measures)
    return mark_safe(f'<ol class="rows{"" if narrow else " rows-aligned"}" role="list">\n{rows}</ol>')  # noqa: S308


def _row(measure, address, language, snippets, matches):
    kind = measure.measure_type
    before, after = address
    text, written_in = text_of(measure, "title", language)
    title = _in(written_in, language, matches.title(measure) if matches else escape(text))
    label = translation_label(measure, "title") if written_in != language else ""
    snippet = why = ""
    if snippets:
        text, written_in = text_of(measure, "summary", language)
        words = matches.snippet(measure) if matches else escape(first_words(text))
        snippet = f'<p class="row-snippet">{_in(written_in, language, words)}</p>'
        why = matches.why(measure) if matches else ""
    return (
        f'<li class="row">\n<h3 class="row-title"><a href="{before}{measure.slug}{after}">{title}</a> '
        f'{label}</h3>{snippet}{why}\n<ul class="meta" role="list">\n'
        f'<li class="meta-place">{escape(_places(measure, language))}</li>\n'
        f"<li>{icon(kind.topic.code)}{escape(_name_of(kind, language))}</li>\n"
        f"<li>{_announced(measure.announced_on, language)}</li>\n"
        f'<li><span class="state state-{measure.state}">{_state_label(measure.state, language)}</span></li>\n'
        f"<li>{_evidence(measure.evidence, language)}</li>\n</ul>\n</li>\n"
    )


def _in(written_in, language, words):
    """``words``, which are HTML, with their language where that is not the page's."""
    return words if written_in == language else in_language(mark_safe(words), written_in)  # noqa: S308


def _name_of(record, language):
    """What a record of a snapshot is called in the reader's language: kept with the record, which never changes."""
    names = record.__dict__.setdefault("_names", {})
    if language not in names:
        names[language] = str(record)
    return names[language]


def _places(measure, language):
    return places_in_words([_name_of(place, language) for place in (*measure.areas, *measure.countries)])


def _announced(date, language):
    return when_in(language, date, short=True) if date else f'<span class="not-stated">{_("date not stated")}</span>'


# What the language is for, in these: its words are kept for each.


@cache
def _state_label(state, language):
    return escape(State(state).label)


@cache
def _evidence(value, language):
    return evidence(value)


@register.simple_tag(takes_context=True)
def facet_groups(context, facets):
    """The facets of the list page, each in a group to unfold: open where something is chosen or wrong."""
    language, query = get_language(), escape(_query(_parameters(context["request"])))
    groups = []
    for facet in facets:
        chosen = len(facet.selected)
        is_open = " open" if chosen or facet.errors or facet.name in OPEN_FACETS else ""
        groups.append(
            f'<details class="facet" id="facet-{facet.name}"{is_open}>\n'
            f"<summary>{escape(facet.label)}{_chosen_count(chosen, language) if chosen else ''}</summary>\n"
            f"{_facet_body(facet, language, query)}\n</details>\n"
        )
    return mark_safe("".join(groups))  # noqa: S308


@lru_cache(maxsize=1024)
def _chosen_count(count, language):
    words = ngettext("%(count)s chosen", "%(count)s chosen", count) % {"count": count}
    return f' <span class="facet-chosen">{words}</span>'


@register.simple_tag
def whole_facet(facet):
    """All values of one facet, to choose from."""
    return mark_safe(_facet_body(facet, get_language(), whole=True))  # noqa: S308


def _facet_body(facet, language, query="", *, whole=False):
    """The values of a facet: of a long one those that are there, with a box that fetches and narrows the others."""
    name, label = facet.name, escape(facet.label)
    described_by = error = find = none = link = is_long = attributes = ""
    if facet.errors:
        described_by = f' aria-describedby="facet-{name}-error"'
        what = escape(" ".join(facet.errors))
        error = f'<p class="error" id="facet-{name}-error">{icon("warning")}<span>{what}</span></p>'
    if facet.is_long:
        find, none, address, show_all = _long_facet(name, label, language)
        if whole:
            is_long, attributes = " facet-list-long", f' tabindex="0" aria-label="{label}"'
        else:
            address, attributes = f"{address}{query}", " data-partial"
            find += _fetch(name, address)
            link = f'<p class="small"><a href="{address}">{show_all % {"count": number(facet.total)}}</a></p>'
        find += ">"
    values = _values(facet) or f'<li class="muted small">{_("Nothing to choose from here.")}</li>'
    return (
        f'<fieldset class="facet-body"{described_by}>\n<legend class="vh">{label}</legend>\n'
        f"{error}\n{find}\n"
        f'<ul class="facet-list{is_long}" id="facet-{name}-list" role="list"{attributes}>\n{values}\n</ul>\n'
        f"{none}\n{link}\n</fieldset>"
    )


@cache
def _long_facet(name, label, language):
    """What a long list of values has, the same on every page: the box that narrows it, up to its last attributes; what
    it says where that leaves nothing; the address of the whole list, and the words of a link to it."""
    find_in = _("Find in the list: %(label)s") % {"label": label}
    return (
        f'<input type="search" class="narrow needs-js" id="facet-{name}-find" data-narrow="facet-{name}-list" '
        f'data-found="{escape(_("{n} shown"))}" aria-label="{find_in}" placeholder="{escape(_("Find in the list"))}"',
        f'<p class="small muted" id="facet-{name}-list-none" hidden>{_("Nothing in this list is called so.")}</p>',
        reverse("practices:facet", args=[name]),
        _("Show all %(count)s"),
    )


def _fetch(name, address):
    """The attributes of a box that has the whole list fetched from ``address`` once it is used."""
    return (
        f' data-hx-get="{address}" data-hx-trigger="focus once" data-hx-target="#facet-{name}-list" '
        f'data-hx-select="#facet-{name}-list" data-hx-swap="outerHTML ignoreTitle:true" data-hx-push-url="false" '
        f'data-hx-select-oob="unset" data-hx-sync="this"'
    )


def _values(facet):
    """The values as items of a list, each with its box to tick and its count."""
    items, name = [], facet.name
    for value, label, count, selected in facet.values:
        before, after = _item(name, value, label)
        start = "<li>" if count else '<li class="zero">'
        checked = " checked" if selected else ""
        shown = count if count < 1000 else number(count)  # most are, and a call takes longer than all else here
        items.append(f"{start}{before}{checked}{after}{shown}</span></label></li>")
    return "\n".join(items)


@lru_cache(maxsize=8192)
def _item(name, value, label):
    """What stands before and after the mark of a box that is ticked, in an item of a facet: the same in most lists."""
    value = escape(value)
    return (
        f'<label class="check"><input type="checkbox" id="f-{name}-{value}" name="{name}" value="{value}"',
        f'><span class="check-text">{escape(label)}</span><span class="count">',
    )
