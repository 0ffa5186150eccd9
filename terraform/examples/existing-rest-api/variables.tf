variable "rest_api_name" {
  description = "Name of the REST API that is there already."
  type        = string
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
  description = "The authorizer's zip, made from the contract of your API."
  type        = string
  default     = "../../../dist/authorizer.zip"
}
