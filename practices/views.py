"""The public pages of the catalogue."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, TemplateView

from countries.choices import ItuRegion
from practices import following, maps, structured
from practices.catalogue import Selection, clauses, current
from practices.catalogue.listing import ROWS_PER_PAGE
from practices.catalogue.query import MAX_CHARACTERS
from practices.catalogue.suggest import suggestions
from practices.choices import (
    EVIDENCE_DEFINITIONS,
    LEGAL_NATURE_DEFINITIONS,
    STATE_DEFINITIONS,
    Action,
    Evidence,
    LegalNature,
    OrganizationKind,
    State,
)
from practices.citing import bibtex, citation_text
from practices.comparing import FEWEST, MOST, compared
from practices.coverage import matrix
from practices.embeds import list_embed, map_embed, measure_embed
from practices.facets import FACETS, facet, facets
from practices.filters import MeasureFilter, OrganizationFilter
from practices.models import Crisis, Frequency, Measure, MeasureType, Organization, Source, Tag, Topic
from practices.precedents import precedents, read_range
from practices.searching import SearchHelp, offers
from reg4covid.pages import PublicPage

ORGANIZATIONS_PER_PAGE = 60
EXAMPLES = 5
LATEST = 6
MOST_SHOWN_CRISES = 8
MOST_USED_TAGS = 32
# What suggestions of a kind stand under.
SUGGESTED = {
    "country": gettext_lazy("Countries"),
    "group": gettext_lazy("Groups of countries"),
    "topic": gettext_lazy("Topics and types of measure"),
    "type": gettext_lazy("Topics and types of measure"),
    "crisis": gettext_lazy("Crises"),
    "organization": gettext_lazy("Organizations"),
    "beneficiary": gettext_lazy("Beneficiaries"),
    "tag": gettext_lazy("Tags"),
    "measure": gettext_lazy("Measures"),
}
PUBLIC_ACTIONS = (Action.PUBLISHED, Action.CORRECTED, Action.VERIFIED, Action.WITHDRAWN, Action.RESTORED)


class HomeView(PublicPage, TemplateView):
    template_name = "practices/home.html"

    def get_context_data(self, **kwargs):
        catalogue = self.catalogue
        topic_counts, countries = catalogue.counts("topic"), catalogue.counts("country")
        crises = catalogue.ranked("crisis")
        return super().get_context_data(
            measure_count=len(catalogue),
            country_count=len(countries),
            source_count=catalogue.source_count,
            updated_at=catalogue.updated_at,
            map=maps.world(catalogue.records["country"].all, countries),
            topics=[(topic, topic_counts[topic.pk]) for topic in catalogue.records["topic"].all],
            latest=Selection(catalogue, None)[:LATEST],
            crises=crises[:MOST_SHOWN_CRISES],
            crisis_total=len(crises),
            embed=map_embed(),
            structured=structured.catalogue(catalogue),
            **kwargs,
        )


class MeasureListView(PublicPage, TemplateView):
    """The filtered list. A value that is not valid selects nothing and is answered 400, with its reason."""

    template_name = "practices/measure_list.html"

    def get(self, request, *args, **kwargs):
        filterset = MeasureFilter(request.GET, self.catalogue)
        valid = filterset.is_valid()
        page = page_of(filterset.in_order(), request.GET.get("page")) if valid else None
        searched = SearchHelp(filterset) if valid and filterset.form.cleaned_data["q"] else None
        context = self.get_context_data(
            filterset=filterset,
            page=page,
            facets=facets(filterset),
            q=request.GET.get("q", ""),
            announced=(request.GET.get("announced_from", ""), request.GET.get("announced_to", "")),
            chips=filterset.chips,
            organizations=filterset.chosen("organization"),
            canonical=f"{settings.SITE_URL}{request.path}{filterset.address(page)}",
            feed_query=filterset.query.removeprefix("?") if valid else "",
            embed=list_embed(filterset) if valid else None,
            structured=structured.dataset(filterset) if valid else None,
            searched=searched,
            matches=searched and page.paginator.count and searched.matches(page.object_list),
            offers=offers(filterset, searched) if valid and not page.paginator.count else [],
        )
        return self.render_to_response(context, status=200 if valid else 400)


class SuggestionsView(PublicPage, TemplateView):
    """What the words of a search box may mean, while they are typed."""

    template_name = "practices/suggestions.html"

    def get_context_data(self, **kwargs):
        words = " ".join(self.request.GET.get("q", "").replace("\0", "")[:MAX_CHARACTERS].split())
        found = suggestions(words, self.catalogue)
        groups = {}
        for suggestion in found:
            groups.setdefault(SUGGESTED[suggestion.kind], []).append(suggestion)
        return super().get_context_data(
            words=words,
            search_url=reverse("practices:measure_list", query={"q": words}),
            groups=groups.items(),
            count=len(found),
            **kwargs,
        )


class FacetView(PublicPage, TemplateView):
    """All values of one facet, to choose from: what a long facet of the list leaves out."""

    template_name = "practices/facet.html"

    def get(self, request, *args, name, **kwargs):
        if name not in FACETS:
            raise Http404(_("There is no filter “%(name)s”.") % {"name": name})
        filterset = MeasureFilter(request.GET, self.catalogue)
        valid = filterset.is_valid()
        context = self.get_context_data(
            filterset=filterset, facet=facet(filterset, name, whole=True), chips=filterset.chips
        )
        return self.render_to_response(context, status=200 if valid else 400)


def page_of(listed, number, per_page=ROWS_PER_PAGE):
    """Return the page of a sequence or a queryset that an address asks for; Http404 that says which there are."""
    paginator = Paginator(listed, per_page)
    number = number or "1"
    if not (number.isascii() and number.isdigit() and len(number) < 10 and 1 <= int(number) <= paginator.num_pages):
        raise Http404(
            _("There is no page “%(number)s”. The pages of this list run from 1 to %(last)s.")
            % {"number": number[:40], "last": paginator.num_pages}
        )
    page = paginator.page(int(number))
    page.around = list(paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return page


class RecordView(PublicPage, DetailView):
    """The page of one record that carries a slug. A slug it once had redirects to the present one.

    ``missing`` is what a reader is told who asks for one that is not there, or not public.
    """

    missing = ""

    def get_object(self, queryset=None):
        slug = self.kwargs["slug"]
        record = (queryset or self.get_queryset()).filter(**{self.model.SLUG: slug}).first()
        if record is None:
            raise Http404(self.missing % {"slug": slug})
        return record

    def get(self, request, *args, **kwargs):
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            record = self.model.by_former_slug(kwargs["slug"])
            if record is None or not self.get_queryset().filter(pk=record.pk).exists():
                raise
            return HttpResponsePermanentRedirect(self.address_of(record))

    def address_of(self, record):
        """Where a slug that the record once had redirects to."""
        return record.get_absolute_url()


class MeasureView(RecordView):
    model = Measure
    template_name = "practices/measure_detail.html"
    missing = gettext_lazy("There is no public record “%(slug)s”.")

    def get_queryset(self):
        return Measure.objects.published().with_page()

    def get_context_data(self, **kwargs):
        like, same_crisis = self.related()
        return super().get_context_data(
            like=like,
            same_crisis=same_crisis,
            # What was done while nobody could read the record made no version of the catalogue.
            history=self.object.changes.filter(action__in=PUBLIC_ACTIONS, version__isnull=False),
            citation_text=citation_text(self.object),
            bibtex=bibtex(self.object),
            embed=measure_embed(self.object),
            picture=f"{settings.SITE_URL}{reverse('machines:measure_picture', args=[self.object.slug])}",
            json_url=f"{self.object.get_absolute_url().removesuffix('/')}.json",
            # A draft that is previewed is nothing yet that a machine should be told of.
            structured=structured.measure(self.object) if self.object.published_at else None,
            evidence_label=Evidence(self.object.evidence).label,
            evidence_definition=EVIDENCE_DEFINITIONS[self.object.evidence],
            nominal_bases=self.nominal_bases(),
            like_url=reverse(
                "practices:measure_list",
                query={
                    "type": self.object.measure_type.code,
                    "region": sorted({country.itu_region for country in self.object.countries.all()}),
                    "income": sorted({country.income_group for country in self.object.countries.all()} - {""}),
                },
            ),
            same_crisis_url=reverse(
                "practices:measure_list",
                query={
                    "crisis": self.object.crisis.slug,
                    "country": [country.code for country in self.object.countries.all()],
                },
            ),
            **kwargs,
        )

    def nominal_bases(self):
        """Where the nominal edges of the record's bands come from, each said once."""
        ranges = [edges for band in self.object.bands.all() for edges in band.ranges.all() if edges.nominal]
        return list(dict.fromkeys(f"{edges.band.label}: {edges.basis}" for edges in ranges))

    def related(self):
        """Measures of the same type in like countries, and of the same country in the same crisis.

        Like countries are of the same ITU region and income group. Two lists of at most ``EXAMPLES``.
        """
        measure, catalogue = self.object, self.catalogue
        own = measure.countries.all()
        kinds = {(country.itu_region, country.income_group) for country in own}
        countries = catalogue.records["country"].all
        alike = [other.pk for other in countries if (other.itu_region, other.income_group) in kinds]
        in_own = clauses.any_of("country", [country.pk for country in own])
        of_type = clauses.any_of("type", [measure.measure_type_id])
        of_crisis = clauses.any_of("crisis", [measure.crisis_id])
        like = clauses.without(clauses.all_of(of_type, clauses.any_of("country", alike)), in_own)
        same = clauses.without(clauses.all_of(of_crisis, in_own), clauses.with_ids([measure.pk]))
        found = [catalogue.addresses(query, "-announced", 0, EXAMPLES) for query in (like, same)]
        return [catalogue.measures_at(addresses) for addresses in found]


