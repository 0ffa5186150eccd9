output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "Address of the API, without a slash at the end."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "origin" {
  description = "Where a CDN finds the API: host and path."
  value       = { host = trimprefix(aws_apigatewayv2_api.this.api_endpoint, "https://"), path = "" }
}

output "execution_arn" {
  description = "What policies name the API by."
  value       = aws_apigatewayv2_api.this.execution_arn
}

output "access_log_group" {
  description = "Name of the log group with one line a call."
  value       = aws_cloudwatch_log_group.access.name
}
