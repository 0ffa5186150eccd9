# Reads the compiled contract for both kinds of API. It creates nothing. Who may call what is read from x-authorizer-rule only:
# only the build interprets security.

locals {
  document   = jsondecode(var.json)
  authorizer = local.document["x-authorizer"]
  paths      = try(local.document.paths, {})

  # How a contract writes a method, and how a route does.
  methods = {
    delete                           = "DELETE"
    get                              = "GET"
    head                             = "HEAD"
    options                          = "OPTIONS"
    patch                            = "PATCH"
    post                             = "POST"
    put                              = "PUT"
    "x-amazon-apigateway-any-method" = "ANY"
  }

  operations = merge([
    for path, item in local.paths : {
      for key, operation in item : "${lookup(local.methods, key, key)} ${path}" => {
        path    = path
        verb    = lookup(local.methods, key, key)
        access  = try(operation["x-authorizer-rule"].access, "")
        api_key = try(operation["x-authorizer-rule"].api_key, false)

        # A caller who lacks a scope, a group or a claim is denied explicitly; an owner or a time can be denied implicitly.
        implicit   = length(setsubtract(flatten([for entry in try(operation["x-authorizer-rule"].any_of, []) : keys(entry)]), ["scopes", "groups", "claims"])) > 0
        owned      = anytrue([for entry in try(operation["x-authorizer-rule"].any_of, []) : length(try(entry.owners, {})) > 0])
        extensions = { for name, value in operation : name => value if startswith(name, "x-amazon-apigateway-") }
      }
    }
  ]...)

  unknown_methods = flatten([for path, item in local.paths : [for key in keys(item) : "${key} ${path}" if !contains(keys(local.methods), key)]])
  without_rule    = [for route, operation in local.operations : route if !contains(["public", "token", "iam"], operation.access)]
}
