output "id" {
  description = "Id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "arn" {
  description = "ARN of the pool, for the role of a function that calls Cognito."
  value       = aws_cognito_user_pool.this.arn
}

output "issuer" {
  description = "Exact `iss` of the pool's tokens."
  value       = local.issuer
}

output "jwks_url" {
  description = "URL of the pool's key set."
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
  description = "Every client that this module creates, for the authorizer."
  value       = concat([aws_cognito_user_pool_client.web.id], aws_cognito_user_pool_client.machine[*].id)
}

output "domain_url" {
  description = "URL of managed login; null without a domain."
  value       = local.domain_url
}

output "token_url" {
  description = "URL of the OAuth token endpoint; null without a domain."
  value       = local.domain_url == null ? null : "${local.domain_url}/oauth2/token"
}

output "callback_urls" {
  description = "URLs to which managed login may redirect a browser."
  value       = aws_cognito_user_pool_client.web.callback_urls
}

output "scopes" {
  description = "The scopes of the pool, in full."
  value       = toset(keys(var.scopes))
}

output "groups" {
  description = "The groups of the pool."
  value       = toset([for group in aws_cognito_user_group.this : group.name])
}
