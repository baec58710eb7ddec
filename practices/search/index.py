"""Keeping the index in step: which words of which records the engine has.

The index holds the own text of published measures, and nothing of any other record. What measures point at
(countries, organizations, types ...) is found by its name when somebody searches, so that it can be renamed.
"""

from itertools import batched

from django.conf import settings
from django.db import connection, transaction
from django.db.models import signals

from practices.choices import Status
from practices.models import Citation, Measure, SearchWord, Source, SpectrumBand
from practices.search.engine import Document, engine_of
from practices.search.words import MOST, words_of

LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES]
TITLES = [f"title_{language}" for language in LANGUAGES]
TEXTS = [f"{field}_{language}" for field in ("summary", "outcome") for language in LANGUAGES]
AT_ONCE = 2000  # measures whose texts are in memory at a time


def keep(measure_ids):
    """Bring the index in step with the database for the measures ``measure_ids``, within the present transaction."""
    ids = list(measure_ids)
    engine = engine_of(connection)
    with transaction.atomic():
        for some in batched(ids, AT_ONCE):
            engine.delete(some)
            documents = list(documents_of(some))
            engine.write(documents)
            _add_words({word for document in documents for word in spelt(document)})


def rebuild(progress=None):
    """Make the index anew from the database. Returns how many measures it has.

    ``progress`` is called with the number of measures done, now and then. Readers find what was there before until
    all is done; who publishes meanwhile waits.
    """
    done, words = 0, set()

    def documents():
        nonlocal done
        ids = Measure.objects.published().order_by("pk").values_list("pk", flat=True)
        for some in batched(list(ids), AT_ONCE):
            for document in documents_of(some):
                words.update(spelt(document))
                yield document
            done += len(some)
            if progress:
                progress(done)

    with transaction.atomic():
        engine_of(connection).replace_all(documents())
        SearchWord.objects.all().delete()
        _add_words(words)
    return done


def _add_words(words):
    # In one order, so that two who publish at a time never wait for each other.
    rows = (SearchWord(word=word) for word in sorted(words))
    for some in batched(rows, AT_ONCE):
        SearchWord.objects.bulk_create(some, ignore_conflicts=True)


def documents_of(ids):
    """The documents of those of ``ids`` that are published, in the order of their ids."""
    details = {}
    for measure, label in SpectrumBand.objects.filter(measure__in=ids).values_list("measure_id", "label"):
        details.setdefault(measure, []).append((label, "en"))
    citations = Citation.objects.filter(measure__in=ids)
    for measure, title, language, publisher in citations.values_list(
        "measure_id", "source__title", "source__language", "source__publisher"
    ):
        details.setdefault(measure, []).extend([(title, language), (publisher, "")])
    measures = Measure.objects.filter(pk__in=ids, status=Status.PUBLISHED).order_by("pk")
    # Straight from the columns: through the model, each text would be what it falls back to.
    for pk, *texts in measures.values_list("pk", *TITLES, *TEXTS):
        titles, rest = texts[: len(TITLES)], texts[len(TITLES) :]
        yield Document(
            pk,
            [
                _field(zip(titles, LANGUAGES, strict=True)),
                _field(zip(rest, LANGUAGES * 2, strict=True)),
                _field(details.get(pk, ())),
            ],
        )


def _field(texts):
    words = []
    for text, language in texts:
        if text:
            words += [None, *words_of(text, language)] if words else words_of(text, language)
    return words[:MOST]


def spelt(document):
    """The words of a document's title and text that somebody may misspell."""
    for words in document.fields[:2]:
        for word in words:
            if word and is_spelt(word.form):
                yield word.form


def is_spelt(form):
    """Whether ``form`` is of letters, and enough of them to be misspelt."""
    return len(form) > 2 and form.isalpha()


def keep_citing(sender, instance, created, raw=False, **kwargs):
    """Index the measures that rest on a source anew when its words have changed (a post_save receiver)."""
    if not created and not raw and instance.__dict__.get("_indexed_words") != _words_of_source(instance):
        keep(Measure.objects.published().filter(citations__source=instance).values_list("pk", flat=True))
    _remember(sender, instance)


def _remember(sender, instance, **kwargs):
    instance._indexed_words = _words_of_source(instance)


def _words_of_source(source):
    # What was not fetched has not been changed either, or will be taken for a change: both are right.
    return tuple(source.__dict__.get(name) for name in ("title", "publisher", "language"))


def forget_deleted(sender, instance, **kwargs):
    """A post_delete receiver of measures."""
    engine_of(connection).delete([instance.pk])


def fill_empty_index(sender, **kwargs):
    """Index a database that had records before it had a search (a post_migrate receiver)."""
    tables = connection.introspection.table_names()
    if SearchWord._meta.db_table in tables and engine_of(connection).is_empty():
        rebuild()


def connect(app):
    """Listen to what changes words without ``practices.workflow``. ``app`` is the configuration of ``practices``."""
    signals.post_migrate.connect(fill_empty_index, sender=app, dispatch_uid="search_fill_empty_index")
    signals.post_init.connect(_remember, sender=Source, dispatch_uid="search_remember_source")
    signals.post_save.connect(keep_citing, sender=Source, dispatch_uid="search_keep_citing")
    signals.post_delete.connect(forget_deleted, sender=Measure, dispatch_uid="search_forget_deleted")
