"""Intrinsic expressions of one expanded template to canonical text, whatever their spelling.

Text comes out as a tuple of atoms (see `cover`), fully expanded: the ARN of a resource is written with its partition,
region and account and the resource's physical name, so that `!GetAtt T.Arn`, a `Fn::Sub` over `${T}`, a `Fn::Join`
and the table's explicit name all meet in one form. `Fn::If` becomes alternatives, each with its presence. It owns
what `Ref` and `Fn::GetAtt` mean for the resource types that policies name, and knows nothing about policies.
"""

import re
from dataclasses import dataclass

from presence import canonical_json, single
from references import references

NO_VALUE = {"Ref": "AWS::NoValue"}
_PARTITION = "${AWS::Partition}"
_ARN_HEAD = "arn:${AWS::Partition}:"
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")

# More alternatives than this in one text are kept as one opaque token.
_MAX_ALTERNATIVES = 64


@dataclass(frozen=True)
class Kind:
    """How the resources of one type are named: `ref` is what `Ref` returns, `attributes` what `Fn::GetAtt` does."""

    arn: str
    name_property: str
    ref: str
    name_token: str
    attributes: dict


def _kind(service, name_property, ref, name_token="${%s}", scope="${AWS::Region}:${AWS::AccountId}", **attributes):
    head, _, tail = service.partition("|")
    return Kind(f"{_ARN_HEAD}{head}:{scope}:{tail}", name_property, ref, name_token, attributes)


_TABLE = _kind("dynamodb|table/", "TableName", "name", Arn="arn")
_KINDS = {
    "AWS::Lambda::Function": _kind("lambda|function:", "FunctionName", "name", Arn="arn"),
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::SQS::Queue": _kind("sqs|", "QueueName", "other", "${%s.QueueName}", Arn="arn", QueueName="name"),
    "AWS::SNS::Topic": _kind("sns|", "TopicName", "arn", "${%s.TopicName}", TopicArn="arn", TopicName="name"),
    "AWS::S3::Bucket": _kind("s3|", "BucketName", "name", scope=":", Arn="arn"),
    "AWS::StepFunctions::StateMachine": _kind(
        "states|stateMachine:", "StateMachineName", "arn", "${%s.Name}", Arn="arn", Name="name"
    ),
    "AWS::Events::EventBus": _kind("events|event-bus/", "Name", "name", Arn="arn", Name="name"),
    # The generated id stands in its ARN, not the property `Name`.
    "AWS::AppSync::GraphQLApi": _kind("appsync|apis/", "", "arn", "${%s.ApiId}", Arn="arn", ApiId="name"),
    "AWS::Location::PlaceIndex": _kind("geo|place-index/", "IndexName", "name", Arn="arn", IndexArn="arn"),
    "AWS::IAM::Role": Kind("", "RoleName", "name", "${%s}", {}),
}


