variable "user_pool_id" {
  description = "Id of the pool."
  type        = string
}

variable "client_ids" {
  description = "App clients of the pool whose tokens are accepted."
  type        = list(string)
}

variable "authorizer_zip" {
  description = "The authorizer's zip."
  type        = string
  default     = "../../../dist/authorizer.zip"
}

variable "api_zip" {
  description = "The API's zip."
  type        = string
  default     = "../../../dist/api.zip"
}
