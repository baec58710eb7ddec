"""Pages for what goes wrong: each says what happened and helps the reader on."""

import difflib

from django.db.models import Q
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.csrf import requires_csrf_token

from countries.models import Country, Group
from practices.api import PREFIX
from practices.api.problems import problem
from practices.models import Crisis, Measure, MeasureType, Organization, Topic

NEAREST = 5
MOST_READ = 50


def nearest_pages(path):
    """Public pages that somebody who asked for ``path`` may have meant: pairs of title and address.

    A code or an acronym has to be the one that was asked for; a name or a slug has to come near. Pages of
    the section that was asked for stand first.
    """
    section, _slash, wanted = path.strip("/").lower()[:200].rpartition("/")
    words = sorted((word for word in wanted.replace("_", "-").split("-") if len(word) > 2), key=len, reverse=True)
    if not words:
        return []
    exact, near = [], {}
    for record in (*Country.objects.all(), *Group.objects.all(), *Topic.objects.all(), *MeasureType.objects.all()):
        near[slugify(record.name)] = near[record.code] = record
        exact += [record] if wanted in (record.code, getattr(record, "iso2", "").lower()) else []
    near |= {crisis.slug: crisis for crisis in Crisis.objects.all()}
    organizations = Organization.objects.public().filter(Q(acronym__iexact=wanted) | Q(slug__contains=words[0]))
    for organization in organizations[:MOST_READ]:
        near[slugify(organization.name)] = near[organization.slug] = organization
        exact += [organization] if organization.acronym.lower() == wanted else []
    measures = Measure.objects.published().filter(slug__contains=words[0])
    near |= {measure.slug: measure for measure in measures[:MOST_READ]}
    codes = {key for key in near if len(key) <= 3}
    found = exact + [near[key] for key in difflib.get_close_matches(wanted, near.keys() - codes, n=NEAREST, cutoff=0.7)]
    pages = dict.fromkeys((str(record), record.get_absolute_url()) for record in found)
    return sorted(pages, key=lambda page: f"/{section.rpartition('/')[2]}/" not in page[1])[:NEAREST]


def page_not_found(request, exception):
    """404: hidden and absent records alike, with the nearest entries."""
    if is_for_program(request):
        return problem(404, "There is nothing at this address.")
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    context = {
        "reason": reason,
        "nearest": nearest_pages(request.path_info),
        "search_url": reverse("practices:measure_list"),
    }
    return render(request, "404.html", context, status=404)


def is_for_program(request):
    """Whether a program asks, to whom a page says nothing."""
    return request.path_info.startswith(PREFIX)


def bad_request(request, exception):
    if is_for_program(request):
        return problem(400, "The request is not one that can be answered.")
    return render(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request, exception=None, reason=""):
    """403: for what somebody may not do, and for a form that was sent without its token (``reason``)."""
    return render(request, "403.html", status=403)


@requires_csrf_token
def server_error(request):
    """500: a page that needs neither the database nor a context."""
    if is_for_program(request):
        return problem(500, "Something went wrong here. It has been noted; please try again later.")
    return HttpResponseServerError(get_template("500.html").render())
