output "name" {
  description = "Name of the function."
  value       = module.function.name
}

output "arn" {
  description = "ARN of the function."
  value       = module.function.arn
}

output "qualifier" {
  description = "Name of the alias, for permissions to call it; null without an alias."
  value       = module.function.qualifier
}

output "invoke_arn" {
  description = "ARN by which API Gateway calls the function, or its alias: the `authorizerUri`."
  value       = module.function.invoke_arn
}

output "log_group" {
  description = "Name of the log group with one line per decision."
  value       = module.function.log_group
}

output "environment" {
  description = "The function's environment variables."
  value       = module.function.environment
}

output "revocations_table" {
  description = "Name of the table of revoked sessions; null without one."
  value       = one(aws_dynamodb_table.revocations[*].name)
}

output "revocations_table_arn" {
  description = "ARN of the table of revoked sessions, for the role of whoever revokes; null without one."
  value       = one(aws_dynamodb_table.revocations[*].arn)
}

output "role_policy" {
  description = "The permissions that the function needs, as JSON. With `role_arn`, give them to that role."
  value       = module.function.role_policy
}

output "alarms" {
  description = "The alarms by the last part of their names, each with its metric."
  value       = module.function.alarms
}

output "queries" {
  description = "The saved queries by the last part of their names, as text of Logs Insights, for a dashboard."
  value       = local.queries
}
