output "api_url" {
  description = "Address of the API."
  value       = local.api_url
}

output "region" {
  description = "Region of everything."
  value       = data.aws_region.current.id
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = local.user_pool_id
}

output "web_client_id" {
  description = "Client for people: no secret, SRP and managed login. Of an existing pool: the first of client_ids."
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
  description = "The OAuth token endpoint of the pool made here; null with an existing pool."
  value       = one(module.user_pool[*].token_url)
}

output "issuer" {
  description = "The exact `iss` of the pool's tokens."
  value       = local.issuers[0]
}

output "issuers" {
  description = "Every `iss` that is accepted."
  value       = local.issuers
}

output "jwks_url" {
  description = "Where the pool publishes its keys."
  value       = "${local.issuers[0]}/.well-known/jwks.json"
}

output "site_url" {
  description = "Address of the page; null without one."
  value       = one(module.site[*].url)
}

output "login_command" {
  description = "Signs a person in and prints the access token; run it at the root of the repository, with a name in place of NAME."
  value       = "go run ./scripts/cognito-authorizer token login NAME"
}

output "curl_command" {
  description = "Signs a person in and calls the API, with the token in no argument of a process."
  value       = "go run ./scripts/cognito-authorizer token login NAME --output curl --url ${local.api_url}/me | sh"
}

output "authorizer_log_group" {
  description = "Log group with one line a decision."
  value       = module.authorizer.log_group
}

output "access_log_group" {
  description = "Log group with one line a call."
  value       = one(concat(module.rest_api[*].access_log_group, module.http_api[*].access_log_group))
}

output "dashboard_url" {
  description = "The CloudWatch dashboard."
  value       = "https://${data.aws_region.current.id}.console.aws.amazon.com/cloudwatch/home?region=${data.aws_region.current.id}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "revocations_table" {
  description = "DynamoDB table of ended sessions; null without one."
  value       = module.authorizer.revocations_table
}
