variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
}

variable "user_pool_id" {
  description = "Id of the pool and of its replica."
  type        = string
}

variable "issuers" {
  description = "Every `iss` that is accepted."
  type        = list(string)
}

variable "client_ids" {
  description = "App clients whose tokens are accepted."
  type        = list(string)
}
