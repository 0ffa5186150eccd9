variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
  default     = "../../../dist"
}

variable "issuer" {
  description = "Exact `iss` of the pool's tokens."
  type        = string
}

variable "client_ids" {
  description = "App clients whose tokens are accepted."
  type        = list(string)
}

variable "jwks" {
  description = "Key set of the pool as JSON, since the VPC has no way to the internet."
  type        = string
}

variable "function_name" {
  description = "Name of the function behind the API."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the authorizer."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key for the environment, the table and the logs."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary that the account requires."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate for api.example.com."
  type        = string
}

variable "truststore_uri" {
  description = "PEM file in S3 with the certificate authorities of the callers."
  type        = string
}

variable "web_acl_arn" {
  description = "Regional WAF web ACL."
  type        = string
}
