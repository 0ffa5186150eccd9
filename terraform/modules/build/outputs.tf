output "contract" {
  description = "The compiled contract, for `rest-api`, `http-api` and `site`."
  value       = local.contract

  precondition {
    condition     = filesha256("${var.path}/contract.json") == try(local.manifest.contract_sha256, "")
    error_message = "${var.path}/contract.json is not the one of the build in ${var.path}: it was edited, or it is of another build. Build again: ${local.build_command}"
  }

  precondition {
    condition     = try(local.manifest.contract_digest == local.manifest.contract_sha256, false)
    error_message = "The routes in ${var.path}/authorizer.zip were compiled from another contract than ${var.path}/contract.json. Build again: ${local.build_command}"
  }

  precondition {
    condition     = length(local.edited) == 0
    error_message = "${join(", ", local.edited)} changed after the build, so the change would not be deployed. Build first: ${local.build_command}"
  }

  precondition {
    condition     = var.stage_name == null || try(length(var.stage_name) <= length(local.manifest.sized_for.stage), true)
    error_message = "The build made sure that policies fit under the stage ${try(local.manifest.sized_for.stage, "-")}, and ${coalesce(var.stage_name, "-")} is longer: calls of people with many rights might fail. Build again: ${local.build_command} ARGS='--stage ${coalesce(var.stage_name, "-")}'"
  }
}

output "contract_digest" {
  description = "Digest of the contract, for the authorizer: it does not start with routes of another contract."
  value       = module.contract.digest
}

output "authorizer_zip" {
  description = "Path of the authorizer's zip; null if it is not there, for a zip from S3."
  value       = fileexists(local.authorizer_zip) ? local.authorizer_zip : null

  precondition {
    condition     = !fileexists(local.authorizer_zip) || try(filesha256(local.authorizer_zip), "") == try(local.manifest.zip_sha256, "-")
    error_message = "${local.authorizer_zip} does not belong to ${var.path}/contract.json: it is of another build, so the authorizer would decide by other rules. Build both: ${local.build_command}"
  }
}

output "api_zip" {
  description = "Path of the sample API's zip; null if it was not built."
  value       = fileexists(local.api_zip) && (var.api_zip != null || can(local.manifest.api_zip_sha256)) ? local.api_zip : null

  precondition {
    condition     = var.api_zip != null || !fileexists(local.api_zip) || try(filesha256(local.api_zip) == local.manifest.api_zip_sha256, true)
    error_message = "${local.api_zip} is of another build than ${var.path}/manifest.json, maybe for another architecture. Build again: ${local.build_command}"
  }
}

output "architecture" {
  description = "Architecture of the zips, as AWS names it."
  value       = local.architecture

  precondition {
    condition     = local.architecture != "unknown"
    error_message = "${var.path}/manifest.json names no architecture that Lambda has. Build again: make build-zip, or make build-zip ARCH=amd64"
  }

  precondition {
    condition     = try(local.manifest.os, "linux") == "linux"
    error_message = "The zips in ${var.path} are for ${try(local.manifest.os, "-")}, to run on this machine. Lambda needs Linux. Build again: ${local.build_command}"
  }

  precondition {
    condition     = var.architecture == null || var.architecture == local.architecture
    error_message = "The zips in ${var.path} are for ${local.architecture}, and architecture is ${coalesce(var.architecture, "-")}: the functions would not start. Remove architecture, or build for it: make build-zip ARCH=${try([for go, aws in local.architectures : go if aws == var.architecture][0], "arm64")}"
  }
}

output "scopes" {
  description = "The scopes that the contract's rules name."
  value       = module.contract.scopes
}

output "groups" {
  description = "The groups that the contract's rules name."
  value       = module.contract.groups
}

output "per_route" {
  description = "Whether a result of the authorizer is valid for one route only (`x-authorizer-caching: route`)."
  value       = module.contract.per_route
}

output "connect" {
  description = "Access of a WebSocket API's $connect: `public`, `token` or null."
  value       = module.contract.connect
}

output "version" {
  description = "Version that was built."
  value       = try(local.manifest.version, "unknown")
}
