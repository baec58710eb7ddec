"""How to cite a record of the catalogue."""

import re

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

from practices.languages import text_of
from practices.querysets import today

PORTAL_NAME = "Network Resiliency Practices"
# Braces are named, since BibTeX counts even escaped ones; an escaped ^ or ~ would be an accent.
BIBTEX_NAMES = {
    "\\": "textbackslash",
    "{": "textbraceleft",
    "}": "textbraceright",
    "^": "textasciicircum",
    "~": "textasciitilde",
}
BIBTEX_SPECIAL = re.compile(r"[\\{}$&#%_^~]")


def address_of(record):
    """The full address of a record, on the host that the portal is known by."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


def citation_text(measure):
    """One line that cites ``measure`` as it is today, in the reader's language."""
    return _("“{title}”. {portal}, record {slug}, last changed {changed}. {address} (seen {seen}).").format(
        title=text_of(measure, "title")[0],
        portal=PORTAL_NAME,
        slug=measure.slug,
        changed=formats.date_format(measure.updated_at, "DATE_FORMAT"),
        address=address_of(measure),
        seen=formats.date_format(today(), "DATE_FORMAT"),
    )


def bibtex(measure):
    """A BibTeX entry (``@misc``) for ``measure``."""
    title = text_of(measure, "title")[0]
    return bibtex_entry(measure.slug, title, measure.updated_at.year, address_of(measure))


def bibtex_entry(slug, title, year, address, note=""):
    """A BibTeX entry (``@misc``) for the record ``slug``, special characters escaped; ``note`` goes into ``annote``."""
    fields = {
        "title": f"{{{_escaped(title)}}}",
        "howpublished": PORTAL_NAME,
        "year": str(year),
        "note": f"Record {slug}, seen {today().isoformat()}",
        "url": address,
    }
    if note:
        fields["annote"] = _escaped(note)
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{slug},\n{lines}\n}}"


def _escaped(text):
    return BIBTEX_SPECIAL.sub(
        lambda match: f"{{\\{BIBTEX_NAMES[match[0]]}}}" if match[0] in BIBTEX_NAMES else f"\\{match[0]}", text
    )
