"""What templates of the catalogue need beyond Django's own tags."""

import json
from functools import cache, lru_cache
from html import escape
from urllib.parse import urlsplit

from django import template
from django.template.defaultfilters import linebreaks
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info, ngettext
from django.utils.translation import gettext as _

from practices.choices import LEGAL_NATURE_DEFINITIONS, Evidence, State
from practices.exports import FORMATS
from practices.languages import language_name, text_of

SNIPPET_LENGTH = 220
EVIDENCE_ICONS = {Evidence.OFFICIAL: "official", Evidence.SEVERAL: "documents", Evidence.SINGLE: "document"}

register = template.Library()

FEEDS = [
    ("application/atom+xml", "Atom", "practices:measure_atom"),
    ("application/feed+json", "JSON Feed", "practices:measure_json_feed"),
]


@register.simple_tag
@cache
def icon(name):
    """An icon of ``static/img/icons.svg``. It says nothing by itself: a word stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )


@register.tag
def kept(parser, token):
    """``{% kept a b %}…{% endkept %}``: a piece of a page that depends on nothing but these values and the language.

    It is made once for each, which saves making the head and the foot of every page anew.
    """
    values = [parser.compile_filter(value) for value in token.split_contents()[1:]]
    nodes = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(values, nodes)


class KeptNode(template.Node):
    MOST = 64  # pieces of a kind, before they are forgotten
    child_nodelists = ()  # no blocks are looked for in it, which would be the same on every page

    def __init__(self, values, nodelist):
        self.values, self.nodelist, self.made = values, nodelist, {}

    def render(self, context):
        key = get_language(), *(value.resolve(context) for value in self.values)
        if (made := self.made.get(key)) is None:
            if len(self.made) >= self.MOST:
                self.made.clear()
            made = self.made[key] = self.nodelist.render(context)
        return made


@register.simple_tag
def json_ld(data):
    """A dict as JSON-LD in a script element, which nothing in it can end."""
    text = json.dumps(data, ensure_ascii=False)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


@register.simple_tag(takes_context=True)
def again(context, name):
    """What a block of the page says, a second time: a template can have it in one place only."""
    return context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)


@register.simple_tag
def translated(record, field):
    """A translated field's text; marked with its language where that is not the page's."""
    text, language = text_of(record, field)
    return text if language == get_language() else in_language(text, language)


@register.simple_tag
def translation_label(record, field):
    """A small label that names the language of a translated field, where that is not the page's."""
    text, language = text_of(record, field)
    if not text or language == get_language():
        return ""
    return format_html('<span class="lang-tag">{}</span>', _("in %(language)s") % {"language": language_name(language)})


@register.simple_tag
def in_language(text, code):
    """``text`` marked as being in the language ``code``, in that language's own direction."""
    return format_html('<span lang="{}" dir="{}">{}</span>', html_language(code), direction(code), text)


@register.filter
def html_language(code):
    """A language code as HTML writes it: ``zh-Hans`` for ``zh-hans``."""
    return "-".join([code.split("-")[0], *(part.title() for part in code.split("-")[1:])])


@register.filter
def direction(code):
    """``rtl`` or ``ltr``: which way the script of a language runs."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


@register.filter
def named_language(code):
    """The name of a language in the reader's."""
    return language_name(code)


@register.simple_tag
def when(date, *, short=False):
    """A partial date in words, with its ISO form for machines; “not stated” where there is none."""
    return when_in(get_language(), date, short=short)


@lru_cache(maxsize=4096)
def when_in(language, date, *, short=False):
    """The same in ``language``, the reader's."""
    if date is None:
        return format_html('<span class="not-stated">{}</span>', _("not stated"))
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), date.short if short else date)


@register.simple_tag
def evidence(value):
    """How well a measure is sourced, with an icon."""
    return format_html(
        '<span class="evidence evidence-{}">{}{}</span>', value, icon(EVIDENCE_ICONS[value]), Evidence(value).label
    )


