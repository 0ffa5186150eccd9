locals {
  issuers = length(var.issuer_clients) > 0 ? keys(var.issuer_clients) : var.issuers

  # Only what is set is passed on, so that the function's own defaults apply to the rest.
  environment = merge(
    length(var.issuer_clients) > 0 ? { ISSUERS = jsonencode(var.issuer_clients) } : {
      ISSUERS                                  = join(",", var.issuers)
      CLIENT_IDS                               = join(",", var.client_ids)
    },
    {
      TOKEN_USE              = var.token_use
      HTTP_RESPONSE          = var.http_response
      EXPIRE_CACHED_POLICIES = tostring(var.expire_cached_policies)
    },
    var.contract_digest == null ? {} : { CONTRACT_DIGEST = var.contract_digest },
    length(var.audiences) == 0 ? {} : { AUDIENCES = join(",", var.audiences) },
    length(var.groups_claims) == 0 ? {} : { GROUPS_CLAIMS = join(",", var.groups_claims) },
    length(var.context_claims) == 0 ? {} : { CONTEXT_CLAIMS = join(",", var.context_claims) },
    var.leeway_seconds == null ? {} : { LEEWAY = "${var.leeway_seconds}s" },
    var.jwks == null ? {} : { JWKS = jsonencode(jsondecode(var.jwks)) }, # without white space: it counts against 4 KB
    var.revocation_enabled ? { REVOCATIONS_TABLE = aws_dynamodb_table.revocations[0].name } : {},
  )

  # Verifying a token needs no permission; reading the table needs one, and one for its key.
  policy_statements = concat(
    [for table in aws_dynamodb_table.revocations : {
      sid       = "ReadRevocations"
      actions   = ["dynamodb:BatchGetItem"]
      resources = [table.arn]
    }],
    [for key in var.table_kms_key_arn[*] : {
      sid       = "DecryptRevocations"
      actions   = ["kms:Decrypt"]
      resources = [key]
    }],
  )

  metrics = { namespace = "CognitoAuthorizer", dimension = "Function" }
  runbook = "https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md"

  # Not on AWS/Lambda Errors: API Gateway expects a 401 as an error of the function, so each one counts there.
  alarms = {
    faults = merge(local.metrics, {
      metric_name = "Faults"
      description = "${var.name} could not decide and answered 500. Its log has the reason in the lines of level ERROR. ${local.runbook}#calls-get-500"
      threshold   = 1
    })
    key-fetch-failures = merge(local.metrics, {
      metric_name = "KeyFetchFailures"
      description = "${var.name} cannot fetch the key set of an issuer. Cached keys stay valid for up to 24 hours; after that callers get a 500. ${local.runbook}#the-keys-are-unreachable"
      threshold   = 1
      periods     = 2 # the next fetch makes up for a single failure
    })
    latency = merge(local.metrics, {
      metric_name = "Duration"
      description = "One call in a hundred waits ${var.latency_alarm_ms} ms or more for ${var.name}: cold starts, slow key fetches or too little memory. ${local.runbook}#the-authorizer-is-slow"
      percentile  = "p99"
      threshold   = var.latency_alarm_ms
      periods     = 3
    })
  }
}

module "function" {
  source = "../function"

  name        = var.name
  description = "Lambda authorizer: verifies Cognito tokens for API Gateway"

  zip_path                = var.zip_path
  zip_s3                  = var.zip_s3
  code_signing_config_arn = var.code_signing_config_arn
  runtime                 = var.runtime
  architecture            = var.architecture
  memory_mb               = var.memory_mb
  timeout_seconds         = 10 # as long as an HTTP API waits for an authorizer
  reserved_concurrency    = var.reserved_concurrency
  alias                   = var.alias
  environment             = local.environment

  vpc_config               = var.vpc_config
  kms_key_arn              = var.kms_key_arn
  policy_statements        = local.policy_statements
  role_arn                 = var.role_arn
  role_path                = var.role_path
  permissions_boundary_arn = var.permissions_boundary_arn

  log_group_name     = var.log_group_name
  log_level          = var.log_level
  log_retention_days = var.log_retention_days
  log_kms_key_arn    = var.log_kms_key_arn
  tracing            = var.tracing
  alarm_topic_arn    = var.alarm_topic_arn
  alarms             = local.alarms

  tags = var.tags
}

# Revoked sessions, users and clients; shared/revocation says what an entry holds. DynamoDB deletes an entry once no token
# that it revokes can be valid.
# tfsec:ignore:aws-dynamodb-enable-at-rest-encryption DynamoDB encrypts every table
# tfsec:ignore:aws-dynamodb-table-customer-key table_kms_key_arn sets one
resource "aws_dynamodb_table" "revocations" {
  count = var.revocation_enabled ? 1 : 0

  name                        = "${var.name}-revocations"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.table_deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  # A lost entry makes a revoked token valid again.
  point_in_time_recovery {
    enabled = true
  }

  dynamic "server_side_encryption" {
    for_each = var.table_kms_key_arn[*]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  tags = var.tags
}

# In a VPC the authorizer reaches the key server only through a NAT gateway or a VPC endpoint.
check "keys_are_reachable" {
  assert {
    condition     = var.vpc_config == null || var.jwks != null
    error_message = "${var.name} is in a VPC and has no key set. If its subnets do not reach the issuer over https, every call gets a 500. Seed the keys: run make jwks after the first apply, and apply again."
  }
}
