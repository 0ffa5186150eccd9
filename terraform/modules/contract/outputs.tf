output "operations" {
  description = "The operations by route (`GET /users/{username}`), each with its path, its verb, and whether it is public. Nothing but `security: []` makes one public."
  value = {
    for operation, security in local.security : operation => {
      path   = split(" ", operation)[1]
      verb   = lower(split(" ", operation)[0])
      public = security == "[]"
    }
  }

  precondition {
    condition     = length(local.security) > 0
    error_message = "The contract has no operation: its paths are empty or missing."
  }

  precondition {
    condition     = length(local.unsupported) == 0
    error_message = "API Gateway has no method for these entries of the contract: ${join(", ", local.unsupported)}. Write get, put, post, delete, options, head or patch, and no $ref in place of a path."
  }

  precondition {
    condition     = length(local.undecided) == 0
    error_message = "The contract does not say who may call ${join(", ", local.undecided)}. Write security: at the operation (security: [] makes it public) or at the top of the document."
  }

  precondition {
    condition     = length(local.malformed) == 0
    error_message = "security is not a list at ${join(", ", local.malformed)}. Write security: [] for a public operation, and a list of requirements for any other."
  }
}

output "verbs" {
  description = "The verbs of each path, in upper case."
  value       = { for path, item in local.paths : path => [for verb in local.verbs : upper(verb) if contains(keys(item), verb)] }
}

output "per_route" {
  description = "Whether an answer of the authorizer is good for one route only (`x-authorizer-caching: route`), and not for the whole stage."
  value       = try(local.document["x-authorizer-caching"], "") == "route"
}

output "version" {
  description = "`info.version` of the document."
  value       = try(tostring(local.document.info.version), "0")
}
