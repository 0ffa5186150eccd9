output "api_url" {
  description = "URL of the API."
  value       = local.api_url
}

output "api_id" {
  description = "Id of the API."
  value       = local.api.id
}

output "stage_name" {
  description = "Name of the API's stage."
  value       = local.api.stage_name
}

output "stage_arn" {
  description = "ARN of the stage, for a web ACL or a usage plan of your own."
  value       = local.api.stage_arn
}

output "execution_arn" {
  description = "ARN of the API in policies."
  value       = local.api.execution_arn
}

output "domain_target" {
  description = "Target of the DNS record for `domain`: host name and Route 53 zone id; null without a domain."
  value       = local.api.domain_target
}

output "api_keys" {
  description = "Values of the API keys of `usage_plans`, by name. They are in the state as well."
  value       = one(module.rest_api[*].api_keys)
  sensitive   = true
}

output "region" {
  description = "Region of everything."
  value       = local.region
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = local.user_pool_id

  precondition {
    condition     = length(local.missing_scopes) == 0
    error_message = "The contract names scopes that no client in client_ids can get: ${join(", ", local.missing_scopes)}. Add them to a client's allowed OAuth scopes, add the client that has them to client_ids, correct the contract, or, if a trigger adds them to tokens, write existing_user_pool_checked = false."
  }
}

output "user_pool_arn" {
  description = "ARN of the user pool."
  value       = local.user_pool_arn
}

output "web_client_id" {
  description = "Client for people: no secret, SRP and managed login. Of an existing pool: the first of `client_ids`."
  value       = local.own_pool ? module.user_pool[0].web_client_id : var.client_ids[0]
}

output "machine_client_id" {
  description = "Client for programs; null without one."
  value       = one(module.user_pool[*].machine_client_id)
}

output "machine_client_secret" {
  description = "Secret of the client for programs; null without one. It is in the state as well."
  value       = one(module.user_pool[*].machine_client_secret)
  sensitive   = true
}

output "token_url" {
  description = "OAuth token endpoint of the pool that is created; null with an existing pool."
  value       = one(module.user_pool[*].token_url)
}

output "issuer" {
  description = "Exact `iss` of the pool's tokens."
  value       = local.issuers[0]
}

output "issuers" {
  description = "Every accepted `iss`."
  value       = local.issuers
}

output "jwks_url" {
  description = "URL of the pool's key set."
  value       = "${local.issuers[0]}/.well-known/jwks.json"
}

output "site_url" {
  description = "URL of the page; null without one."
  value       = one(module.site[*].url)
}

output "login_command" {
  description = "Signs a person in and prints the access token. Run it at the root of the repository, with a user name in place of NAME."
  value       = "go run ./scripts/cognito-authorizer token login NAME"
}

output "curl_command" {
  description = "Signs a person in and calls the API. The token is in no argument of a process."
  value       = "go run ./scripts/cognito-authorizer token login NAME --output curl --url ${local.api_url}/me | sh"
}

output "flush_command" {
  description = "Discards the results of the authorizer that API Gateway has cached."
  value = (
    var.api_type == "rest"
    ? "aws apigateway flush-stage-authorizers-cache --region ${local.region} --rest-api-id ${local.api.id} --stage-name ${local.api.stage_name}"
    : "aws apigatewayv2 reset-authorizers-cache --region ${local.region} --api-id ${local.api.id} --stage-name '${local.api.stage_name}'"
  )
}

output "authorizer_name" {
  description = "Name of the authorizer function."
  value       = module.authorizer.name
}

output "authorizer_arn" {
  description = "ARN of the authorizer function."
  value       = module.authorizer.arn
}

output "authorizer_log_group" {
  description = "Log group with one line per decision."
  value       = module.authorizer.log_group
}

output "api_function_name" {
  description = "Name of the function behind the API."
  value       = module.api.name
}

output "api_function_arn" {
  description = "ARN of the function behind the API."
  value       = module.api.arn
}

output "access_log_group" {
  description = "Log group with one line per call."
  value       = local.api.access_log_group
}

output "dashboard_url" {
  description = "URL of the CloudWatch dashboard."
  value       = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "revocations_table" {
  description = "Name of the DynamoDB table of revoked sessions; null without one."
  value       = module.authorizer.revocations_table
}

output "revocations_table_arn" {
  description = "ARN of that table, for the role of whoever revokes; null without one."
  value       = module.authorizer.revocations_table_arn
}

output "operator_environment" {
  description = "Shell commands that set the environment for `cognito-authorizer revoke` and `flush`, and for the commands of docs/runbook.md."
  value = join("\n", [for name, value in {
    API_URL           = local.api_url
    AUTHORIZER_CACHE  = "${var.api_type}:${local.api.id}/${local.api.stage_name}"
    AWS_REGION        = local.region
    ISSUER            = local.issuers[0]
    REVOCATIONS_TABLE = var.revocation_enabled ? module.authorizer.revocations_table : ""
    USER_POOL_ID      = local.user_pool_id
  } : "export ${name}='${value}'"])
}

output "version" {
  description = "Version of the build that is deployed."
  value       = module.build.version
}
