locals {
  # Only what is set is passed on, so that the function's own defaults hold for the rest.
  environment = merge(
    {
      ISSUERS                = join(",", var.issuers)
      CLIENT_IDS             = join(",", var.client_ids)
      TOKEN_USE              = var.token_use
      HTTP_RESPONSE          = var.http_response
      EXPIRE_CACHED_POLICIES = tostring(var.expire_cached_policies)
    },
    var.leeway_seconds == null ? {} : { LEEWAY = "${var.leeway_seconds}s" },
    var.jwks == null ? {} : { JWKS = jsonencode(jsondecode(var.jwks)) }, # no white space: it counts against 4 KB
    var.revocation_enabled ? { REVOCATIONS_TABLE = aws_dynamodb_table.revocations[0].name } : {},
  )

  # Judging a token needs no permission; asking the table needs one.
  policy_statements = [for table in aws_dynamodb_table.revocations : {
    sid       = "ReadRevocations"
    actions   = ["dynamodb:BatchGetItem"]
    resources = [table.arn]
  }]

  metrics = { namespace = "CognitoAuthorizer", dimension = "Function" }

  # Not on AWS/Lambda Errors: API Gateway wants a 401 as an error of the function, so each one counts there.
  alarms = {
    faults = merge(local.metrics, {
      metric_name = "Faults"
      description = "${var.name} could not judge callers and answered 500. Its log has the reason, with outcome = fault."
      threshold   = 1
    })
    key-fetch-failures = merge(local.metrics, {
      metric_name = "KeyFetchFailures"
      description = "${var.name} cannot fetch the key set of an issuer. Keys that it has stay good for a while; then callers get a 500."
      threshold   = 1
      periods     = 2 # one failed fetch is made good by the next
    })
    latency = merge(local.metrics, {
      metric_name = "Duration"
      description = "One call in a hundred waits ${var.latency_alarm_ms} ms or more for ${var.name}: cold starts, slow key fetches or too little memory."
      percentile  = "p99"
      threshold   = var.latency_alarm_ms
      periods     = 3
    })
  }
}

module "function" {
  source = "../function"

  name        = var.name
  description = "Judges the callers of an API by their Cognito tokens"

  zip_path        = var.zip_path
  runtime         = var.runtime
  architecture    = var.architecture
  memory_mb       = var.memory_mb
  timeout_seconds = 10 # as long as an HTTP API waits for an authorizer

  reserved_concurrency     = var.reserved_concurrency
  environment              = local.environment
  permissions_boundary_arn = var.permissions_boundary_arn

  policy_statements = local.policy_statements

  log_level          = var.log_level
  log_retention_days = var.log_retention_days
  tracing            = var.tracing

  alarm_topic_arn = var.alarm_topic_arn
  alarms          = local.alarms

  tags = var.tags
}

# Revoked sessions, users and clients; shared/revocation says what an entry holds. DynamoDB removes an entry once no token
# that it revokes can be valid.
resource "aws_dynamodb_table" "revocations" {
  count = var.revocation_enabled ? 1 : 0

  name         = "${var.name}-revocations"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  tags = var.tags
}
