output "id" {
  description = "Id of the API."
  value       = aws_api_gateway_rest_api.this.id
}

output "url" {
  description = "Address of the API, stage included, without a slash at the end."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "origin" {
  description = "Where a CDN finds the API: host and path. Known before the stage is there."
  value       = { host = "${aws_api_gateway_rest_api.this.id}.execute-api.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}", path = "/${var.stage_name}" }
}

output "execution_arn" {
  description = "What policies name the API by."
  value       = aws_api_gateway_rest_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "access_log_group" {
  description = "Name of the log group with one line a call."
  value       = aws_cloudwatch_log_group.access.name
}

output "document" {
  description = "The document as API Gateway imports it."
  value       = local.body
}
