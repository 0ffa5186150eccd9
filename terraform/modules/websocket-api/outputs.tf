locals {
  domain_path = var.domain == null ? "" : join("/", compact([var.domain.name, var.domain.base_path]))

  default_path = "${replace(aws_apigatewayv2_api.this.api_endpoint, "/^[a-z]+:\\/\\//", "")}/${aws_apigatewayv2_stage.this.name}"
}

output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "URL to connect to (`wss://`): of the custom domain if there is one."
  value       = "wss://${var.domain == null ? local.default_path : local.domain_path}"
}

output "management_url" {
  description = "Endpoint of the API by which a backend sends to, looks up and closes connections (`apigatewaymanagementapi`)."
  value       = "https://${var.disable_execute_api_endpoint ? local.domain_path : local.default_path}"
}

output "manage_connections_arns" {
  description = "Resources of the action `execute-api:ManageConnections`, for the role of a backend: to send (`POST`), look up (`GET`) and close (`DELETE`)."
  value       = { for method in ["POST", "GET", "DELETE"] : method => "${aws_apigatewayv2_api.this.execution_arn}/${var.stage_name}/${method}/@connections/*" }
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

output "integration_id" {
  description = "Id of the integration, for further routes (`target = \"integrations/…\"`)."
  value       = aws_apigatewayv2_integration.this.id
}

output "domain_target" {
  description = "Target of the custom domain's DNS record: host name and Route 53 zone id; null without a domain."
  value = one([for domain in aws_apigatewayv2_domain_name.this : {
    host    = domain.domain_name_configuration[0].target_domain_name
    zone_id = domain.domain_name_configuration[0].hosted_zone_id
  }])
}

output "access_log_group" {
  description = "Name of the log group with one line per connection, message and disconnection; null without an access log."
  value       = one(aws_cloudwatch_log_group.access[*].name)
}
