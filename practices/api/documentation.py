"""The description of the API, for programs and for people."""

from django.http import HttpResponse
from django.views.generic import TemplateView, View
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from practices.api.schema import PROBLEMS, describe
from reg4covid.pages import PublicPage

MOST_SHOWN = 12  # values of a parameter; more are folded away


class SchemaView(PublicPage, View):
    """OpenAPI 3.1 as JSON."""

    renderer = OpenApiJsonRenderer
    content_type = "application/json"

    def get(self, request):
        return HttpResponse(self.renderer().render(describe(), renderer_context={}), content_type=self.content_type)


class YamlSchemaView(SchemaView):
    """The same as YAML."""

    renderer = OpenApiYamlRenderer
    content_type = "application/yaml"


class DocumentationView(PublicPage, TemplateView):
    """The same as a page, in English, as the API is. It needs no script, which readers of descriptions would."""

    template_name = "practices/api.html"

    def get_context_data(self, **kwargs):
        description = describe()
        return super().get_context_data(
            operations=[_operation(path, methods["get"]) for path, methods in description["paths"].items()],
            kinds=[
                (name, schema.get("description", ""), _rows(schema))
                for name, schema in description["components"]["schemas"].items()
                if "properties" in schema
            ],
            values=[
                (name, schema["enum"])
                for name, schema in description["components"]["schemas"].items()
                if any(schema.get("enum", ()))
            ],
            problems=PROBLEMS,
            most_shown=MOST_SHOWN,
            **kwargs,
        )


def _operation(path, operation):
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return {
        "id": operation["operationId"],
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [_parameter(parameter) for parameter in operation.get("parameters", ())],
        "answer": _type(answer)[1],
    }


def _parameter(parameter):
    schema = parameter["schema"]
    examples = parameter.get("examples", {}).values()
    return {
        "name": parameter["name"],
        "in_path": parameter["in"] == "path",
        "description": parameter["description"],
        "may_repeat": schema["type"] == "array" and parameter["explode"],
        "values": schema.get("items", schema).get("enum", ()),
        "example": next((_plain(example["value"]) for example in examples), ""),
    }


def _plain(example):
    return ",".join(map(str, example)) if isinstance(example, list) else example


def _rows(schema):
    """The fields of an object: (name, words before its type, its type, whether that is described, description)."""
    return [(name, *_type(field), field.get("description", "")) for name, field in schema["properties"].items()]


def _type(schema):
    """What a value is: (words before, the name of a type, whether that type is described on the page)."""
    if "$ref" in schema:
        return "", schema["$ref"].rpartition("/")[2], True
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return _type(schema[several][0])
    if schema.get("type") == "array":
        _before, name, is_described = _type(schema.get("items", {"type": "string"}))
        return "list of", name, is_described
    name = schema.get("format") or schema.get("type", "any")
    return "", " or ".join(name) if isinstance(name, list) else name, False
