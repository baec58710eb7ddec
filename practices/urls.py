"""Public addresses of the catalogue. They keep their meaning for ever."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from practices import feeds, views
from practices.exports import FORMATS
from practices.exports.views import DownloadView, MeasureDataView
from practices.releases.views import DataView, ReleasedFileView

app_name = "practices"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("suggestions/", views.SuggestionsView.as_view(), name="suggestions"),
    path("measures/", views.MeasureListView.as_view(), name="measure_list"),
    path("measures.atom", feeds.AtomView.as_view(), name="measure_atom"),
    path("measures.feed.json", feeds.JsonFeedView.as_view(), name="measure_json_feed"),
    path("measures/by/<slug:name>/", views.FacetView.as_view(), name="facet"),
    re_path(rf"^measures\.(?P<ending>{'|'.join(FORMATS)})$", DownloadView.as_view(), name="download"),
    path("measures/<slug:slug>.json", MeasureDataView.as_view(), name="measure_data"),
    path("measures/<slug:slug>/", views.MeasureView.as_view(), name="measure_detail"),
    path("topics/", views.TopicListView.as_view(), name="topic_list"),
    path("topics/<slug:slug>/", views.TopicView.as_view(), name="topic_detail"),
    path("types/<slug:slug>/", views.TypeView.as_view(), name="type_detail"),
    path("crises/", views.CrisisListView.as_view(), name="crisis_list"),
    path("crises/<slug:slug>/", views.CrisisView.as_view(), name="crisis_detail"),
    path("organizations/", views.OrganizationListView.as_view(), name="organization_list"),
    path("organizations/<slug:slug>/", views.OrganizationView.as_view(), name="organization_detail"),
    path("sources/<int:pk>/", views.SourceView.as_view(), name="source_detail"),
    path("tags/", views.TagListView.as_view(), name="tag_list"),
    path("tags/<slug:slug>/", views.TagView.as_view(), name="tag_detail"),
    path("coverage/", views.CoverageView.as_view(), name="coverage"),
    path("follow/", views.FollowView.as_view(), name="follow"),
    path("follow/confirm/<str:token>/", views.FollowLinkView.as_view(), name="follow_confirm"),
    # Mail programs send no token of a form; the link itself is what nobody can guess.
    path("follow/stop/<str:token>/", csrf_exempt(views.FollowLinkView.as_view(stopping=True)), name="follow_stop"),
    path("compare/", views.CompareView.as_view(), name="compare"),
    path("bands/", views.BandsView.as_view(), name="bands"),
    path("data/", DataView.as_view(), name="data"),
    path("data/releases/<str:release>/<str:name>", ReleasedFileView.as_view(), name="released_file"),
    path("about/", views.AboutView.as_view(), name="about"),
]
