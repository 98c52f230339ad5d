"""Prints what SAM makes of the templates named: CloudFormation, as JSON, by path.

The translator is the one that `sam deploy` asks AWS for; here it runs without AWS.
"""

import json
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

UPLOADED = "s3://bucket/key"  # where `sam deploy` would have put what is local


def main(paths: list[str]) -> None:
    json.dump({path: translate(path) for path in paths}, sys.stdout)


def translate(path: str) -> dict:
    with open(path, encoding="utf-8") as source:
        template = yaml_parse(source)
    if "Transform" not in template:  # CloudFormation already
        return template
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for local in ("CodeUri", "DefinitionUri"):
            if local in properties:
                properties[local] = UPLOADED
    return Translator({}, Parser()).translate(template, {})


main(sys.argv[1:])
