#!/usr/bin/env python3
"""Compares the catalogue with the tables of the installed SAM translator.

usage: catalog_drift.py < CATALOG.json

Reads what `Catalog::to_json` gives on stdin, prints one line per difference and exits 1 if there is any.
Needs aws-sam-translator to be importable, and nothing else.
"""
import itertools
import json
import re
import sys
from pathlib import Path

import samtranslator
from samtranslator.model.connector import connector
from samtranslator.model.connector_profiles.profile import PROFILE

KINDS = {
    "AWS_IAM_ROLE_MANAGED_POLICY": "managed-policy",
    "AWS_LAMBDA_PERMISSION": "lambda-permission",
    "AWS_SQS_QUEUE_POLICY": "queue-policy",
    "AWS_SNS_TOPIC_POLICY": "topic-policy",
}
WAITS = {"DESTINATION_EVENT_SOURCE_MAPPING": "event-source-mapping", "SOURCE": "source-state-machine", None: None}
PROPERTIES = {"Arn": "Arn", "Url": "QueueUrl", "Id": "ResourceId", "Name": "Name", "Qualifier": "Qualifier"}


def as_list(value):
    return value if isinstance(value, list) else [value]


def sub_text(text):
    """The translator's slot %{Source.Arn} in the notation of the catalogue."""
    return re.sub(r"%\{(\w+\.\w+)\}", r"${\1}", text)


def combinations(properties):
    """The sets of categories that the translator accepts, as sorted lists."""
    stated = properties.get("ValidAccessCategories")
    if stated:
        return sorted(sorted(one) for one in stated)
    names = sorted(properties["AccessCategories"])
    subsets = (itertools.combinations(names, size) for size in range(1, len(names) + 1))
    return sorted(list(one) for one in itertools.chain.from_iterable(subsets))


def translator_statement(statement):
    if statement["Effect"] != "Allow":
        raise ValueError(f"a connector statement with Effect {statement['Effect']}")
    return {
        "actions": as_list(statement["Action"]),
        "resources": [sub_text(text) for text in as_list(statement["Resource"])],
    }


def translator_profile(source, destination, entry):
    properties = entry["Properties"]
    kind = KINDS[entry["Type"]]
    side = None
    permissions = []
    for category, body in properties["AccessCategories"].items():
        if kind == "lambda-permission":
            # The function is no slot of the table: the translator fills it in by itself.
            forms = [{"actions": [body["Action"]], "resources": ["${Destination.Arn}"]}]
            side = {
                "principal": body["Principal"],
                "source_arn": sub_text(body["SourceArn"]),
                "source_account": body.get("SourceAccount") == "${AWS::AccountId}",
            }
        else:
            forms = [translator_statement(statement) for statement in body["Statement"]]
            for statement in body["Statement"]:
                if "Principal" in statement:
                    side = {
                        "principal": statement["Principal"]["Service"],
                        "source_arn": sub_text(statement["Condition"]["ArnEquals"]["aws:SourceArn"]),
                        "source_account": False,
                    }
        permissions.append([category, forms])
    return {
        "source": source,
        "destination": destination,
        "kind": kind,
        "holder": "source" if properties["SourcePolicy"] else "destination",
        "combinations": combinations(properties),
        "permissions": permissions,
        "resource_side": side,
        "waits": WAITS[properties.get("DependedBy")],
    }


def catalog_profile(profile):
    kept = {key: profile[key] for key in ("source", "destination", "kind", "holder", "resource_side", "waits")}
    # What a service does when a resource is created is no table of the translator.
    if kept["resource_side"]:
        kept["resource_side"] = {key: value for key, value in kept["resource_side"].items() if key != "tried_at_creation"}
    kept["combinations"] = sorted(sorted(one) for one in profile["combinations"])
    kept["permissions"] = profile["permissions"]
    return kept


def resolved(value, variables):
    """Sub text of the translator; collects the variables that it binds."""
    if isinstance(value, dict) and list(value) == ["Fn::Sub"]:
        body = value["Fn::Sub"]
        if isinstance(body, str):
            return body
        text, bound = body
        for name, reference in bound.items():
            variables[name] = reference["Ref"]
        return text
    if isinstance(value, dict):
        return {key: resolved(item, variables) for key, item in value.items()}
    return value


