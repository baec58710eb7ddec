"""What a version of a measure holds: the record with its citations, bands, ranges and tags."""

import reversion


def register():
    """Tell django-reversion which records make up a version. Called once, when the app is ready."""
    from practices.models import Citation, Measure, SpectrumBand, SpectrumRange, TaggedMeasure

    reversion.register(Measure, follow=("citations", "bands", "tagged"), exclude=("tags", "sources"))
    reversion.register(SpectrumBand, follow=("ranges",))
    for model in (Citation, SpectrumRange, TaggedMeasure):
        reversion.register(model)