class TopicListView(PublicPage, TemplateView):
    template_name = "practices/topic_list.html"

    def get_context_data(self, **kwargs):
        catalogue = self.catalogue
        topic_counts, counts = catalogue.counts("topic"), catalogue.counts("type")
        topics = [
            (
                topic,
                topic_counts[topic.pk],
                [(kind, counts[kind.pk]) for kind in catalogue.types_of(topic)],
            )
            for topic in catalogue.records["topic"].all
        ]
        return super().get_context_data(topics=topics, **kwargs)


class SelectionView(RecordView):
    """The page of a record that measures point at: how many there are, where, and the newest of them.

    ``parameter`` is the list's parameter that selects them.
    """

    parameter = ""

    @cached_property
    def query(self):
        """The query for the record's measures."""
        return clauses.any_of(self.parameter, [self.object.pk])

    def get_context_data(self, **kwargs):
        selection = Selection(self.catalogue, self.query)
        return super().get_context_data(
            total=len(selection),
            measures=selection[:ROWS_PER_PAGE],
            countries=self.catalogue.ranked("country", self.query),
            list_url=reverse("practices:measure_list", query={self.parameter: self.kwargs["slug"]}),
            **kwargs,
        )


class TopicView(SelectionView):
    model = Topic
    template_name = "practices/topic_detail.html"
    parameter = "topic"
    missing = gettext_lazy("There is no topic “%(slug)s”.")

    def get_context_data(self, **kwargs):
        counts = self.catalogue.counts("type")
        kinds = [(kind, counts[kind.pk]) for kind in self.catalogue.types_of(self.object)]
        return super().get_context_data(kinds=kinds, **kwargs)