def translator_template(entry):
    statements = []
    for statement in entry["Definition"]["Statement"]:
        unknown = set(statement) - {"Effect", "Action", "Resource", "Condition"}
        if unknown:
            raise ValueError(f"statement keys that the catalogue does not model: {sorted(unknown)}")
        variables = {}
        statements.append({
            "effect": statement["Effect"],
            "actions": as_list(statement["Action"]),
            "resources": [resolved(text, variables) for text in as_list(statement["Resource"])],
            "condition": resolved(statement["Condition"], variables) if "Condition" in statement else None,
            "variables": variables,
        })
    return {"parameters": sorted(entry["Parameters"]), "statements": statements}


def catalog_template(template):
    statements = [dict(statement, variables=dict(statement["variables"])) for statement in template["statements"]]
    return {"parameters": sorted(name for name, _ in template["parameters"]), "statements": statements}


def value_source(value):
    """What a connector takes for a property, in the catalogue's form."""
    if isinstance(value, str):
        return {"literal": value}
    if "Ref" in value:
        return "ref"
    return {"attribute": value["Fn::GetAtt"][1]}


def translator_type(entry):
    outputs = entry.get("Outputs", {})
    role = entry.get("Inputs", {}).get("Role")
    if isinstance(role, dict):
        role = {"target": {"list": "Targets", "destination": "Arn", "role": "RoleArn"}}
    elif role:
        role = {"property": role}
    return {"connector": {PROPERTIES[name]: value_source(value) for name, value in outputs.items()}, "role": role}


def catalog_type(entry):
    principal = entry["principal"]
    return {"connector": entry["connector"], "role": principal["role"] if principal else None}


def differences(what, ours, theirs):
    for name in sorted(set(ours) | set(theirs)):
        mine, its = ours.get(name), theirs.get(name)
        if mine is None or its is None:
            yield f"{what} {name}: only in the {'translator' if mine is None else 'catalogue'}"
            continue
        for key in sorted(set(mine) | set(its)):
            if mine.get(key) != its.get(key):
                yield (f"{what} {name}: {key} is {json.dumps(mine.get(key), sort_keys=True)}, "
                       f"the translator has {json.dumps(its.get(key), sort_keys=True)}")


def main():
    catalog = json.load(sys.stdin)
    table = Path(samtranslator.__file__).parent / "policy_templates_data" / "policy_templates.json"
    templates = json.loads(table.read_text(encoding="utf-8"))["Templates"]
    found = []

    version = f"SAM {samtranslator.__version__}"
    if catalog["version"] != version:
        found.append(f"version: the catalogue describes {catalog['version']}, installed is {version}")

    pairs = {f"{profile['source']} -> {profile['destination']}": profile for profile in catalog["profiles"]}
    theirs = {
        f"{source} -> {destination}": translator_profile(source, destination, entry)
        for source, destinations in PROFILE["Permissions"].items()
        for destination, entry in destinations.items()
    }
    found += differences("profile", {name: catalog_profile(one) for name, one in pairs.items()}, theirs)

    found += differences(
        "policy template",
        {name: catalog_template(one) for name, one in catalog["policy_templates"].items()},
        {name: translator_template(one) for name, one in templates.items()},
    )

    canonical = {name: one for name, one in catalog["types"].items() if one["canonical"] == name and one["connector"]}
    found += differences(
        "type",
        {name: catalog_type(one) for name, one in canonical.items()},
        {name: translator_type(one) for name, one in PROFILE["CfnResourceProperties"].items()},
    )

    aliases = {
        name: {"canonical": one["canonical"]}
        for name, one in catalog["types"].items()
        if one["canonical"] != name and not one["by_id_only"]
    }
    sam_types = {name: {"canonical": one} for name, one in connector._SAM_TO_CFN_RESOURCE_TYPE.items()}
    found += differences("alias", aliases, sam_types)

    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
