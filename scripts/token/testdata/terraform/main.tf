# Outputs named as those of the real configuration, without anything that costs.
output "region" { value = "eu-west-1" }
output "user_pool_id" { value = "eu-west-1_AbCdEf123" }
output "web_client_id" { value = "1webclientexample" }
output "machine_client_id" { value = "2machineclientexample" }
output "machine_client_secret" {
  value     = "machine-secret-example"
  sensitive = true
}
output "token_url" { value = "https://login.auth.eu-west-1.amazoncognito.com/oauth2/token" }
output "issuer" { value = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123" }
output "api_url" { value = "https://api.example.com" }
output "allowed" { value = ["a"] }
