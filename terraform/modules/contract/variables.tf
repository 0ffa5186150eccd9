variable "json" {
  description = "The compiled contract: the text of `contract.json`, which the build writes."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.json).openapi)
    error_message = "This is not a compiled contract. Build it (make build-zip), and give the text of what the build wrote, not of the OpenAPI document: file(\"dist/contract.json\")."
  }

  validation {
    condition     = !can(jsondecode(var.json).openapi) || can(jsondecode(var.json)["x-authorizer"].caching)
    error_message = "This is an OpenAPI document that was not compiled: it says in terms of its own schemes who may call what. Build it (make build-zip), and give dist/contract.json."
  }
}
