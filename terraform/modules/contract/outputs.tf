output "operations" {
  description = "The operations by route (`GET /users/{username}`), each with its path, its method in upper case, its access (`public`, `token` or `iam`), whether it also needs an API key, and the extensions of API Gateway that it carries."
  value       = { for route, operation in local.operations : route => { for name, value in operation : name => value if !contains(["implicit", "owned"], name) } }

  precondition {
    condition     = length(local.operations) > 0
    error_message = "The contract has no operation."
  }

  precondition {
    condition     = length(local.unknown_methods) == 0
    error_message = "API Gateway has no method for ${join(", ", local.unknown_methods)}. Was contract.json edited, or written by another version? Build it again: make build-zip"
  }

  precondition {
    condition     = length(local.without_rule) == 0
    error_message = "The contract does not say who may call ${join(", ", local.without_rule)}: x-authorizer-rule is missing or unknown. Was contract.json edited, or written by another version? Build it again: make build-zip"
  }
}

output "verbs" {
  description = "The methods of each path, in upper case."
  value       = { for path, item in local.paths : path => [for key in keys(item) : lookup(local.methods, key, key)] }
}

output "per_route" {
  description = "Whether a result of the authorizer is valid for one route only (`x-authorizer-caching: route`), and not for the whole stage."
  value       = local.authorizer.caching != "stage"
}

output "scopes" {
  description = "The scopes that rules name."
  value       = tolist(try(local.authorizer.scopes, []))
}

output "groups" {
  description = "The groups that rules name."
  value       = tolist(try(local.authorizer.groups, []))
}

output "connect" {
  description = "Access of a WebSocket API's $connect: `public`, `token` or null."
  value       = try(local.authorizer.connect.access, null)
}

output "implicit_denials" {
  description = "Routes where some caller is refused only by the absence of an Allow, which an Allow in a resource policy would override."
  value       = distinct(concat([for route, operation in local.operations : route if operation.implicit], try(local.authorizer.implicit_denials, [])))
}

output "owned" {
  description = "Routes of which callers may reach their own items only: whether a call is allowed depends on its path."
  value       = [for route, operation in local.operations : route if operation.owned]
}

output "extensions" {
  description = "The extensions of API Gateway at the top of the document."
  value       = { for name, value in local.document : name => value if startswith(name, "x-amazon-apigateway-") }
}

output "version" {
  description = "`info.version` of the document."
  value       = try(tostring(local.document.info.version), "0")
}

output "digest" {
  description = "SHA-256 of the text in lower-case hex: what the authorizer's `CONTRACT_DIGEST` must be."
  value       = sha256(var.json)
}