@register.filter
def text(record, field):
    """A translated field's text in the first of the reader's languages that has one, with nothing around it."""
    return text_of(record, field)[0]


@register.filter
def number(value):
    """A whole number with its thousands set apart as the reader's language does."""
    return str(value) if 0 <= value < 1000 else _grouped(value, get_language())


@lru_cache(maxsize=4096)
def _grouped(value, language):
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.simple_tag
def count_of(value):
    """How many measures, for the end of a line; a dash for none, read out as “nothing recorded yet”."""
    if value:
        return format_html('<span class="count">{}</span>', number(value))
    return format_html(
        '<span class="count"><span aria-hidden="true">–</span><span class="vh">{}</span></span>',
        _("nothing recorded yet"),
    )


@register.filter
def host(url):
    """The host of an address, as readers name a website."""
    return urlsplit(url).netloc.removeprefix("www.")


@register.filter
def state_label(value):
    return State(value).label


@register.filter
def chip_words(chips):
    """What is chosen, in words: the labels of the chips."""
    return ", ".join(label for _name, _label, _value, label in chips)


@register.simple_tag
def places(*kinds):
    """Where a measure applies, in a few words: its areas and countries, or the first and how many more."""
    return places_in_words([str(place) for places_of_kind in kinds for place in places_of_kind])


def places_in_words(names):
    """At most two names, or the first and how many more."""
    if len(names) <= 2:
        return ", ".join(names)
    return ngettext("%(first)s and %(more)s more", "%(first)s and %(more)s more", len(names) - 1) % {
        "first": names[0],
        "more": len(names) - 1,
    }


def first_words(text):
    """As many whole words of ``text`` as a snippet holds; as many characters where there are no spaces."""
    if len(text) <= SNIPPET_LENGTH:
        return text
    cut = text[: SNIPPET_LENGTH + 1]
    words = cut.rpartition(" ")[0] or cut[:-1]
    return f"{words.rstrip(' ,;:.–-')} …"


@register.simple_tag
def snippet(record, field):
    """The first words of a translated field, marked with its language where that is not the page's."""
    text, language = text_of(record, field)
    text = first_words(text)
    return text if language == get_language() else in_language(text, language)


@register.simple_tag
def plain_snippet(record, field):
    """The first words of a translated field without any markup, for a meta description."""
    return first_words(text_of(record, field)[0])


@register.simple_tag
def translated_text(record, field):
    """A translated field's text without any markup, for a page's title."""
    return text_of(record, field)[0]


@register.simple_tag
def translated_paragraphs(record, field):
    """A translated field's text as paragraphs; marked and labelled where it is not in the page's language."""
    text, language = text_of(record, field)
    body = mark_safe(linebreaks(text, autoescape=True))  # noqa: S308 (escaped by linebreaks)
    if language == get_language():
        return body
    label = _("This text is in %(language)s.") % {"language": language_name(language)}
    return format_html(
        '<p class="lang-tag">{}</p><div lang="{}" dir="{}">{}</div>',
        label,
        html_language(language),
        direction(language),
        body,
    )


@register.filter
def has_text(record, field):
    """Whether a translated field has a text in any language."""
    return bool(text_of(record, field)[0])


@register.filter
def legal_nature_definition(value):
    return LEGAL_NATURE_DEFINITIONS[value]


@register.filter
def lowerfirst(text):
    """``text`` with a small first letter, to go on within a sentence; acronyms stay."""
    text = str(text)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


@register.filter
def megahertz(value):
    """An edge in MHz with the decimals it needs and no more."""
    digits = f"{value.normalize():f}"
    decimals = len(digits.partition(".")[2])
    return formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.simple_tag(takes_context=True)
