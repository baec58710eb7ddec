"""The description of the API (OpenAPI 3.1), made from the views, their forms and their serializers."""

from django import forms
from django.http import QueryDict
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from countries.models import Country
from practices import catalogue
from practices.api.paging import LONGEST_CURSOR
from practices.api.parameters import (
    LIST,
    CursorField,
    MomentField,
    NamesField,
    values_of,
)
from practices.api.serializers import ProblemSerializer
from practices.parameters import DayField, RepeatedParameter, YearsField
from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDateFormField

SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
MOMENT = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$"
PROBLEMS = {
    400: "A parameter is not right, or there is none of that name; `faults` lists every one.",
    404: "There is no such record or page, or it is not public.",
    429: "Too many requests; the header `Retry-After` says after how many seconds to ask again.",
}
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429], description="Seconds until the next request may come."
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="Changes when the answer may have: what `If-None-Match` takes, which is answered 304 where it has not.",
)


class ApiSchema(AutoSchema):
    """What one endpoint says of itself."""

    def get_operation_id(self):
        return self.view.summary.lower().replace(" ", "_")

    def get_summary(self):
        return self.view.summary

    def get_tags(self):
        return [self.path.split("/")[3]]

    def get_response_serializers(self):
        problems = {
            (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description)
            for status, description in PROBLEMS.items()
        }
        return {200: OpenApiResponse(self.view.serializer_class, "What was asked for."), **problems}

    def _is_list_view(self, serializer=None):
        return False  # the serializer describes the whole answer

    def get_override_parameters(self):
        shown = catalogue.current()
        parameters = [
            _parameter(name, field, self.view.descriptions)
            for form in self.view.forms_for(QueryDict(), shown)
            for name, field in form.fields.items()
        ]
        return [*self._path_parameters(shown), *parameters, ETAG, RETRY_AFTER]

    def _path_parameters(self, shown):
        if "{slug}" in self.path:
            example = "zw-potraz-temporary-spectrum-2020"
            yield _in_path("slug", SLUG, "The slug of a measure, or one that it had before.", example)
        elif "{code}" in self.path:
            example = LIST[self.view.parameter][1]
            schema = {"type": "string", "pattern": "^[a-z]{3}$"} if self.view.records.model is Country else SLUG
            yield _in_path("code", schema, "The code of the record.", example)
        elif "{id}" in self.path:
            yield _in_path("id", {"type": "integer", "minimum": 1}, "The id of a source.", 1)


def _in_path(name, schema, description, example):
    return OpenApiParameter(
        name, schema, OpenApiParameter.PATH, required=True, description=description, examples=[_example(example)]
    )


def _parameter(name, field, descriptions):
    description, example = descriptions.get(name) or (field.help_text, field.example)
    schema, more = _schema_of(name, field), {}
    if schema["type"] == "array":
        example = [example] if isinstance(example, str | int) else example
        more = {"style": "form", "explode": not isinstance(field, NamesField)}
    examples = [] if example is None else [_example(example)]
    return OpenApiParameter(name, schema, description=description, examples=examples, **more)


def _example(value):
    return OpenApiExample("example", value=value)


def _schema_of(name, field):
    """What a parameter may be, as JSON Schema. Patterns let an empty text be, which is as if it were absent."""
    values = values_of(name, field)
    if isinstance(field.widget, RepeatedParameter):
        if isinstance(field, YearsField):
            item = {"type": "integer", "minimum": EARLIEST_YEAR, "maximum": LATEST_YEAR}
        else:
            item = {"type": "string", "enum": values} if values else SLUG
        return {"type": "array", "items": item}
    if isinstance(field, forms.IntegerField):
        limits = {"minimum": field.min_value, "maximum": field.max_value}
        return {"type": "integer"} | {name: value for name, value in limits.items() if value is not None}
    if isinstance(field, DayField):
        return {"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2})?$"}
    if isinstance(field, PartialDateFormField):
        return {"type": "string", "pattern": r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"}
    if isinstance(field, MomentField):
        return {"type": "string", "pattern": MOMENT}
    if isinstance(field, CursorField):
        return {"type": "string", "pattern": "^[A-Za-z0-9_-]*$", "maxLength": LONGEST_CURSOR}
    if values:
        return {"type": "string", "enum": values}
    return {"type": "string", "maxLength": field.max_length}


def describe():
    """The description of the whole API as a dict, with the codes that the catalogue has now."""
    return SchemaGenerator(urlconf="reg4covid.urls").get_schema(public=True)


def choose_fields(result, generator, request, public):
    """Let an answer have some of a measure's fields only, as the parameter ``fields`` may ask (a hook)."""
    measure = result["components"]["schemas"]["Measure"]
    del measure["required"]
    measure["description"] = "All of the fields, or those that `fields` names."
    return result
