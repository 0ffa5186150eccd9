# Reads the contract, an OpenAPI document, for the two kinds of API. It makes nothing.

locals {
  document = yamldecode(var.openapi)
  verbs    = ["get", "put", "post", "delete", "options", "head", "patch"]
  paths    = { for path, item in try(local.document.paths, {}) : path => try({ for key, value in item : key => value }, {}) }

  # As JSON text, since the types of one operation's security and of another's differ.
  security = merge([
    for path, item in local.paths : {
      # An operation without security takes the document's.
      for verb in local.verbs : "${upper(verb)} ${path}" => jsonencode(try(item[verb].security, local.document.security, null))
      if contains(keys(item), verb)
    }
  ]...)

  undecided   = [for operation, security in local.security : operation if security == "null"]
  malformed   = [for operation, security in local.security : operation if security != "null" && !startswith(security, "[")]
  unsupported = flatten([for path, item in local.paths : [for key in keys(item) : "${key} of ${path}" if contains(["trace", "$ref", "x-amazon-apigateway-any-method"], key)]])
}
