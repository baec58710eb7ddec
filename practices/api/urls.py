"""Addresses of the API. They keep their meaning for ever."""

from django.urls import path

from practices.api import views
from practices.api.documentation import DocumentationView, SchemaView, YamlSchemaView

app_name = "api"
urlpatterns = [
    path("", DocumentationView.as_view(), name="documentation"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("schema.yaml", YamlSchemaView.as_view(), name="schema_yaml"),
    path("measures/", views.MeasureListView.as_view(), name="measures"),
    path("measures/<slug:slug>/", views.MeasureView.as_view(), name="measure"),
    path("facets/", views.FacetsView.as_view(), name="facets"),
    path("coverage/", views.CoverageView.as_view(), name="coverage"),
    path("sources/", views.SourceListView.as_view(), name="sources"),
    path("sources/<int:id>/", views.SourceView.as_view(), name="source"),
]
for parameter, (plural, records, serializer) in views.RECORDS.items():
    known = {"parameter": parameter, "records": records, "record_serializer": serializer}
    name = records.model._meta.verbose_name
    article = "an" if name[0] in "aeiou" else "a"
    whole = views.PAGED.get(parameter, views.RecordListView)
    urlpatterns += [
        path(f"{plural}/", whole.as_view(**known, summary=f"List {plural}"), name=plural),
        path(
            f"{plural}/<slug:code>/",
            views.RecordView.as_view(**known, summary=f"Get {article} {name}"),
            name=parameter,
        ),
    ]