class TypeView(SelectionView):
    model = MeasureType
    queryset = MeasureType.objects.select_related("topic")
    template_name = "practices/type_detail.html"
    context_object_name = "kind"
    parameter = "type"
    missing = gettext_lazy("There is no measure type “%(slug)s”.")


class CrisisListView(PublicPage, TemplateView):
    template_name = "practices/crisis_list.html"

    def get_context_data(self, **kwargs):
        counts = self.catalogue.counts("crisis")
        crises = [(crisis, counts[crisis.pk]) for crisis in self.catalogue.records["crisis"].all]
        return super().get_context_data(crises=crises, **kwargs)


class CrisisView(SelectionView):
    model = Crisis
    template_name = "practices/crisis_detail.html"
    parameter = "crisis"
    missing = gettext_lazy("There is no crisis “%(slug)s”.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(topics=self.catalogue.ranked("topic", self.query), **kwargs)


class OrganizationListView(PublicPage, TemplateView):
    """The organizations that took part in published measures, by name, narrowed by kind and words."""

    template_name = "practices/organization_list.html"

    def get(self, request, *args, **kwargs):
        counts = self.catalogue.counts("organization")
        organizations = Organization.objects.filter(pk__in=list(counts)).select_related("country")
        filterset = OrganizationFilter(request.GET, organizations.order_by(Lower("name"), "slug"))
        valid = filterset.is_valid()
        page = page_of(filterset.qs, request.GET.get("page"), ORGANIZATIONS_PER_PAGE) if valid else None
        rows = [(organization, counts[organization.pk]) for organization in page] if valid else []
        context = self.get_context_data(filterset=filterset, page=page, rows=rows, kinds=OrganizationKind.choices)
        return self.render_to_response(context, status=200 if valid else 400)


class OrganizationView(SelectionView):
    model = Organization
    queryset = Organization.objects.public().select_related("country", "regulator_of")
    template_name = "practices/organization_detail.html"
    parameter = "organization"
    missing = gettext_lazy("There is no organization “%(slug)s”.")


class TagListView(PublicPage, TemplateView):
    template_name = "practices/tag_list.html"

    def get_context_data(self, **kwargs):
        most_used = self.catalogue.ranked("tag")
        tags = sorted(most_used, key=lambda pair: str(pair[0]).casefold())
        return super().get_context_data(tags=tags, most_used=most_used[:MOST_USED_TAGS], **kwargs)


class TagView(SelectionView):
    model = Tag
    queryset = Tag.objects.public()
    template_name = "practices/tag_detail.html"
    parameter = "tag"
    missing = gettext_lazy("There is no tag “%(slug)s”.")


class SourceView(PublicPage, DetailView):
    """A source with the measures that rest on it. One that no published measure cites is not public."""

    template_name = "practices/source_detail.html"
    queryset = Source.objects.public()
    context_object_name = "source"

    def get_context_data(self, **kwargs):
        cited_by = self.object.citations.values_list("measure", flat=True)
        query = clauses.with_ids(cited_by)
        return super().get_context_data(measures=Selection(self.catalogue, query)[:], **kwargs)


class CoverageView(PublicPage, TemplateView):
    """How far the catalogue reaches in one crisis: every country and topic, in three states."""

    template_name = "practices/coverage.html"

    def get(self, request, *args, **kwargs):
        crises = [crisis for crisis, _count in self.catalogue.ranked("crisis")]
        crises += sorted(set(self.catalogue.records["crisis"].all).difference(crises), key=str)
        slug, region = request.GET.get("crisis", ""), request.GET.get("region", "")
        crisis = next((crisis for crisis in crises if slug in ("", crisis.slug)), None)
        errors = []
        if slug and crisis is None:
            errors.append(_("“%(value)s” is not a crisis. Choose one of the list.") % {"value": slug[:40]})
        if region not in ("", *ItuRegion.values):
            errors.append(
                _("“%(value)s” is not a region. Right would be: %(values)s.")
                % {"value": region[:40], "values": ", ".join(ItuRegion.values)}
            )
        context = self.get_context_data(
            crises=crises,
            regions=ItuRegion.choices,
            crisis=crisis,
            region=region,
            errors=errors,
            matrix=None if errors or crisis is None else matrix(self.catalogue, crisis, region=region),
        )
        return self.render_to_response(context, status=400 if errors else 200)


class CompareView(PublicPage, TemplateView):
    """Two to six countries side by side. The list's other parameters narrow what is compared."""

    template_name = "practices/compare.html"

    def get(self, request, *args, **kwargs):
        filterset = MeasureFilter(request.GET, self.catalogue)
        valid = filterset.is_valid()
        countries = filterset.form.cleaned_data.get("country") or []
        problem = ""
        if valid and len(countries) > MOST:
            problem = _("These are %(number)d countries. Right would be at most %(most)d.") % {
                "number": len(countries),
                "most": MOST,
            }
        is_comparable = valid and FEWEST <= len(countries) <= MOST
        context = self.get_context_data(
            filterset=filterset,
            countries=countries,
            problem=problem,
            others=sorted({country for country, _count in self.catalogue.ranked("country")} - set(countries), key=str),
            chosen=filterset.chips,
            chips=[chip for chip in filterset.chips if chip[0] != "country"],
            topics=compared(self.catalogue, countries, filterset.index_query("country")) if is_comparable else [],
            is_comparable=is_comparable,
            is_full=len(countries) >= MOST,
            list_url=f"{reverse('practices:measure_list')}{filterset.address()}" if is_comparable else "",
            count=filterset.count() if is_comparable else 0,
            canonical=f"{settings.SITE_URL}{request.path}{filterset.address()}",
        )
        return self.render_to_response(context, status=200 if valid and not problem else 400)


class BandsView(PublicPage, TemplateView):
    """Who granted, extended or shared frequencies that overlap a range. The list's parameters but ``q`` narrow it."""

    template_name = "practices/bands.html"

    def get(self, request, *args, **kwargs):
        asked = bands = None
        text, problem = request.GET.get("range", "").strip(), ""
        filters = request.GET.copy()
        filters.pop("range", None)
        filterset = MeasureFilter(filters, self.catalogue)
        valid = filterset.is_valid()
        if text:
            try:
                asked = read_range(text)
            except ValidationError as error:
                problem = " ".join(error.messages)
        if asked and valid:
            bands = self.selected(filterset, precedents(asked))
        context = self.get_context_data(
            text=text,
            asked=asked,
            problem=problem,
            bands=bands,
            filterset=filterset,
            chips=filterset.chips,
            canonical=f"{settings.SITE_URL}{request.get_full_path()}",
        )
        return self.render_to_response(context, status=200 if valid and not problem else 400)

    def selected(self, filterset, bands):
        """Return those of ``bands`` whose measures the list's parameters select."""
        if filterset.index_query() is None:
            return bands
        ids = {band.measure_id for band in bands}
        query = clauses.all_of(filterset.index_query(), clauses.with_ids(ids))
        selected = set(self.catalogue.ids(query, stop=len(ids)))
        return [band for band in bands if band.measure_id in selected]


class FollowForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    frequency = forms.ChoiceField(
        label=gettext_lazy("How often"), choices=Frequency, initial=Frequency.DAILY, widget=forms.RadioSelect
    )


class FollowView(FormView):
    """Ask to be told by e-mail when a list changes. The list is what the address says, as everywhere."""

    form_class = FollowForm
    template_name = "practices/follow.html"

    @cached_property
    def filterset(self):
        return MeasureFilter(self.request.GET, current())

    def form_valid(self, form):
        if not self.filterset.is_valid():
            return self.form_invalid(form)
        try:
            following.ask(
                form.cleaned_data["email"],
                self.filterset.address(),
                language=get_language(),
                frequency=form.cleaned_data["frequency"],
            )
        except following.NotSent:
            form.add_error("email", _("No letter could be sent to this address. Check it, or try again later."))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, asked=form.cleaned_data["email"]))

    def get_context_data(self, **kwargs):
        valid = self.filterset.is_valid()
        return super().get_context_data(
            errors=self.filterset.reasons,
            chips=self.filterset.chips,
            count=self.filterset.count() if valid else 0,
            list_url=f"{reverse('practices:measure_list')}{self.filterset.address() if valid else ''}",
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        is_wrong = context["errors"] or context["form"].errors
        return super().render_to_response(context, status=400 if is_wrong else 200, **kwargs)


class FollowLinkView(TemplateView):
    """The page of a link in a letter: it asks once more, since programs that read mail open links."""

    template_name = "practices/follow_link.html"
    stopping = False

    def get(self, request, *args, token, **kwargs):
        return self.answer(following.subscription_of(token, stopping=self.stopping))

    def post(self, request, *args, token, **kwargs):
        subscription = following.subscription_of(token, stopping=self.stopping)
        if subscription and self.stopping:
            subscription.delete()
        elif subscription:
            following.confirm(subscription)
        return self.answer(subscription, done=True)

    def answer(self, subscription, *, done=False):
        filterset = following.list_of(subscription) if subscription else None
        context = self.get_context_data(
            subscription=subscription,
            stopping=self.stopping,
            done=done,
            list_name=following.name_of(filterset) if filterset else "",
            list_url=f"{reverse('practices:measure_list')}{subscription.query if subscription else ''}",
        )
        # A mail program that stops for its reader, or a second click, is told that all is well.
        return self.render_to_response(context, status=200 if subscription or (done and self.stopping) else 404)


class AboutView(PublicPage, TemplateView):
    template_name = "practices/about.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            topics=[(topic, self.catalogue.types_of(topic)) for topic in self.catalogue.records["topic"].all],
            beneficiaries=self.catalogue.records["beneficiary"].all,
            legal_natures=[(label, LEGAL_NATURE_DEFINITIONS[value]) for value, label in LegalNature.choices],
            states=[(value, label, STATE_DEFINITIONS[value]) for value, label in State.choices],
            evidences=[(value, label, EVIDENCE_DEFINITIONS[value]) for value, label in Evidence.choices],
            **kwargs,
        )
