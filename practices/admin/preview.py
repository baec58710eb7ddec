"""The public page of a record as it would be, for the desk alone."""

from practices.models import Measure
from practices.views import MeasureView


class PreviewView(MeasureView):
    """The page of a record that is saved within the transaction and not public, or not as it is shown.

    It reads nothing from the index: that would show readers what the transaction undoes.
    """

    template_name = "practices/measure_preview.html"

    def get_queryset(self):
        return Measure.objects.with_page()

    def related(self):
        return [], []

    def post(self, request, *args, **kwargs):
        """The form of the record asks, with what it has to say."""
        return self.get(request, *args, **kwargs)
