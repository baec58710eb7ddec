"""What pages say to machines: schema.org's words for the catalogue, a list and a measure, as dicts for JSON-LD."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from practices.citing import PORTAL_NAME, address_of
from practices.display import chip_words, first_words
from practices.languages import html_language, text_of
from practices.paths import path_of

CONTEXT = "https://schema.org"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FILES = {"csv": "text/csv", "json": "application/json"}


def catalogue(shown):
    """Return what the portal is that shows a ``Catalogue``: a website that can be searched, and a catalogue of data."""
    home = f"{settings.SITE_URL}/"
    site = {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "url": home,
        "name": PORTAL_NAME,
        "publisher": _publisher(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{settings.SITE_URL}{path_of('practices:measure_list')}?q={{words}}",
            },
            "query-input": "required name=words",
        },
    }
    data = {
        "@type": "DataCatalog",
        "@id": _catalogue_id(),
        "url": home,
        "name": PORTAL_NAME,
        "description": _about(),
        "inLanguage": html_language(get_language()),
        "license": LICENCE,
        "publisher": _publisher(),
        "dataset": {"@id": f"{settings.SITE_URL}{path_of('practices:measure_list')}"},
        **({"dateModified": shown.updated_at.date().isoformat()} if shown.updated_at else {}),
    }
    return {"@context": CONTEXT, "@graph": [site, data]}


def dataset(filterset):
    """The list that a valid ``MeasureFilter`` selects, with the files of the same measures."""
    query, chosen = filterset.query, chip_words(filterset.chips)
    page = f"{settings.SITE_URL}{path_of('practices:measure_list')}"
    updated_at = filterset.catalogue.updated_at
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": f"{page}{query}",
        "url": f"{page}{query}",
        "name": f"{PORTAL_NAME}: {chosen}" if chosen else PORTAL_NAME,
        "description": _about(),
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": _publisher(),
        "includedInDataCatalog": {"@id": _catalogue_id()},
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": f"{page.removesuffix('/')}.{extension}{query}",
            }
            for extension, media_type in FILES.items()
        ],
        **({"dateModified": updated_at.date().isoformat()} if updated_at else {}),
    }


def measure(record):
    """A public ``Measure``: what it says, of where and what, and which sources it rests on."""
    title, language = text_of(record, "title")
    sources = [
        {
            "@type": "CreativeWork",
            "name": citation.source.title,
            "url": citation.source.url,
            "inLanguage": citation.source.language,
            "publisher": {"@type": "Organization", "name": citation.source.publisher},
            **({"datePublished": citation.source.published_on.isoformat()} if citation.source.published_on else {}),
        }
        for citation in record.citations.all()
    ]
    return {
        "@context": CONTEXT,
        "@type": "CreativeWork",
        "@id": address_of(record),
        "url": address_of(record),
        "identifier": record.slug,
        "name": title,
        "description": first_words(text_of(record, "summary")[0]),
        "inLanguage": html_language(language),
        "datePublished": record.published_at.date().isoformat(),
        "dateModified": record.updated_at.date().isoformat(),
        "spatialCoverage": [
            *({"@type": "Country", "name": str(place), "identifier": place.iso3} for place in record.countries.all()),
            *({"@type": "Place", "name": str(place)} for place in record.areas.all()),
        ],
        "about": [
            {"@type": "Thing", "name": str(thing), "url": address_of(thing)}
            for thing in (record.measure_type.topic, record.measure_type, record.crisis)
        ],
        "mentions": [{"@type": "Organization", "name": str(body)} for body in record.organizations.all()],
        "publisher": _publisher(),
        "license": LICENCE,
        "citation": sources,
        "isBasedOn": [source["url"] for source in sources],
        "isPartOf": {"@id": _catalogue_id()},
    }


def _about():
    return _("What regulators, ministries and operators did to keep networks up and people connected in a crisis.")


def _publisher():
    return {"@type": "Organization", "name": settings.OPERATOR_NAME, "url": settings.SITE_URL}


def _catalogue_id():
    return f"{settings.SITE_URL}/#catalogue"