def feed_links(context):
    """What tells a browser of the feeds of the list that a page is of: the context's ``feed_query`` or ``list_url``."""
    query = context.get("feed_query") or urlsplit(context.get("list_url", "")).query
    query = f"?{escape(query)}" if query else ""
    return mark_safe("\n".join(f'{start}{query}">' for start in _feed_links(get_language())))  # noqa: S308


@cache
def _feed_links(language):
    """The links to the feeds, up to where a query string stands."""
    return [
        format_html(
            '<link rel="alternate" type="{}" title="{}" href="{}',
            kind,
            _("New and corrected measures (%(format)s)") % {"format": name},
            reverse(view),
        )
        for kind, name, view in FEEDS
    ]


@register.simple_tag
def measures_url(**parameters):
    """The address of the list of measures with these parameters."""
    return reverse("practices:measure_list", query=parameters)


@register.simple_tag
def take_along(list_url, count):
    """The files of the ``count`` measures that the list at ``list_url`` shows, to choose from, and how to follow it."""
    if not count:
        return ""
    query = urlsplit(list_url).query
    query = f"?{escape(query)}" if query else ""
    what = ngettext(
        "%(shown)s measure, with its sources, as a file:", "%(shown)s measures, with their sources, as a file:", count
    ) % {"shown": number(count)}
    language, files = get_language(), ""
    for ending, form in FORMATS.items():
        if form.most is not None and count > form.most:
            limit = _("at most %(most)s measures. Take CSV, or choose filters.") % {"most": number(form.most)}
            files += f'<li>{form.name}: <span class="muted">{limit}</span></li>\n'
        else:
            before, after = _file(ending, language)
            files += f"{before}{query}{after}"
    before, between, follow, after = _around_files(language)
    return mark_safe(f"{before}{what}{between}{files}{follow}{query}{after}")  # noqa: S308


@cache
def _file(ending, language):
    """What stands before and after the query string in the item of a kind of file."""
    form = FORMATS[ending]
    return (
        f'<li><a href="{reverse("practices:download", args=[ending])}',
        f'" download>{form.name}</a> <span class="muted">{escape(form.purpose)}</span></li>\n',
    )


@cache
def _around_files(language):
    """What stands before, between and after how many measures there are, the files, and the query string to follow."""
    return (
        f'<details class="downloads">\n<summary>{_("Download")}</summary>\n<div>\n<p class="small">',
        "</p>\n<ul>\n",
        f'</ul>\n<p class="small"><a href="{reverse("practices:data")}">'
        f"{_('What the files have, and the whole catalogue')}</a></p>\n</div>\n</details>\n"
        f'<p class="actions"><a class="with-icon" href="{reverse("practices:follow")}',
        f'">{icon("link")}{_("Follow this list by e-mail")}</a></p>',
    )


@register.simple_tag
def embed_code(embed):
    """What other sites paste to show ``embed``, an ``Embed``, and how that looks; nothing without one."""
    if not embed:
        return ""
    before, between, after = _around_embed_code(get_language())
    return mark_safe(f"{before}{escape(embed.code())}{between}{escape(embed.address)}{after}")  # noqa: S308


@cache
def _around_embed_code(language):
    """What stands before, between and after the code of an embed and its address."""
    fit = _(
        "Add <code>theme=light</code> or <code>theme=dark</code> to its address "
        "to fit the colours of the page around it."
    )
    return (
        f'<details class="more embed">\n<summary>{_("Embed this on another site")}</summary>\n'
        '<pre id="embed-code" tabindex="0">',
        '</pre>\n<p class="actions"><button type="button" class="button button-quiet button-small needs-js" '
        f'data-copy="#embed-code" data-copied="{_("Copied")}" data-failed="{_("Press Ctrl+C to copy")}">'
        f"<span data-label>{_('Copy the code')}</span></button>\n"
        '<a class="button button-quiet button-small" href="',
        f'">{_("See it by itself")}</a></p>\n<p class="small muted">{fit}</p>\n</details>',
    )
