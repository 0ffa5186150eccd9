# No header, query string or body: each of them can contain a token. decisionId finds the authorizer's decision line, also for a
# cached result: the call is answered from the cache if decisionId is not its requestId. HTTP APIs have no value for
# authStatus, authLatency and authRequestId; they are there so that one query reads both kinds of log.
locals {
  access_log_format = jsonencode({
    requestId         = "$context.requestId"
    extendedRequestId = "$context.extendedRequestId"
    time              = "$context.requestTime"
    ip                = "$context.identity.sourceIp"
    method            = "$context.httpMethod"
    path              = "$context.routeKey"
    status            = "$context.status"
    latency           = "$context.responseLatency"
    principalId       = "$context.authorizer.principalId"
    clientId          = "$context.authorizer.clientId"
    groups            = "$context.authorizer.groups"
    scopes            = "$context.authorizer.scopes"
    tokenExpiresAt    = "$context.authorizer.expiresAt"
    decisionId        = "$context.authorizer.decisionId"
    authStatus        = "$context.authorizer.status"
    authLatency       = "$context.authorizer.latency"
    authError         = "$context.authorizer.error"
    authRequestId     = "$context.authorizer.requestId"
    apiStatus         = "$context.integration.status"
    apiLatency        = "$context.integration.latency"
    errorType         = "$context.error.responseType"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}/http-default"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_query_definition" "refusals" {
  name            = "${var.name}/http-refusals"
  log_group_names = [aws_cloudwatch_log_group.access.name]
  query_string    = "filter status in [401, 403, 429] or status >= 500\n| stats count() as calls by status, path, clientId, errorType, authError\n| sort calls desc"
}
