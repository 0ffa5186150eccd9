variable "function_name" {
  description = "Name of the function that answers."
  type        = string
}

variable "openapi_path" {
  description = "The contract of the API. The authorizer's zip must have been made from the same one."
  type        = string
  default     = "../../../functions/api/openapi.yaml"
}

variable "issuer" {
  description = "Exact `iss` of the pool's tokens."
  type        = string
}

variable "client_ids" {
  description = "App clients whose tokens are accepted."
  type        = list(string)
}

variable "authorizer_zip" {
  description = "The authorizer's zip."
  type        = string
  default     = "../../../dist/authorizer.zip"
}
