output "id" {
  description = "Id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "arn" {
  description = "ARN of the pool, for the role of a function that calls Cognito."
  value       = aws_cognito_user_pool.this.arn
}

output "issuer" {
  description = "The exact `iss` of the pool's tokens."
  value       = local.issuer
}

output "jwks_url" {
  description = "Where the pool publishes its keys."
  value       = "${local.issuer}/.well-known/jwks.json"
}

output "web_client_id" {
  description = "Client for people: no secret, SRP and managed login."
  value       = aws_cognito_user_pool_client.web.id
}

output "machine_client_id" {
  description = "Client for programs; null without one."
  value       = one(aws_cognito_user_pool_client.machine[*].id)
}

output "machine_client_secret" {
  description = "Secret of the client for programs; null without one."
  value       = one(aws_cognito_user_pool_client.machine[*].client_secret)
  sensitive   = true
}

output "client_ids" {
  description = "Every client of this module, for the authorizer's list."
  value       = concat([aws_cognito_user_pool_client.web.id], aws_cognito_user_pool_client.machine[*].id)
}

output "domain_url" {
  description = "Address of managed login; null without a domain."
  value       = local.domain_url
}

output "token_url" {
  description = "The OAuth token endpoint; null without a domain."
  value       = local.domain_url == null ? null : "${local.domain_url}/oauth2/token"
}

output "callback_urls" {
  description = "Where managed login may send a browser back to."
  value       = aws_cognito_user_pool_client.web.callback_urls
}
