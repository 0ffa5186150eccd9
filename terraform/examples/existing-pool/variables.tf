variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
  default     = "../../../dist"
}

variable "user_pool_id" {
  description = "Id of the existing pool."
  type        = string
}

variable "client_ids" {
  description = "App clients of the pool whose tokens are accepted."
  type        = list(string)
}
