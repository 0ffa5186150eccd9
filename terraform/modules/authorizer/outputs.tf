output "name" {
  description = "Name of the function."
  value       = module.function.name
}

output "arn" {
  description = "ARN of the function."
  value       = module.function.arn
}

output "invoke_arn" {
  description = "The function's address as API Gateway wants it, for `authorizerUri`."
  value       = module.function.invoke_arn
}

output "log_group" {
  description = "Name of the log group with one line a decision."
  value       = module.function.log_group
}

output "environment" {
  description = "The settings that the function got."
  value       = module.function.environment
}

output "revocations_table" {
  description = "Name of the table of ended sessions; null without one."
  value       = one(aws_dynamodb_table.revocations[*].name)
}

output "role_policy" {
  description = "What the function may do, as JSON text."
  value       = module.function.role_policy
}

output "alarms" {
  description = "The alarms by the end of their names, each with its metric."
  value       = module.function.alarms
}
