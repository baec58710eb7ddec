"""The form of a record: what it understands, what it refuses, and what it keeps when two write at once."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from practices import workflow
from practices.choices import Action, Status
from practices.models import CatalogueVersion, Measure, Source, SpectrumRange
from tests.factories import (
    CountryFactory,
    CrisisFactory,
    MeasureTypeFactory,
    SourceFactory,
    SpectrumBandFactory,
    UserFactory,
    cite,
    make_measure,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/practices/measure/add/"


@pytest.fixture
def publisher(client):
    user = UserFactory(is_superuser=True)
    client.force_login(user)
    return user


def form_of(measure=None, **fields):
    """What the form of ``measure``, as it is now, or of a new one sends."""
    sent = {
        "title_en": "Kenya lends spectrum",
        "summary_en": "The authority lent spectrum.",
        "slug": "kenya-lends-spectrum",
        "scope": "national",
        "crisis": CrisisFactory(slug="covid-19").pk,
        "measure_type": MeasureTypeFactory(code="zero-rating").pk,
        "countries": [CountryFactory(iso3="KEN").pk],
        "tags": "",
    }
    for prefix in ("citations", "bands", "changes"):
        sent |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    if measure:
        measure = Measure.objects.get(pk=measure.pk)
        newest = measure.changes.first()
        sent |= {"title_en": measure.title_en, "summary_en": measure.summary_en, "slug": measure.slug}
        sent |= {"countries": [country.pk for country in measure.countries.all()]}
        sent |= {"based_on": newest.pk if newest else 0}
        for prefix, rows, names in (
            ("citations", measure.citations.all(), ("id", "source_id", "locator", "note", "position")),
            ("bands", measure.bands.all(), ("id", "role", "label", "bandwidth", "holder", "terms", "position")),
        ):
            sent |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
            for place, row in enumerate(rows):
                sent |= {f"{prefix}-{place}-{name.removesuffix('_id')}": getattr(row, name) for name in names}
                sent |= {f"{prefix}-{place}-measure": measure.pk}
    return sent | fields


def address_of(measure):
    return reverse("admin:practices_measure_change", args=[measure.pk])


def edited_draft(**fields):
    """A draft that somebody has saved once."""
    measure = make_measure(status="draft", **fields)
    with workflow.change(measure, by=UserFactory(), action=Action.CREATED):
        pass
    return measure


def edit_meanwhile(measure, **fields):
    other = UserFactory(email="other@example.org")
    measure = Measure.objects.get(pk=measure.pk)
    with workflow.change(measure, by=other, action=Action.EDITED):
        for name, value in fields.items():
            setattr(measure, name, value)


# Dates


def test_a_date_in_words_is_kept_as_precisely_as_it_was_written(client, publisher):
    response = client.post(ADD, form_of(announced_on="April 2020", starts_on="17.4.2020", ends_on="2020"))
    assert response.status_code == 302, response.context["errors"]
    measure = Measure.objects.get()
    dates = [measure.announced_on, measure.starts_on, measure.ends_on]
    assert [date.isoformat() for date in dates] == ["2020-04", "2020-04-17", "2020"]


def test_a_form_that_comes_back_says_beneath_each_date_what_it_understood(client, publisher):
    page = client.post(ADD, form_of(title_en="", announced_on="apr 2020", starts_on="04/05/2020")).content.decode()
    assert "Understood: April 2020" in page
    assert "4 May 2020 in some countries and 5 April 2020 in others" in page


def test_the_desk_is_told_of_a_date_while_it_is_typed_and_visitors_are_not(client, publisher):
    address = reverse("admin:practices_measure_written_date")
    assert client.get(address, {"text": "17 avril 2020"}).json() == {"understood": "Understood: 17 April 2020"}
    assert "Write 2020-05-04 or 2020-04-05" in client.get(address, {"text": "4/5/2020"}).json()["refused"]
    assert client.get(address).json() == {"understood": ""}
    client.logout()
    assert client.get(address).status_code == 302


# Spectrum


def band(**fields):
    return {"bands-TOTAL_FORMS": 1, "bands-0-role": "granted", "bands-0-label": "700 MHz", "bands-0-position": 0} | {
        f"bands-0-{name}": value for name, value in fields.items()
    }


def test_the_edges_of_a_band_are_typed_in_one_line(client, publisher):
    response = client.post(ADD, form_of(**band(ranges="758–788 MHz, 703-733; 3.4 to 3.6 GHz")))
    assert response.status_code == 302, response.context["inline_admin_formsets"][1].formset.errors
    assert [str(edges) for edges in SpectrumRange.objects.all()] == ["703–733 MHz", "758–788 MHz", "3400–3600 MHz"]


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ("700", "“700” is not a range. Write the lower and the upper edge in MHz, for instance 703-733."),
        ("703-733, ab-cd", "“ab-cd” is not a range."),
        ("733-703", "the upper edge must be above the lower one"),
        ("0-703", "the upper edge must be above the lower one"),
        ("703.1234-733", "to the kHz at most"),
        ("703-99999999", "to the kHz at most"),
    ],
)
def test_edges_that_are_none_are_refused_with_what_would_be_right(client, publisher, ranges, told):
    assert told in client.post(ADD, form_of(**band(ranges=ranges))).content.decode()
    assert not Measure.objects.exists()


def test_edges_that_stay_keep_where_they_come_from_and_the_others_are_the_editors(client, publisher):
    measure = edited_draft()
    kept = SpectrumBandFactory(measure=measure, ranges=[("703", "733"), ("758", "788")])
    kept.ranges.update(nominal=True, basis="Region 1")
    sent = form_of(measure, **{"bands-0-ranges": "703-733, 760-788"})
    assert client.post(address_of(measure), sent).status_code == 302
    edges = {str(edges): edges.nominal for edges in SpectrumRange.objects.all()}
    assert edges == {"703–733 MHz": True, "760–788 MHz": False}


# Sources


def test_an_address_finds_its_source_and_no_other(client, publisher):
    known = SourceFactory(url="https://authority.example/news/1")
    SourceFactory(url="https://authority.example/news/12")
    query = {"app_label": "practices", "model_name": "citation", "field_name": "source"}

    def results(term):
        return [row["id"] for row in client.get("/admin/autocomplete/", query | {"term": term}).json()["results"]]

    assert results("HTTPS://Authority.example:443/news/1#page=2") == [str(known.pk)]
    assert results("https://authority.example/news/3") == []
    assert len(results("authority.example")) == 2


def test_the_form_of_a_new_source_takes_the_address_that_was_pasted(client, publisher):
    page = client.get(reverse("admin:practices_source_add"), {"_popup": 1, "url": "https://new.example/1"})
    assert 'value="https://new.example/1"' in page.content.decode()


# Duplicates


def test_what_may_be_recorded_already_is_told_while_a_record_is_written(client, publisher):
    made = make_measure(title="Kenya lends spectrum to operators", announced_on="2020-04")
    address = reverse("admin:practices_measure_duplicates")
    assert made.title in client.post(address, form_of(announced_on="17 April 2020")).content.decode()
    assert made.title not in client.post(f"{address}?record={made.pk}", form_of(made)).content.decode()
    assert (
        client.post(address, {"title_en": "Kenya", "countries": "9" * 40, "announced_on": "soon"}).content.strip()
        == b""
    )


def test_duplicates_are_told_to_those_who_write_records_alone(client):
    address = reverse("admin:practices_measure_duplicates")
    assert client.post(address).status_code == 302
    client.force_login(UserFactory())
    assert client.post(address).status_code == 403


def test_a_record_that_may_be_recorded_already_is_saved_with_a_warning(client, publisher):
    made = make_measure(title="Kenya lends spectrum to operators")
    page = client.post(ADD, form_of(), follow=True).content.decode()
    assert Measure.objects.count() == 2
    assert "Perhaps it is recorded already" in page
    assert made.get_absolute_url() in page


# Preview


def test_a_preview_shows_the_public_page_and_keeps_nothing(client, publisher):
    source = SourceFactory(title="The decree")
    cited = {"citations-TOTAL_FORMS": 1, "citations-0-source": source.pk, "citations-0-position": 0}
    response = client.post(ADD, form_of(_preview="", title_en="Never saved", announced_on="April 2020", **cited))
    page = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Never saved</h1>" in page
    for told in ("The decree", "April 2020", '<meta name="robots" content="noindex">', "Preview."):
        assert told in page
    assert "no-store" in response.headers["Cache-Control"]
    assert not Measure.objects.exists()


def test_a_preview_of_a_public_record_changes_nothing_for_its_readers(client, publisher):
    measure = make_measure(title="Public text")
    sent = form_of(measure, _preview="", title_en="Other text")
    version = CatalogueVersion.objects.get().number
    response = client.post(address_of(measure), sent)
    assert "<h1>Other text</h1>" in response.content.decode()
    assert CatalogueVersion.objects.get().number == version
    assert measure.changes.count() == 1
    assert "Public text" in client.get(measure.get_absolute_url()).content.decode()
    assert "Other text" not in client.get("/measures/").content.decode()


def test_a_preview_of_what_is_not_valid_says_what_is_wrong(client, publisher):
    response = client.post(ADD, form_of(_preview="", title_en=""))
    assert response.context["adminform"].form.errors["title_en"]


def test_only_public_records_lead_to_their_public_page(client, publisher):
    draft, public = make_measure(status="draft"), make_measure()
    assert client.get(address_of(draft)).context["absolute_url"] is None
    assert client.get(address_of(public)).context["absolute_url"]


# The next in the queue


def go_on(client, measure, filters=None):
    query = {"_changelist_filters": filters} if filters else {}
    address = reverse("admin:practices_measure_change", args=[measure.pk], query=query)
    return client.post(address, form_of(measure, _next=""), follow=True)


def test_after_a_save_the_next_of_the_filtered_list_opens(client, publisher):
    for name in ("first", "second", "other"):
        make_measure(status="draft", title=name, slug=name, countries=["PER"])
    first, second, other = Measure.objects.order_by("pk")
    with workflow.change(first, by=publisher, action=Action.EDITED):
        pass  # the newest is at the top of the list
    other.tags.add("lte")
    response = go_on(client, first, "status__exact=draft&q=first&o=1")
    assert response.redirect_chain[-1][0].startswith("/admin/practices/measure/?status__exact=draft")
    assert "That was the last record of the list" in response.content.decode()
    response = go_on(client, first, "status__exact=draft&o=1")
    assert response.redirect_chain[-1][0].startswith(address_of(other))
    response = go_on(client, other, "status__exact=draft&o=1")
    assert response.redirect_chain[-1][0].startswith(address_of(second))


def test_without_a_list_the_oldest_in_review_is_next(client, publisher):
    draft = make_measure(status="draft")
    oldest, newer = make_measure(status="in-review"), make_measure(status="in-review")
    assert go_on(client, draft).redirect_chain[-1][0] == address_of(oldest)
    assert go_on(client, oldest).redirect_chain[-1][0] == address_of(newer)
    assert "That was the last record" in go_on(client, Measure.objects.order_by("-updated_at")[0]).content.decode()


def test_a_list_that_cannot_be_made_again_is_as_if_there_was_none(client, publisher):
    draft, waiting = make_measure(status="draft"), make_measure(status="in-review")
    assert go_on(client, draft, "no_such_field=1").redirect_chain[-1][0].startswith(address_of(waiting))


# Two at once


def test_a_stale_save_is_refused_shows_what_is_new_and_keeps_the_text(client, publisher):
    measure = edited_draft(title="Old title", summary="Old summary.")
    stale = form_of(measure, summary_en="My summary.")
    edit_meanwhile(measure, summary_en="Their summary.", title_en="Their title")
    response = client.post(address_of(measure), stale)
    page = response.content.decode()
    assert Measure.objects.get().summary == "Their summary."
    assert "Nothing was saved: somebody else has changed this record" in page
    assert "other@example.org" in page
    form = response.context["adminform"].form
    assert ("Summary [en]", "Old summary.", "Their summary.", "My summary.") in form.conflict.rows
    assert form["summary_en"].value() == "My summary."


def test_what_the_writer_had_not_changed_is_taken_over_and_the_next_save_holds(client, publisher):
    measure = edited_draft(title="Old title", summary="Old summary.")
    stale = form_of(measure, summary_en="My summary.")
    edit_meanwhile(measure, title_en="Their title")
    form = client.post(address_of(measure), stale).context["adminform"].form
    assert form["title_en"].value() == "Their title"
    sent = stale | {"title_en": form["title_en"].value(), "based_on": form["based_on"].value()}
    assert client.post(address_of(measure), sent).status_code == 302
    measure.refresh_from_db()
    assert (measure.title, measure.summary) == ("Their title", "My summary.")


def test_a_form_that_does_not_say_what_it_is_based_on_is_stale(client, publisher):
    measure = edited_draft(title="Old title")
    sent = form_of(measure, title_en="New title")
    del sent["based_on"]
    assert "Nothing was saved" in client.post(address_of(measure), sent).content.decode()
    assert Measure.objects.get().title == "Old title"


def test_a_step_of_the_workflow_meanwhile_is_told_too(client, publisher):
    measure = edited_draft()
    stale = form_of(measure)
    workflow.submit(measure, by=UserFactory(email="other@example.org"))
    page = client.post(address_of(measure), stale).content.decode()
    assert "only where it stands has changed" in page
    measure.refresh_from_db()
    assert measure.status == Status.IN_REVIEW


def test_a_source_that_was_removed_meanwhile_stays_in_the_writers_form(client, publisher):
    measure = edited_draft(sources=2)
    stale = form_of(measure, **{"citations-0-note": "My note"})
    gone = measure.citations.first()
    with workflow.change(measure, by=UserFactory(), action=Action.EDITED):
        gone.delete()
    response = client.post(address_of(measure), stale)
    formset = response.context["inline_admin_formsets"][0].formset
    assert formset.errors == [{}, {}]
    sent = {f"citations-{form.prefix[-1]}-{name}": form[name].value() for form in formset for name in form.fields}
    sent |= {"citations-TOTAL_FORMS": 2, "citations-INITIAL_FORMS": 1}
    based_on = response.context["adminform"].form["based_on"].value()
    again = client.post(address_of(measure), stale | {k: v or "" for k, v in sent.items()} | {"based_on": based_on})
    assert again.status_code == 302, again.context["inline_admin_formsets"][0].formset.errors
    assert set(measure.sources.all()) == set(Source.objects.all())
    assert measure.citations.get(source=gone.source).note == "My note"


def test_the_last_source_that_was_removed_meanwhile_does_not_come_back_unasked(client, publisher):
    measure = edited_draft()
    stale = form_of(measure)
    cite(measure, ["official"])
    assert client.post(address_of(measure), stale).status_code == 302
    assert measure.citations.count() == 2


def test_the_form_of_a_record_with_many_sources_and_bands_takes_as_many_queries_as_of_one_with_few(
    client, publisher, django_assert_num_queries
):
    few, many = make_measure(sources=1), make_measure(sources=6)
    for measure, number in ((few, 1), (many, 6)):
        for place in range(number):
            SpectrumBandFactory(measure=measure, position=place)
    client.get(address_of(few))
    with CaptureQueriesContext(connection) as captured:
        client.get(address_of(few))
    with django_assert_num_queries(len(captured)):
        client.get(address_of(many))


# The list


def test_the_list_says_where_by_whom_and_how_far_in_as_many_queries_for_many_as_for_one(
    client, publisher, django_assert_num_queries
):
    address = reverse("admin:practices_measure_changelist")
    make_measure(countries=["KEN"], status="draft", author=publisher)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        make_measure(countries=["KEN", "GHA"], title=f"Measure of two {number}")
    with django_assert_num_queries(len(few)):
        page = client.get(address).content.decode()
    assert "Country GHA, Country KEN" in page or "Country KEN, Country GHA" in page
    assert "Draft" in page
    assert publisher.email in page


def test_the_list_finds_records_by_the_address_of_a_source_and_by_organization(client, publisher):
    source = SourceFactory(url="https://authority.example/decree")
    make_measure(title="Cites the decree", sources=[source])
    make_measure(title="Cites another")
    page = client.get(reverse("admin:practices_measure_changelist"), {"q": "authority.example"}).content.decode()
    assert "Cites the decree" in page
    assert "Cites another" not in page


def test_a_contributor_writes_and_previews_a_draft(client):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_measure", "change_measure", "view_measure"]))
    client.force_login(user)
    assert "<h1>Kenya lends spectrum</h1>" in client.post(ADD, form_of(_preview="")).content.decode()
    assert client.post(ADD, form_of()).status_code == 302
    assert Measure.objects.get().author == user


def test_a_choice_that_nobody_has_made_is_asked_for_and_not_taken_to_be_the_first(client, publisher):
    for address, field in ((ADD, "scope"), ("/admin/practices/source/add/", "kind")):
        form = client.get(address).context["adminform"].form
        assert form[field].field.choices[0] == ("", "Select value")
    client.post(ADD, form_of(scope=""))
    assert not Measure.objects.exists()
