"""Template text to expanded CloudFormation, by the real SAM translator.

Owns parsing (with CloudFormation's short tags), the stand-in for `sam package`, and running the translator offline
in one fixed region. It knows nothing about permissions. Every way in which the translator can say no, crashes
included, comes out as a list of messages and never as an exception.
"""

import contextlib
import io
import json
import logging
import os
import sys

import yaml

REGION = "us-east-1"

# The translator asks boto3 for the region only; no credential is looked up and nothing goes over the network.
os.environ["AWS_DEFAULT_REGION"] = REGION
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402  (the region has to be set first)
from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402

logging.getLogger("samtranslator").setLevel(logging.CRITICAL)

_SESSION = boto3.Session(region_name=REGION)

_SAM = "AWS::Serverless::"

# Properties that hold a local path until `sam package` has uploaded it; the translator accepts only the result.
_LOCAL_PATHS = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
    "AWS::Serverless::Application": ("Location",),
}
_GLOBAL_PATHS = {"Function": ("CodeUri",), "Api": ("DefinitionUri",), "HttpApi": ("DefinitionUri",)}
_PLACEHOLDER = "s3://bucket/key"

# What `AWS::Include` would have put in the place of a definition body before the translator saw it.
_INCLUDED = {
    "AWS::Serverless::Api": {"swagger": "2.0", "info": {"title": "included", "version": "1"}, "paths": {}},
    "AWS::Serverless::HttpApi": {"openapi": "3.0.1", "info": {"title": "included", "version": "1"}, "paths": {}},
}


class Refused(Exception):
    """The template does not expand; `messages` are the reasons, in the translator's order."""

    def __init__(self, messages):
        super().__init__("; ".join(messages))
        self.messages = messages


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A safe YAML loader that also knows CloudFormation's short tags."""


def _short_tag(loader, suffix, node):
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            # As CloudFormation's own short form: the first dot ends the logical id.
            value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix: value}


_Loader.add_multi_constructor("!", _short_tag)


class _NoRepository(ServerlessAppPlugin):
    """Nested applications without the Serverless Application Repository: their template is a fixed address."""

    def on_before_transform_template(self, template_dict):
        pass

    def on_before_transform_resource(self, logical_id, resource_type, resource_properties):
        if resource_type == "AWS::Serverless::Application" and isinstance(resource_properties.get("Location"), dict):
            resource_properties["TemplateUrl"] = "https://bucket.s3.amazonaws.com/template.yaml"

    def on_after_transform_template(self, template):
        pass


def parse(text, form="yaml"):
    """The template as plain dicts and lists; raises `Refused` where it is no map."""
    text = text.removeprefix("\ufeff")
    try:
        document = json.loads(text) if form == "json" else yaml.load(text, Loader=_Loader)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise Refused([f"not parsed: {error}"]) from error
    if not isinstance(document, dict):
        raise Refused(["not parsed: the template is no map"])
    return document


def _map(value):
    return value if isinstance(value, dict) else {}


def _package(template):
    """Completes the template the way `sam package` and `AWS::Include` do, so that it expands as in a deployment.

    Parts that other files supply are filled with placeholders, the same ones before and after a rewrite.
    """
    globals_ = _map(template.get("Globals"))
    for name, paths in _GLOBAL_PATHS.items():
        _upload(_map(globals_.get(name)), paths)
    # Handed down to the functions one by one: a function with inline code must not inherit it.
    code = _map(globals_.get("Function")).pop("CodeUri", _PLACEHOLDER)
    for resource in _map(template.get("Resources")).values():
        kind = _map(resource).get("Type")
        if not isinstance(kind, str):
            continue
        if kind.startswith(_SAM):
            # A function can leave everything to `Globals`.
            resource.setdefault("Properties", {})
        properties = _map(resource.get("Properties"))
        _upload(properties, _LOCAL_PATHS.get(kind, ()))
        if kind == "AWS::Serverless::Function":
            _complete_function(properties, _map(globals_.get("Function")), code)
        if kind in _INCLUDED and "Fn::Transform" in _map(properties.get("DefinitionBody")):
            properties["DefinitionBody"] = json.loads(json.dumps(_INCLUDED[kind]))


def _upload(properties, paths):
    for path in paths:
        if isinstance(properties.get(path), str) and not properties[path].startswith("s3://"):
            properties[path] = _PLACEHOLDER


def _complete_function(properties, defaults, code):
    if {**defaults, **properties}.get("PackageType") == "Image":
        properties.setdefault("ImageUri", "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:tag")
        return
    for name, value in (("Runtime", "python3.13"), ("Handler", "app.handler")):
        if name not in defaults:
            properties.setdefault(name, value)
    if "InlineCode" in properties:
        properties.pop("CodeUri", None)
    else:
        properties.setdefault("CodeUri", code)


def expand(text, form="yaml"):
    """The expanded CloudFormation template; raises `Refused` with the translator's messages."""
    template = parse(text, form)
    _package(template)
    try:
        # A fresh parse and a fresh translator each time: the translator changes its input in place.
        with contextlib.redirect_stdout(io.StringIO()):
            return Translator({}, Parser(), plugins=[_NoRepository()], boto_session=_SESSION).translate(template, {})
    except InvalidDocumentException as error:
        raise Refused([cause.message for cause in error.causes]) from error
    except Exception as error:  # noqa: BLE001  (the translator crashes with any type on templates it does not expect)
        raise Refused([f"the translator crashed: {type(error).__name__}: {error}"]) from error


def main():
    """Command line: prints the expansion of one template file, or its errors with status 1."""
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        print(json.dumps(expand(text, "json" if path.endswith(".json") else "yaml"), indent=1, default=str))
    except Refused as refused:
        print(json.dumps({"error": refused.messages}, indent=1))
        sys.exit(1)


if __name__ == "__main__":
    main()
