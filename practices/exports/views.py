"""The addresses of files: ``/measures.csv?country=ken`` has what ``/measures/?country=ken`` shows."""

from itertools import chain

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views import View

from practices.display import number
from practices.exports.export import Export
from practices.exports.formats import FORMATS
from practices.filters import MeasureFilter
from practices.models import Measure
from practices.serializers import measure_as_data
from reg4covid.pages import OpenToScripts, PublicPage

LONGEST_NAME = 100


class DownloadView(OpenToScripts, PublicPage, View):
    """The whole filtered list as a file, in the list's order; ``page`` is of no account.

    ``X-Row-Count`` says how many measures the file has. What cannot be finished breaks off the connection, so that no
    part of a file looks like all of it. A value that is not valid is answered 400, with its reason.
    """

    def get(self, request, *args, ending, **kwargs):
        form, filterset = FORMATS[ending], MeasureFilter(request.GET, self.catalogue)
        if not filterset.is_valid():
            return _refused(_reasons(filterset))
        selection = filterset.in_order()
        if form.most is not None and len(selection) > form.most:
            return _refused([_too_many(form, len(selection), filterset)])
        export = Export(
            self.catalogue,
            selection.ids(),
            timezone.now(),
            _list_address(filterset),
            _filters(filterset),
            filterset.day,
        )
        return StreamingHttpResponse(
            () if request.method == "HEAD" else _begun(form.write(export)),
            content_type=form.media_type,
            headers={
                "Content-Disposition": content_disposition_header(True, f"{_name(filterset, export.at)}.{ending}"),
                "Content-Language": "en",
                "X-Row-Count": str(len(export)),
            },
        )


class MeasureDataView(OpenToScripts, PublicPage, View):
    """One record as data, as the JSON file of a list has it."""

    def get(self, request, *args, slug, **kwargs):
        measure = Measure.objects.published().filter(slug=slug).only("pk").first()
        data = measure and measure_as_data(self.catalogue, measure.pk)
        if data:
            return JsonResponse(
                data, json_dumps_params={"ensure_ascii": False}, headers={"Content-Language": data["language"]}
            )
        renamed = Measure.by_former_slug(slug)
        if renamed is None or not Measure.objects.published().filter(pk=renamed.pk).exists():
            raise Http404(_("There is no public record “%(slug)s”.") % {"slug": slug})
        return HttpResponsePermanentRedirect(reverse("practices:measure_data", args=[renamed.slug]))


def _begun(parts):
    """``parts``, the first of them made already: what fails at once is answered as an error."""
    return chain([next(parts, b"")], parts)


def _refused(reasons):
    """An answer to a program, or to somebody who follows a link: sentences, one a line."""
    return HttpResponse("\n".join(reasons) + "\n", status=400, content_type="text/plain; charset=utf-8")


def _reasons(filterset):
    for name, errors in filterset.form.errors.items():
        label = f"{filterset.filters[name].label}: " if name in filterset.filters else ""
        yield f"{label}{' '.join(errors)}"


def _too_many(form, count, filterset):
    return _("%(format)s holds at most %(most)s measures, and these are %(count)s. Take CSV: %(address)s") % {
        "format": form.name,
        "most": number(form.most),
        "count": number(count),
        "address": f"{settings.SITE_URL}{reverse('practices:download', args=['csv'])}{filterset.address()}",
    }


def _list_address(filterset):
    with translation.override("en"):
        return f"{settings.SITE_URL}{reverse('practices:measure_list')}{filterset.address()}"


def _filters(filterset):
    """What was chosen: lists of values by the name of the parameter."""
    chosen = {}
    for name, _label, value, _value_label in filterset.chips:
        chosen.setdefault(name, []).append(value)
    if sort := filterset.form.cleaned_data["sort"]:
        chosen["sort"] = [sort]
    return chosen


def _name(filterset, at):
    """The name of a file, which says what was chosen and when: ``measures-ken-spectrum-2026-11-27``."""
    chosen = slugify(" ".join(value for _name, _label, value, _value_label in filterset.chips))
    return "-".join(filter(None, ["measures", chosen[:LONGEST_NAME].strip("-"), f"{at:%Y-%m-%d}"]))
