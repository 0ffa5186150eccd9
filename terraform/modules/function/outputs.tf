output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

# Put together from the name, and not taken from the function: an API can then be described before its function is
# there, which lets a site in front of the API be known to the pool whose tokens the function accepts.
output "invoke_arn" {
  description = "The function's address as API Gateway wants it."
  value = join(":", [
    "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.id}:lambda:path/2015-03-31/functions/arn",
    data.aws_partition.current.partition, "lambda", data.aws_region.current.id, data.aws_caller_identity.current.account_id, "function", "${var.name}/invocations",
  ])
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "environment" {
  description = "The settings that the function has."
  value       = aws_lambda_function.this.environment[0].variables
}

output "role_policy" {
  description = "What the function may do, as JSON text."
  value       = aws_iam_role_policy.this.policy
}

output "alarms" {
  description = "The alarms by the end of their names, each with its metric."
  value = {
    for name, alarm in merge({ throttles = aws_cloudwatch_metric_alarm.throttles }, aws_cloudwatch_metric_alarm.custom) :
    name => { namespace = alarm.namespace, metric_name = alarm.metric_name, dimensions = alarm.dimensions }
  }
}
