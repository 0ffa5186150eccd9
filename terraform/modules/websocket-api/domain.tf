resource "aws_apigatewayv2_domain_name" "this" {
  count = var.domain == null ? 0 : 1

  domain_name = var.domain.name

  domain_name_configuration {
    certificate_arn = var.domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }

  tags = var.tags
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = var.domain == null ? 0 : 1

  domain_name     = aws_apigatewayv2_domain_name.this[0].domain_name
  api_id          = aws_apigatewayv2_api.this.id
  stage           = aws_apigatewayv2_stage.this.id
  api_mapping_key = var.domain.base_path
}
