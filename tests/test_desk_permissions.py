"""Who may do what at the desk: every page, every action, every role. What has no row here fails."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import get_resolver, reverse

from accounts.models import User
from accounts.roles import ADMINISTRATOR, CONTRIBUTOR, EDITOR, PERMISSIONS, PUBLISHER
from practices import workflow
from practices.choices import Action
from practices.content import content_of
from practices.models import Coverage, Measure
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    TagFactory,
    TopicFactory,
    UserFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db

ALL = {CONTRIBUTOR, EDITOR, PUBLISHER, ADMINISTRATOR}
WRITERS = {CONTRIBUTOR, EDITOR, PUBLISHER}
EDITORS = {EDITOR, PUBLISHER}
PUBLISHERS = {PUBLISHER}
ADMINISTRATORS = {ADMINISTRATOR}
NOBODY = set()

# The pages of a model: who may see, add, change and delete a record of it that nothing uses.
CODEBOOK = {"view": ALL, "add": ADMINISTRATORS, "change": ADMINISTRATORS, "delete": ADMINISTRATORS}
NAMED = {"view": ALL, "add": WRITERS, "change": EDITORS, "delete": PUBLISHERS}
MODELS = {
    "practices_measure": {"view": ALL, "add": WRITERS, "change": WRITERS, "delete": WRITERS},
    # Made by the form of a public record, decided on with words: tests of their own say by whom.
    "practices_proposal": {"view": EDITORS, "add": NOBODY, "change": NOBODY, "delete": NOBODY},
    "practices_source": NAMED,
    "practices_organization": NAMED,
    "practices_tag": NAMED,
    "practices_coverage": {"view": ALL, "add": EDITORS, "change": EDITORS, "delete": EDITORS},
    "practices_topic": CODEBOOK,
    "practices_measuretype": CODEBOOK,
    "practices_beneficiary": CODEBOOK,
    "practices_crisis": CODEBOOK,
    "countries_country": CODEBOOK,
    "countries_group": CODEBOOK,
    "accounts_user": dict.fromkeys(["view", "add", "change", "delete"], ADMINISTRATORS),
    "auth_group": {"view": ADMINISTRATORS, "add": NOBODY, "change": NOBODY, "delete": NOBODY},
}
# What opening a page of a model asks for, and sending its form.
PAGES = {
    "changelist": ("view", None),
    "add": ("add", "add"),
    "history": ("view", None),
    "change": ("view", "change"),
    "delete": ("delete", "delete"),
}
# The further pages of a measure: as above.
PAGES_OF_MEASURES = {
    "comment": (None, "work"),
    "restore": ("change", "change"),
    "submit": ("work", "work"),
    "return_to_author": ("review", "review"),
    "publish": ("publish", "publish"),
    "verify": ("publish", "publish"),
    "withdraw": ("publish", "publish"),
}
STEPS = {"submit", "return_to_author", "publish", "verify", "withdraw"}
# Measures: who may comment on one and submit it ("work") depends on whose it is, who reviews and publishes does not.
# To change a public one is to propose a revision.
REVIEWED = {"review": EDITORS, "publish": PUBLISHERS}
MEASURES = {
    "an own draft": {"view": ALL, "change": WRITERS, "delete": WRITERS, "work": WRITERS},
    "an own record in review": {"view": ALL, "change": EDITORS, "delete": EDITORS, "work": WRITERS},
    "an own withdrawn record": {"view": ALL, "change": EDITORS, "delete": NOBODY, "work": WRITERS},
    "a draft of somebody else": {"view": EDITORS, "change": EDITORS, "delete": EDITORS, "work": EDITORS},
    "a record of somebody else in review": {"view": EDITORS, "change": EDITORS, "delete": EDITORS, "work": EDITORS},
    "an own published record": {"view": ALL, "change": EDITORS, "delete": NOBODY, "work": WRITERS},
    "a published record of somebody else": {"view": ALL, "change": EDITORS, "delete": NOBODY, "work": EDITORS},
}
# Records of which a role may do less than its model says.
RECORDS = {
    **{row: may | REVIEWED for row, may in MEASURES.items()},
    "a source that readers see": {"view": ALL, "change": PUBLISHERS, "delete": NOBODY},
    "an organization that readers see": {"view": ALL, "change": PUBLISHERS, "delete": NOBODY},
    "a tag that readers see": {"view": ALL, "change": PUBLISHERS, "delete": NOBODY},
    "one's own account": {"view": ADMINISTRATORS, "change": ADMINISTRATORS, "delete": NOBODY},
    "a superuser's account": {"view": ADMINISTRATORS, "change": NOBODY, "delete": NOBODY},
}
# The pages of the desk itself, and who may open them once signed in.
SITE = {
    "index": ALL,
    "guide": ALL,
    "search": ALL,
    "jsi18n": ALL,
    "password_change_done": ALL,
    # These lead elsewhere; tests of their own say where.
    "login": NOBODY,
    "logout": NOBODY,
    "password_change": NOBODY,
    "autocomplete": NOBODY,
    "view_on_site": NOBODY,
    "app_list": NOBODY,
}
# Pages beside the records: what they need in their address, who may open them, and who may send something there.
BESIDE = {
    "practices_measure_import": ([], WRITERS, WRITERS),
    "practices_measure_process_import": ([], NOBODY, WRITERS),
    "practices_measure_import_template": (["template", "csv"], WRITERS, NOBODY),
    "practices_measure_export": ([], ALL, ALL),
    "practices_measure_duplicates": ([], WRITERS, WRITERS),
    "practices_measure_written_date": ([], ALL, ALL),
    "practices_coverage_matrix": ([], ALL, EDITORS),
}
# Bulk actions, and buttons of a record's form.
ACTIONS = {
    "practices_measure": {
        "submit": WRITERS,
        "return_to_author": EDITORS,
        "publish": PUBLISHERS,
        "verify": PUBLISHERS,
        "withdraw": PUBLISHERS,
        "delete_selected": WRITERS,
        "export_csv": ALL,
        "export_xlsx": ALL,
    },
    "practices_source": {
        "check_now": EDITORS,
        "take_new_address": EDITORS,
        "mark_read": EDITORS,
        "delete_selected": PUBLISHERS,
    },
    **{
        name: {"delete_selected": may["delete"]}
        for name, may in MODELS.items()
        if name not in ("practices_measure", "practices_source", "accounts_user")
    },
    "accounts_user": {"send_link": ADMINISTRATORS, "remove_second_factor": ADMINISTRATORS},
}


@pytest.fixture(params=list(PERMISSIONS))
def role(request):
    return request.param


@pytest.fixture
def user(role):
    user = UserFactory(email=f"{role}@example.org")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def records(user):
    """One record for each row: (name of its model, record)."""
    other = UserFactory()
    source, organization, tag = SourceFactory(), OrganizationFactory(), TagFactory()
    measure = "practices_measure"
    public = make_measure(author=other)
    coverage = Coverage.objects.create(
        country=CountryFactory(),
        topic=TopicFactory(),
        crisis=CrisisFactory(),
        searched_on="2020-05-01",
        searched_by=other,
    )
    return {
        "practices_measure": (measure, make_measure(status="draft", author=user)),
        "practices_proposal": ("practices_proposal", proposal_of(public, other)),
        "practices_source": ("practices_source", SourceFactory()),
        "practices_organization": ("practices_organization", OrganizationFactory()),
        "practices_tag": ("practices_tag", TagFactory()),
        "practices_coverage": ("practices_coverage", coverage),
        "practices_topic": ("practices_topic", TopicFactory()),
        "practices_measuretype": ("practices_measuretype", MeasureTypeFactory()),
        "practices_beneficiary": ("practices_beneficiary", BeneficiaryFactory()),
        "practices_crisis": ("practices_crisis", CrisisFactory()),
        "countries_country": ("countries_country", CountryFactory()),
        "countries_group": ("countries_group", GroupFactory()),
        "accounts_user": ("accounts_user", UserFactory()),
        "auth_group": ("auth_group", Group.objects.get(name=EDITOR)),
        "an own draft": (measure, edited(make_measure(status="draft", author=user))),
        "an own record in review": (measure, edited(make_measure(status="in-review", author=user))),
        "an own withdrawn record": (measure, edited(make_measure(status="withdrawn", author=user))),
        "a draft of somebody else": (measure, edited(make_measure(status="draft", author=other))),
        "a record of somebody else in review": (measure, edited(make_measure(status="in-review", author=other))),
        "an own published record": (
            measure,
            make_measure(author=user, sources=[source], organizations=[organization], tags=[tag]),
        ),
        "a published record of somebody else": (measure, public),
        "a source that readers see": ("practices_source", source),
        "an organization that readers see": ("practices_organization", organization),
        "a tag that readers see": ("practices_tag", tag),
        "one's own account": ("accounts_user", user),
        "a superuser's account": ("accounts_user", UserFactory(is_superuser=True)),
    }


def edited(measure):
    """``measure``, of which somebody has saved a version."""
    with workflow.change(measure, by=measure.author, action=Action.EDITED):
        return measure


def proposal_of(measure, by):
    content = content_of(measure) | {"title_en": "Another title"}
    return workflow.propose(measure, content, by=by, based_on=measure.changes.first().pk, public_note="Corrected.")


def names_of_pages():
    """The names of all addresses of the desk. One without a name is a redirect to a page that has one."""
    patterns = next(item for item in get_resolver().url_patterns if getattr(item, "namespace", "") == "admin")

    def walk(resolver):
        for item in resolver.url_patterns:
            yield from walk(item) if hasattr(item, "url_patterns") else [item.name]

    return {name for name in walk(patterns) if name}


def pages_of(row):
    """What opening and sending each page of the record of ``row`` asks for."""
    if row in MODELS:
        return PAGES
    pages = {page: needed for page, needed in PAGES.items() if page not in ("changelist", "add")}
    return pages | PAGES_OF_MEASURES if row in MEASURES else pages


def address_of(model, page, record):
    if page in STEPS:
        return reverse("admin:practices_measure_step", args=[record.pk, page])
    if page == "restore":
        return reverse("admin:practices_measure_restore", args=[record.pk, record.changes.first().pk])
    return reverse(f"admin:{model}_{page}", args=[] if page in ("changelist", "add") else [record.pk])


def outcome(response):
    """``open``, ``refused`` or where it leads; a record that is hidden is as one that is not there."""
    if response.status_code == 302:
        address = response.headers["Location"]
        return "refused" if address == "/admin/" else "open" if address.startswith("/admin/practices/") else address
    return {200: "open", 403: "refused", 404: "refused", 405: "refused"}.get(response.status_code, response.status_code)


def send(client, page, address):
    """Send what the page does not take, so that nothing is done."""
    return client.post(address, {"based_on": "nothing"} if page in PAGES_OF_MEASURES else {})


def test_every_page_of_the_desk_has_a_row():
    rows = {f"{model}_{page}" for model in MODELS for page in PAGES} | set(SITE) | set(BESIDE)
    rows |= {f"practices_measure_{'step' if page in STEPS else page}" for page in PAGES_OF_MEASURES}
    assert names_of_pages() - rows == set()
    assert rows - names_of_pages() == set()


def test_each_role_opens_and_sends_what_its_rows_say_and_nothing_else(client, role, user, records):
    client.force_login(user)
    before, wrong = list(Measure.objects.order_by("pk").values()), {}
    for row, (model, record) in records.items():
        may = MODELS.get(row) or RECORDS[row]
        for page, (to_open, to_send) in pages_of(row).items():
            address = address_of(model, page, record)
            if to_open and (found := outcome(client.get(address))) != ("open" if role in may[to_open] else "refused"):
                wrong[row, page, "get"] = found
            if to_send and (found := outcome(send(client, page, address))) != (
                "open" if role in may[to_send] else "refused"
            ):
                wrong[row, page, "post"] = found
    assert wrong == {}
    assert list(Measure.objects.order_by("pk").values()) == before
    assert set(MODELS) | set(RECORDS) == set(records)


def test_each_role_opens_the_pages_of_the_desk_itself(client, role, user):
    client.force_login(user)
    found = {page: outcome(client.get(reverse(f"admin:{page}"))) for page, roles in SITE.items() if role in roles}
    assert set(found.values()) == {"open"}, found


def test_each_role_opens_and_sends_what_stands_beside_the_records_by_its_rows(client, role, user):
    client.force_login(user)
    found, expected = {}, {}
    for page, (arguments, to_open, to_send) in BESIDE.items():
        address = reverse(f"admin:{page}", args=arguments)
        found[page] = outcome(client.get(address)), outcome(client.post(address))
        expected[page] = tuple("open" if role in roles else "refused" for roles in (to_open, to_send))
    assert found == expected


def test_visitors_are_asked_to_sign_in_whatever_they_open_or_send(client, records):
    for row, (model, record) in records.items():
        for page in pages_of(row):
            for method in (client.get, client.post):
                assert method(address_of(model, page, record)).headers["Location"].startswith("/admin/login/?next=/")
    arguments = {"view_on_site": [1, 1], "app_list": ["practices"]} | {page: row[0] for page, row in BESIDE.items()}
    for page in (set(SITE) | set(BESIDE)) - {"login", "logout"}:
        response = client.get(reverse(f"admin:{page}", args=arguments.get(page)))
        assert response.headers["Location"].startswith("/admin/login/?next=/"), page
    assert client.get(reverse("admin:login")).headers["Location"] == "/accounts/login/?next=/admin/"
    assert client.post(reverse("admin:logout")).headers["Location"] == "/admin/"


def test_an_account_that_is_not_of_the_desk_is_not_let_in(client):
    client.force_login(UserFactory(is_staff=False))
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_each_role_is_offered_the_actions_of_its_rows_and_no_others(rf, role, user):
    request = rf.get("/admin/")
    request.user = User.objects.get(pk=user.pk)
    offered, expected = {}, {}
    for model, model_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        bulk = set(model_admin.get_actions(request))
        buttons = set(model_admin.actions_submit_line) if model_admin.has_change_permission(request) else set()
        offered[name] = bulk | buttons
        expected[name] = {action for action, roles in ACTIONS[name].items() if role in roles}
    assert offered == expected


def test_an_action_that_is_not_offered_does_nothing_when_sent(client, role, user):
    client.force_login(user)
    other = UserFactory()
    measures = [make_measure(status=status, author=other) for status in ("draft", "in-review", "published")]
    before = list(Measure.objects.order_by("pk").values())
    for action, roles in ACTIONS["practices_measure"].items():
        if role not in roles or role == CONTRIBUTOR:  # contributors have these for their own records
            data = {
                "action": action,
                "_selected_action": [measure.pk for measure in measures],
                "post": "yes",
                "confirmed": "yes",
            }
            list(client.post(reverse("admin:practices_measure_changelist"), data | {"reason": "Because."}))
    assert list(Measure.objects.order_by("pk").values()) == before


def test_a_list_shows_a_contributor_no_draft_of_somebody_else(client, role, user):
    make_measure(title="Mine", status="draft", author=user)
    make_measure(title="Hidden", status="draft", author=UserFactory())
    make_measure(title="Public")
    client.force_login(user)
    body = client.get(reverse("admin:practices_measure_changelist")).content.decode()
    shown = {title for title in ("Mine", "Hidden", "Public") if f">{title}<" in body}
    assert shown == {"Mine", "Public"} | ({"Hidden"} if role in EDITORS else set())


def test_what_a_field_completes_is_what_the_role_may_see(client, role, user):
    client.force_login(user)

    def complete(model, field):
        query = {"app_label": "practices", "model_name": model, "field_name": field}
        return outcome(client.get(reverse("admin:autocomplete"), query))

    assert complete("measure", "countries") == complete("citation", "source") == "open"
    assert complete("coverage", "searched_by") == ("open" if role in ADMINISTRATORS else "refused")


def test_pages_that_lead_elsewhere_lead_there(client, user):
    client.force_login(user)
    assert client.get(reverse("admin:login")).headers["Location"] == "/admin/"
    assert client.get(reverse("admin:password_change")).headers["Location"] == "/accounts/password/change/"
    assert client.get(reverse("admin:app_list", args=["practices"])).status_code == 200
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(reverse("admin:index")).headers["Location"] == "/admin/login/?next=/admin/"
