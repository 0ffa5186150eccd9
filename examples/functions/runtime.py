"""Runs the handler of a Lambda function in Python on this machine: python3 runtime.py app.handler

It speaks the Lambda Runtime API, like AWS's awslambdaric, and needs nothing to be installed.
"""

import importlib
import json
import os
import sys
import traceback
import types
import urllib.request

sys.path.insert(0, os.getcwd())
module, _, name = sys.argv[1].rpartition(".")
handler = getattr(importlib.import_module(module), name)
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
http = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the API is on this machine, whatever the proxy


def call(path, result=None):
    data = None if result is None else json.dumps(result).encode()
    with http.open(urllib.request.Request(base + path, data=data)) as response:
        return response.headers, response.read()


while True:
    headers, event = call("next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        answer = handler(json.loads(event), types.SimpleNamespace(aws_request_id=request_id))
        path = "/response"
    except Exception as error:  # the function has failed, not this program
        traceback.print_exc()
        answer, path = {"errorType": type(error).__name__, "errorMessage": str(error)}, "/error"
    call(request_id + path, answer if answer is not None else {})
