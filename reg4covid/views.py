"""Pages for what goes wrong: each says what happened and helps the reader on."""

import difflib

from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.views.decorators.csrf import requires_csrf_token

from countries.models import Country
from practices.models import Crisis, Measure, MeasureType, Topic

NEAREST = 5


def nearest_pages(path):
    """Public pages whose address comes near to ``path``: pairs of title and address, the nearest first."""
    wanted = path.strip("/").rsplit("/", 1)[-1].lower()[:100]
    if not wanted:
        return []
    pages = {}
    for model, code in ((Topic, "code"), (MeasureType, "code"), (Crisis, "slug")):
        pages |= {getattr(record, code): record for record in model.objects.all()}
    for country in Country.objects.all():
        pages |= {country.code: country, country.name.lower(): country}
    words = sorted((word for word in wanted.replace("_", "-").split("-") if len(word) > 2), key=len, reverse=True)
    if words:
        measures = Measure.objects.published().filter(slug__contains=words[0]).only("slug", "title_en")[:50]
        pages |= {measure.slug: measure for measure in measures}
    near = difflib.get_close_matches(wanted, pages, n=NEAREST, cutoff=0.5)
    return list(dict.fromkeys((str(pages[key]), pages[key].get_absolute_url()) for key in near))


def page_not_found(request, exception):
    """404: hidden and absent records alike, with the nearest entries."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    context = {
        "reason": reason,
        "nearest": nearest_pages(request.path_info),
        "search_url": reverse("practices:measure_list"),
    }
    return render(request, "404.html", context, status=404)


def bad_request(request, exception):
    return render(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request, exception=None, reason=""):
    """403: for what somebody may not do, and for a form that was sent without its token (``reason``)."""
    return render(request, "403.html", status=403)


@requires_csrf_token
def server_error(request):
    """500: a page that needs neither the database nor a context."""
    return HttpResponseServerError(get_template("500.html").render())
