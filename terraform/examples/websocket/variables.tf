variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
  default     = "../../../dist"
}

variable "function_name" {
  description = "Name of the function behind the API."
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
