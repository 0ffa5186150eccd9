"""The function of cognito-authorizer live-check: the authorizer of its two APIs, and what answers behind them.

A call carries what the authorizer is to return, after a secret that only the run knows. The APIs exist for minutes and
protect nothing.
"""

import base64
import hmac
import json
import os
import time
import uuid


def handler(event, _context):
    arn = event.get("methodArn") or event.get("routeArn")
    if arn:
        headers = event.get("headers") or {}
        return authorize(arn, event.get("authorizationToken") or headers.get("authorization", ""))
    found = event["requestContext"].get("authorizer") or {}
    found = found.get("lambda", found)
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"invocation": found.get("invocation"), "arn": found.get("arn")}),
    }


def authorize(arn, token):
    secret, _, text = token.partition(".")
    if not hmac.compare_digest(secret, os.environ["SECRET"]):
        raise Exception("Unauthorized")
    order = json.loads(base64.urlsafe_b64decode(text))
    now = time.time()
    if now < order.get("error_until", 0):
        raise Exception(order["error"])
    stage = "/".join(arn.split("/")[:2])
    statements = [dict(s, Action="execute-api:Invoke") for s in order["statements"]]
    for statement in statements:
        for name in ("Resource", "NotResource"):
            if name in statement:
                statement[name] = [r.replace("{stage}", stage) for r in statement[name]]
    if now < order.get("deny_from", 0):
        # Asked again after that time, this function allows without a condition: so a 403 then is the cached result's.
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(order["deny_from"]))
        statements.append({
            "Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [stage + "/*"],
            "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": end}},
        })
    result = {
        "principalId": "live-check",
        "policyDocument": {"Version": "2012-10-17", "Statement": statements},
        "context": {"invocation": str(uuid.uuid4()), "arn": arn},
    }
    # Resources that match no call fill the result up to a size.
    filler = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": []}
    while order.get("bytes", 0) > len(json.dumps(result, separators=(",", ":"))):
        if not filler["Resource"]:
            statements.append(filler)
        filler["Resource"].append(stage + "/GET/none/" + "x" * 40 + str(len(filler["Resource"])))
    return result
