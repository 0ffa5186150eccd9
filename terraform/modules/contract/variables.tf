variable "openapi" {
  description = "The text of an OpenAPI 3 document, YAML or JSON."
  type        = string
  nullable    = false

  validation {
    condition     = can(tostring(yamldecode(var.openapi).openapi))
    error_message = "openapi is not an OpenAPI document. Give its text, not its path: write openapi = file(\"openapi.yaml\")."
  }
}
