output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "qualifier" {
  description = "Name of the alias, for permissions to call it; null without an alias."
  value       = one(aws_lambda_alias.this[*].name)
}

# Built from the name and not read from the function. So an API can be described before its function exists, and a site
# in front of the API can be known to the pool whose tokens the function accepts, without a dependency cycle.
output "invoke_arn" {
  description = "ARN by which API Gateway calls the function, or its alias."
  value = join(":", concat(
    ["arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/arn", local.partition, "lambda", local.region, local.account, "function"],
    var.alias == null ? ["${var.name}/invocations"] : [var.name, "${var.alias.name}/invocations"],
  ))
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = local.role_arn
}

output "log_group" {
  description = "Name of the function's log group."
  value       = local.log_group_name
}

output "environment" {
  description = "The function's environment variables."
  value       = aws_lambda_function.this.environment[0].variables
}

output "role_policy" {
  description = "The permissions that the function needs, as JSON. With `role_arn`, give them to that role."
  value       = local.role_policy
}

output "alarms" {
  description = "The alarms by the last part of their names, each with its metric."
  value = {
    for name, alarm in merge({ throttles = aws_cloudwatch_metric_alarm.throttles }, aws_cloudwatch_metric_alarm.custom) :
    name => { namespace = alarm.namespace, metric_name = alarm.metric_name, dimensions = alarm.dimensions }
  }
}
