"""The function behind the WebSocket API: it answers messages, and closes a connection whose token has expired.

API Gateway authorizes the handshake only, and keeps a connection open for up to two hours. What the authorizer found out
about the caller comes with every message, so expiresAt can be compared each time, without a table.
"""

import json
from datetime import datetime, timezone

import boto3

# The endpoint comes from AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI.
management = boto3.client("apigatewaymanagementapi")


def handler(event, _context):
    request = event["requestContext"]
    if request["eventType"] == "CONNECT":
        return {"statusCode": 200, "headers": chosen_protocol(event)}
    if request["eventType"] == "MESSAGE":
        caller = request["authorizer"]
        if datetime.now(timezone.utc) >= datetime.fromisoformat(caller["expiresAt"]):
            management.delete_connection(ConnectionId=request["connectionId"])
            return {"statusCode": 200}
        return {"statusCode": 200, "body": json.dumps({"from": caller["sub"], "message": event["body"]})}
    return {"statusCode": 200}


def chosen_protocol(event):
    """Answers the sub-protocol "bearer", after which a browser sends its token. Without an answer it would disconnect."""
    for name, value in event["headers"].items():
        if name.lower() == "sec-websocket-protocol":
            for protocol in value.split(","):
                if protocol.strip().lower() == "bearer":
                    return {"Sec-WebSocket-Protocol": protocol.strip()}
    return {}
