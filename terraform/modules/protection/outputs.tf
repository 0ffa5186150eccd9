output "identity" {
  description = "The name and region that are protected; null without protection."
  value       = one([for identity in terraform_data.identity : identity.output])
}
