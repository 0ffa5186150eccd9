output "api_url" {
  description = "URL of the API."
  value       = module.rest_api.url
}

output "issuers" {
  description = "The authorizer's setting, as it is deployed."
  value       = module.authorizer.environment["ISSUERS"]
}

output "api_role_policy" {
  description = "Permissions of the function behind the API, as JSON."
  value       = module.api.role_policy
}

output "invoke_arn" {
  description = "ARN by which API Gateway calls the authorizer of this region."
  value       = module.authorizer.invoke_arn
}
