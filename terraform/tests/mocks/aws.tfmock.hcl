# What AWS would return in an account where nothing is deployed yet, for the values that plans depend on.

mock_data "aws_service" {
  defaults = { region = "eu-west-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_resource "aws_cognito_user_pool" {
  defaults = {
    id       = "eu-west-1_AbCdEf123"
    arn      = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"
    endpoint = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  }
  override_during = plan
}

mock_resource "aws_cognito_user_pool_client" {
  defaults        = { id = "4p9exampleclientid7abcd1234", client_secret = "not-a-secret" }
  override_during = plan
}

mock_resource "aws_cloudwatch_log_group" {
  defaults        = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:example" }
  override_during = plan
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn        = "arn:aws:lambda:eu-west-1:111122223333:function:example"
    invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/example/invocations"
  }
  override_during = plan
}

mock_resource "aws_api_gateway_rest_api" {
  defaults        = { id = "abc123", execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:abc123" }
  override_during = plan
}

mock_resource "aws_api_gateway_stage" {
  defaults        = { arn = "arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod", invoke_url = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod" }
  override_during = plan
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "def456"
    execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:def456"
    api_endpoint  = "https://def456.execute-api.eu-west-1.amazonaws.com"
  }
  override_during = plan
}

mock_resource "aws_dynamodb_table" {
  defaults        = { arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/example" }
  override_during = plan
}

mock_resource "aws_s3_bucket" {
  defaults        = { arn = "arn:aws:s3:::site", bucket_regional_domain_name = "site.s3.eu-west-1.amazonaws.com" }
  override_during = plan
}

mock_resource "aws_cloudfront_distribution" {
  defaults        = { arn = "arn:aws:cloudfront::111122223333:distribution/E123", domain_name = "d111111abcdef8.cloudfront.net" }
  override_during = plan
}

mock_resource "aws_cloudfront_function" {
  defaults        = { arn = "arn:aws:cloudfront::111122223333:function/example" }
  override_during = plan
}

mock_resource "aws_apigatewayv2_authorizer" {
  defaults        = { id = "auth01" }
  override_during = plan
}

mock_data "aws_cognito_user_groups" {
  defaults = { groups = [{ group_name = "admins" }, { group_name = "owners" }] }
}

mock_data "aws_cognito_user_pool_client" {
  defaults = { allowed_oauth_scopes = ["openid", "api/users.read"] }
}
