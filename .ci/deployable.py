"""Writes the template that the emulator can deploy: deployable.py TEMPLATE INTO.

What the emulator cannot deploy, and its mentions, are left out; all else stays as it is.
Nested templates are treated alike and written beside INTO. What is left out is printed.
"""

import json
import pathlib
import sys

from ministack.services.cloudformation.engine import _parse_template
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS


def obstacle(resource):
    """Why the emulator cannot deploy a resource; None where it can."""
    kind = resource["Type"]
    if kind.startswith("AWS::Serverless::"):
        return None
    if kind.startswith("Custom::"):
        return "it would have to run the function, for which it needs Docker and Lambda's image"
    if kind not in _RESOURCE_HANDLERS:
        return f"it does not know {kind}"
    if kind == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
        return "it knows no alarms on metric math"
    return None


def without_ipv6(source, name, resource):
    """A subnet as the emulator knows it."""
    for member in ("Ipv6CidrBlock", "AssignIpv6AddressOnCreation"):
        if resource["Type"] == "AWS::EC2::Subnet" and resource["Properties"].pop(member, None):
            print(f"!!! NOT SHOWN BY THIS EMULATOR: {source}, {name}.{member}: it knows no IPv6 of a network")


def mentions(node, gone):
    """Whether a value is nothing but a mention of a resource that is left out."""
    if not isinstance(node, dict) or len(node) != 1:
        return False
    target = node.get("Ref") or node.get("Fn::GetAtt")
    if isinstance(target, list):
        target = target[0]
    return isinstance(target, str) and target.split(".")[0] in gone


def without(node, gone):
    if isinstance(node, list):
        return [without(item, gone) for item in node if not mentions(item, gone)]
    if isinstance(node, dict):
        return {
            key: choice_without(value, gone) if key == "Fn::If" else without(value, gone)
            for key, value in node.items()
            if not mentions(value, gone)
        }
    return node


def choice_without(arms, gone):
    """An Fn::If keeps both of its arms."""
    return [arms[0], *({"Ref": "AWS::NoValue"} if mentions(arm, gone) else without(arm, gone) for arm in arms[1:])]


def order_without(resource, gone):
    """Takes what is left out from the order of creation."""
    after = resource.pop("DependsOn", [])
    after = [name for name in ([after] if isinstance(after, str) else after) if name not in gone]
    if after:
        resource["DependsOn"] = after


def write(source, into):
    shown = f"{source.parent.name}/{source.name}"
    template = _parse_template(source.read_text(encoding="utf-8"))
    resources, gone = template["Resources"], set()
    for name, resource in list(resources.items()):
        why = obstacle(resource)
        if why:
            print(f"!!! NOT SHOWN BY THIS EMULATOR: {shown}, {name}: {why}")
            gone.add(name)
            del resources[name]
    for name, resource in resources.items():
        order_without(resource, gone)
        without_ipv6(shown, name, resource)
        if resource["Type"] == "AWS::CloudFormation::Stack":
            nested = (source.parent / resource["Properties"]["TemplateURL"]).resolve()
            # SAM names what it builds template.yaml, each in a folder of its own.
            write(nested, into.parent / f"nested-{nested.parent.name}-{nested.name}")
            resource["Properties"]["TemplateURL"] = f"nested-{nested.parent.name}-{nested.name}"
    into.write_text(json.dumps(without(template, gone), indent=1, default=str), encoding="utf-8")


write(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