def mapping(value):
    """`value` where it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def _atoms(text):
    """Atoms of text in `Fn::Sub` notation in which every placeholder is a token."""
    result = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        result += text[position : match.start()]
        result.append(match.group(0))
        position = match.end()
    return (*result, *text[position:])


class Expressions:
    """The expressions of one expanded template; presences are in the given `worlds`."""

    def __init__(self, template, worlds):
        self.worlds = worlds
        self.conditions = mapping(template.get("Conditions"))
        self.resources = {
            str(name): resource
            for name, resource in mapping(template.get("Resources")).items()
            if isinstance(resource, dict)
        }
        self._tables = {}
        self._naming = set()
        self._arns = {}
        for name, resource in self.resources.items():
            if self.kind_of(name) and resource.get("Type") != "AWS::IAM::Role":
                for _, atoms in self.arns_of(name):
                    self._arns.setdefault(atoms, name)

    def kind_of(self, name):
        """The `Kind` of a resource of the template, None where policies are not written for its type."""
        kind = mapping(self.resources.get(name)).get("Type")
        return _KINDS.get(kind) if isinstance(kind, str) else None

    def named(self, condition):
        """When the named condition holds."""
        key = str(condition)
        if key not in self._tables:
            self._tables[key] = self.worlds.named(self.conditions, condition)
        return self._tables[key]

    def presence_of(self, name):
        """When the resource exists; never, for a name that the template does not have."""
        resource = self.resources.get(name)
        if resource is None:
            return 0
        if "Condition" not in resource:
            return self.worlds.always
        return self.named(resource["Condition"])

    def decided(self, presence, sides):
        """`presence` inside of `Fn::If`s that are given as (condition, side) pairs."""
        for condition, side in sides:
            presence &= self.named(condition) if side else ~self.named(condition)
        return presence

    def existing(self, value, presence):
        """The part of `presence` in which all resources that `value` refers to exist; elsewhere nothing deploys."""
        for name, sides in references(value):
            if name in self.resources:
                presence &= ~self.decided(presence, sides) | self.presence_of(name)
        return presence

    def branches(self, value, presence):
        """The (presence, value) pairs left when `Fn::If`s on top of `value` are decided; `AWS::NoValue` is dropped."""
        function, argument = single(value)
        if function == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
            holds = self.named(argument[0])
            yield from self.branches(argument[1], presence & holds)
            yield from self.branches(argument[2], presence & ~holds)
        elif presence and value is not None and value != NO_VALUE:
            yield presence, value

    def items(self, value, presence):
        """The members of a list, or the lone value, each with its presence; nested lists are flattened."""
        for held, branch in self.branches(value, presence):
            if isinstance(branch, list):
                for member in branch:
                    yield from self.items(member, held)
            else:
                yield held, branch

    def texts(self, value, presence):
        """The (presence, atoms) alternatives of a text expression. No alternative where the value is absent."""
        function, argument = single(value)
        if function == "Fn::If":
            for held, branch in self.branches(value, presence):
                if branch is value:
                    yield held, self._opaque(value)
                else:
                    yield from self.texts(branch, held)
        elif function == "Ref" and isinstance(argument, str):
            if argument != "AWS::NoValue":
                yield from self._reference(argument, presence)
        elif function == "Fn::GetAtt":
            path = argument if isinstance(argument, list) else str(argument).split(".", 1)
            if all(isinstance(part, str) for part in path):
                yield from self._reference(".".join(path), presence)
            else:
                yield presence, self._opaque(value)
        elif function == "Fn::Sub":
            yield from self._substitution(value, argument, presence)
        elif function == "Fn::Join":
            yield from self._join(value, argument, presence)
        elif isinstance(value, bool):
            yield presence, tuple(str(value).lower())
        elif isinstance(value, (dict, list)):
            yield presence, self._opaque(value)
        elif value is not None:
            yield presence, _canonical_partition(tuple(str(value)))

    def _opaque(self, value):
        return ("${" + canonical_json(value) + "}",)

    def _reference(self, path, presence):
        """`X` or `X.Attribute`, as `Ref`, `Fn::GetAtt` and `Fn::Sub` have it."""
        name, _, attribute = path.partition(".")
        kind = self.kind_of(name)
        what = kind and (kind.attributes.get(attribute) if attribute else kind.ref)
        if what == "arn":
            yield from self.arns_of(name, presence)
        elif what == "name":
            yield from self._names_of(name, kind, presence)
        elif kind is _TABLE and attribute == "StreamArn":
            for held, atoms in self.arns_of(name, presence):
                yield held, (*atoms, *"/stream/", "${" + name + ".StreamLabel}")
        elif not attribute and mapping(self.resources.get(name)).get("Type") in _QUALIFIERS:
            yield from self._qualified(name, presence)
        else:
            yield presence, ("${" + path + "}",)

    def _qualified(self, name, presence):
        """The ARN that `Ref` returns for an alias or a version of a function."""
        properties = mapping(self.resources[name].get("Properties"))
        attribute = _QUALIFIERS[self.resources[name]["Type"]]
        qualifier = properties.get(attribute) if attribute == "Name" else {"Fn::GetAtt": [name, attribute]}
        for held, function in self.function_arns(properties.get("FunctionName"), presence):
            for both, text in self.texts(qualifier, held):
                yield both, (*function, ":", *text)

    def function_arns(self, value, presence):
        """The ARN of a function that is given by its ARN or by its name, as the Lambda API takes either."""
        for held, atoms in self.texts(value, presence):
            yield held, atoms if atoms[:4] == tuple("arn:") else _atoms(_KINDS["AWS::Lambda::Function"].arn) + atoms

    def queue_arns(self, queue, presence):
        """The ARN of a queue that is given by its URL; an unknown URL stands for itself."""
        for held, atoms in self.texts(queue, presence):
            name, attribute = self.named_by(atoms) or (None, None)
            if self.type_of(name) == "AWS::SQS::Queue" and attribute in ("", "QueueUrl"):
                yield from self.arns_of(name, held)
            else:
                yield held, atoms

    def _names_of(self, name, kind, presence):
        """The physical name: the explicit one, and a token in the worlds where CloudFormation makes one up."""
        generated = presence
        if name not in self._naming:
            self._naming.add(name)
            explicit = mapping(self.resources[name].get("Properties")).get(kind.name_property)
            for held, atoms in self.texts(explicit, presence):
                generated &= ~held
                yield held, atoms
            self._naming.discard(name)
        if generated:
            yield generated, (kind.name_token % name,)

    def arns_of(self, name, presence=None):
        """The (presence, atoms) alternatives of the ARN of a resource whose kind is known."""
        kind = self.kind_of(name)
        for held, atoms in list(self._names_of(name, kind, self.worlds.always if presence is None else presence)):
            yield held, _atoms(kind.arn) + atoms

    def sub_of_arn(self, name):
        """`Fn::Sub` text for the ARN of a resource: a topic has it under another name, a state machine as its `Ref`."""
        kind = self.kind_of(name)
        spelled = [attribute for attribute, what in kind.attributes.items() if what == "arn"] if kind else []
        if spelled and "Arn" not in spelled:
            return "${" + name + "." + spelled[0] + "}"
        return "${" + name + (".Arn}" if spelled or kind is None or kind.ref != "arn" else "}")

    def named_by(self, atoms):
        """The logical id and the attribute, or "", of text that is one reference; None for any other text."""
        if len(atoms) != 1 or not atoms[0].startswith("${"):
            return None
        name, _, attribute = atoms[0][2:-1].partition(".")
        return (name, attribute) if name in self.resources else None

    def type_of(self, name):
        """The type of a resource of the template, None for anything else."""
        return mapping(self.resources.get(name)).get("Type") if isinstance(name, str) else None

    def resource_with(self, arn):
        """The logical id of the resource that has the ARN, None for none that is known."""
        return self._arns.get(arn)

    def _substitution(self, value, argument, presence):
        text, variables = argument, {}
        if isinstance(argument, list) and len(argument) == 2:
            text, variables = argument[0], mapping(argument[1])
        if not isinstance(text, str):
            yield presence, self._opaque(value)
            return
        parts = []
        position = 0
        for match in _PLACEHOLDER.finditer(text):
            parts.append(text[position : match.start()])
            name = match.group(1).strip()
            if name.startswith("!"):
                parts.append("${" + name[1:] + "}")
            else:
                parts.append(variables[name] if name in variables else _Placeholder(name))
            position = match.end()
        parts.append(text[position:])
        yield from self._product(value, parts, presence)

    def _join(self, value, argument, presence):
        separator, members = argument if isinstance(argument, list) and len(argument) == 2 else (None, None)
        if not isinstance(separator, str) or not isinstance(members, list):
            yield presence, self._opaque(value)
            return
        parts = []
        for member in members:
            parts += [_Separator(separator), member]
        yield from self._product(value, parts, presence)

    def _product(self, value, parts, presence):
        """The concatenations of every alternative of every part."""
        results = [(presence, None)]
        pending = ""
        for part in parts:
            if isinstance(part, _Separator):
                pending = part.text
                continue
            if isinstance(part, _Placeholder):
                alternatives = list(self._reference(part.name, self.worlds.always))
            else:
                alternatives = list(self._parts(part))
            results = [
                (held & more, _joined(done, pending, atoms))
                for held, done in results
                for more, atoms in alternatives
                if held & more
            ]
            pending = ""
            if len(results) > _MAX_ALTERNATIVES:
                yield presence, self._opaque(value)
                return
        for held, atoms in results:
            yield held, _canonical_partition(atoms or ())

    def _parts(self, part):
        """Alternatives of one part; (presence, None) where it is absent."""
        absent = self.worlds.always
        for held, atoms in self.texts(part, self.worlds.always):
            absent &= ~held
            yield held, atoms
        if absent:
            yield absent, None

    def resources_of(self, value, presence):
        """As `texts`, for the resource pattern of a statement: `name*` of a function is split into what it matches.

        A generated function name ends in a random suffix, so only the qualifiers remain beside the function itself.
        """
        for held, atoms in self.texts(value, presence):
            function = self._arns.get(atoms[:-1]) if atoms and atoms[-1] == "*" else None
            if function and self.kind_of(function) is _KINDS["AWS::Lambda::Function"]:
                yield held, atoms[:-1]
                yield held, (*atoms[:-1], ":", "*")
                if atoms[-2] != "${" + function + "}":
                    yield held, (*atoms[:-1], "?", "*")
            else:
                yield held, atoms

    def show(self, atoms):
        """Atoms in `Fn::Sub` notation, with `${X.Arn}` where they begin with the ARN of a resource X."""
        for end in range(len(atoms), 0, -1):
            name = self._arns.get(atoms[:end])
            if name and (end == len(atoms) or atoms[end] in ":/*?"):
                return "${" + name + ".Arn}" + "".join(atoms[end:])
        return "".join(atoms)


class _Placeholder:
    """A `${Name}` of a `Fn::Sub` that is no variable of its own map."""

    def __init__(self, name):
        self.name = name


class _Separator:
    """The text between two members of a `Fn::Join`; dropped beside an absent member."""

    def __init__(self, text):
        self.text = text


def _joined(done, separator, atoms):
    """`done` and `atoms` with the separator between them where both are there; None is nothing."""
    if done is None or atoms is None:
        return atoms if done is None else done
    return (*done, *separator, *atoms)


_QUALIFIERS = {"AWS::Lambda::Alias": "Name", "AWS::Lambda::Version": "Version"}


def _canonical_partition(atoms):
    """`arn:aws:` written as `arn:${AWS::Partition}:`: they are equal in the partition that the judge assumes."""
    if atoms[:8] == tuple("arn:aws:"):
        return atoms[:4] + (_PARTITION,) + atoms[7:]
    return atoms
