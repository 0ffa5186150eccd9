output "id" {
  description = "Id of the API."
  value       = aws_api_gateway_rest_api.this.id
}

output "url" {
  description = "URL of the API, without a slash at the end: of the custom domain if there is one, otherwise with the stage."
  value       = var.domain == null ? aws_api_gateway_stage.this.invoke_url : join("/", compact(["https://${aws_api_gateway_base_path_mapping.this[0].domain_name}", var.domain.base_path]))
}

output "origin" {
  description = "Host and path by which a CDN reaches the API. Known before the stage exists."
  value = (
    var.domain == null
    ? { host = "${aws_api_gateway_rest_api.this.id}.execute-api.${local.region}.${data.aws_partition.current.dns_suffix}", path = "/${var.stage_name}" }
    : { host = var.domain.name, path = var.domain.base_path == null ? "" : "/${var.domain.base_path}" }
  )
}

output "execution_arn" {
  description = "ARN of the API in policies."
  value       = aws_api_gateway_rest_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "stage_arn" {
  description = "ARN of the stage."
  value       = aws_api_gateway_stage.this.arn
}

output "domain_target" {
  description = "Target of the custom domain's DNS record: host name and Route 53 zone id; null without a domain."
  value       = one([for domain in aws_api_gateway_domain_name.this : { host = domain.regional_domain_name, zone_id = domain.regional_zone_id }])
}

output "api_keys" {
  description = "Values of the API keys, by name."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.value }
  sensitive   = true
}

output "access_log_group" {
  description = "Name of the log group with one line per call."
  value       = aws_cloudwatch_log_group.access.name
}

output "document" {
  description = "The document that API Gateway imports."
  value       = local.body
}
