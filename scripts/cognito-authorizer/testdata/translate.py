"""Prints a SAM template as CloudFormation, by SAM's own translator."""

import json
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class Policies:
    """The managed policies, which the translator would ask IAM for."""

    def load(self):
        name = "AWSLambdaBasicExecutionRole"
        return {name: "arn:aws:iam::aws:policy/service-role/" + name}


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
for resource in template["Resources"].values():  # "sam deploy" uploads the code and writes the address
    if "CodeUri" in resource["Properties"]:
        resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
json.dump(transform(template, {}, Policies()), sys.stdout)
