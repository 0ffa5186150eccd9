locals {
  # No header, no query string and no body: a token may be in each of them. A client can choose requestId,
  # extendedRequestId it cannot.
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
    authStatus        = "$context.authorizer.status"
    authLatency       = "$context.authorizer.latency"
    authError         = "$context.authorizer.error"
    apiStatus         = "$context.integration.status"
    apiLatency        = "$context.integration.latency"
    errorType         = "$context.error.responseType"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}/${var.stage_name}"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

# One role for all REST APIs of the account in this region. API Gateway refuses an access log until there is one.
resource "aws_iam_role" "account" {
  count = var.manage_account_logging ? 1 : 0

  name                 = "${var.name}-apigateway-logs"
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
