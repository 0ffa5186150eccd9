# No header, query string or message: each of them can contain a token. A line belongs to a connection (connectionId) and to
# one of its events (eventType: CONNECT, MESSAGE, DISCONNECT).
locals {
  access_log_format = jsonencode({
    requestId         = "$context.requestId"
    extendedRequestId = "$context.extendedRequestId"
    time              = "$context.requestTime"
    ip                = "$context.identity.sourceIp"
    eventType         = "$context.eventType"
    path              = "$context.routeKey"
    connectionId      = "$context.connectionId"
    connectedAt       = "$context.connectedAt"
    status            = "$context.status"
    principalId       = "$context.authorizer.principalId"
    clientId          = "$context.authorizer.clientId"
    groups            = "$context.authorizer.groups"
    scopes            = "$context.authorizer.scopes"
    tokenExpiresAt    = "$context.authorizer.expiresAt"
    authStatus        = "$context.authorizer.status"
    authLatency       = "$context.authorizer.latency"
    authError         = "$context.authorizer.error"
    authRequestId     = "$context.authorizer.requestId"
    apiStatus         = "$context.integration.status"
    apiLatency        = "$context.integration.latency"
    errorType         = "$context.error.responseType"
    disconnectStatus  = "$context.disconnectStatusCode"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  count = var.access_log ? 1 : 0

  name              = "/aws/apigateway/${var.name}/websocket-${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_query_definition" "refusals" {
  count = var.access_log ? 1 : 0

  name            = "${var.name}/websocket-refusals"
  log_group_names = [aws_cloudwatch_log_group.access[0].name]
  query_string    = "filter status in [401, 403, 429] or status >= 500\n| stats count() as events by status, path, clientId, errorType, authError\n| sort events desc"
}
