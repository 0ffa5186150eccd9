output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "URL of the API, without a slash at the end: of the custom domain if there is one."
  value       = var.domain == null ? aws_apigatewayv2_api.this.api_endpoint : join("/", compact(["https://${aws_apigatewayv2_api_mapping.this[0].domain_name}", var.domain.base_path]))
}

output "origin" {
  description = "Host and path by which a CDN reaches the API."
  value = (
    var.domain == null
    ? { host = trimprefix(aws_apigatewayv2_api.this.api_endpoint, "https://"), path = "" }
    : { host = var.domain.name, path = var.domain.base_path == null ? "" : "/${var.domain.base_path}" }
  )
}

output "execution_arn" {
  description = "ARN of the API in policies."
  value       = aws_apigatewayv2_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_apigatewayv2_stage.this.name
}

output "stage_arn" {
  description = "ARN of the stage."
  value       = aws_apigatewayv2_stage.this.arn
}

output "domain_target" {
  description = "Target of the custom domain's DNS record: host name and Route 53 zone id; null without a domain."
  value = one([for domain in aws_apigatewayv2_domain_name.this : {
    host    = domain.domain_name_configuration[0].target_domain_name
    zone_id = domain.domain_name_configuration[0].hosted_zone_id
  }])
}

output "access_log_group" {
  description = "Name of the log group with one line per call."
  value       = aws_cloudwatch_log_group.access.name
}
