locals {
  # No header, query string or body: each of them can contain a token. A client can choose requestId but not
  # extendedRequestId. decisionId finds the authorizer's decision line, also for a cached result: the call is answered from the
  # cache if decisionId is neither its requestId nor its authRequestId.
  access_log_format = jsonencode({
    requestId         = "$context.requestId"
    extendedRequestId = "$context.extendedRequestId"
    time              = "$context.requestTime"
    ip                = "$context.identity.sourceIp"
    method            = "$context.httpMethod"
    path              = "$context.resourcePath"
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
  name              = "/aws/apigateway/${var.name}/rest-${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_query_definition" "refusals" {
  name            = "${var.name}/rest-refusals"
  log_group_names = [aws_cloudwatch_log_group.access.name]
  query_string    = "filter status in [401, 403, 429] or status >= 500\n| stats count() as calls by status, method, path, clientId, errorType, authError\n| sort calls desc"
}

# One role for all REST APIs of the account in this region. API Gateway refuses an access log until there is one.
resource "aws_iam_role" "account" {
  count = var.manage_account_logging ? 1 : 0

  name                 = "${var.name}-api-logs-${local.region}"
  description          = "API Gateway writes logs with it, for all REST APIs of this account and region"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "account" {
  count = var.manage_account_logging ? 1 : 0

  role       = aws_iam_role.account[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_account_logging ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.account[0].arn

  depends_on = [aws_iam_role_policy_attachment.account]
}
