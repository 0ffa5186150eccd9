# What one build wrote, checked at plan: that zip, contract and manifest belong together, and that the OpenAPI document was
# not edited after the build.

locals {
  manifest = jsondecode(file("${var.path}/manifest.json"))
  contract = file("${var.path}/contract.json")

  architectures = { arm64 = "arm64", amd64 = "x86_64" } # Go's names and AWS's
  architecture  = lookup(local.architectures, try(local.manifest.architecture, ""), "unknown")
  build_command = "make build-zip${try(local.manifest.architecture, "arm64") == "amd64" ? " ARCH=amd64" : ""}"

  authorizer_zip = coalesce(var.authorizer_zip, "${var.path}/authorizer.zip")
  api_zip        = coalesce(var.api_zip, "${var.path}/api.zip")

  # Documents that the build read, as they are now. Where only the build's output is at hand there is nothing to compare.
  edited = [
    for source in try(local.manifest.sources, []) : source.path
    if fileexists("${var.path}/${source.path}") && try(filesha256("${var.path}/${source.path}"), "") != source.sha256
  ]
}

# A document whose folder is there, but not the document, was moved or renamed, or its name is not in the normal form NFC of
# Unicode, into which Terraform brings paths.
check "documents" {
  assert {
    condition = alltrue([
      for source in try(local.manifest.sources, []) :
      fileexists("${var.path}/${source.path}") || length(try(fileset(dirname("${var.path}/${source.path}"), "*"), [])) == 0
    ])
    error_message = "Not every document of the build in ${var.path} is where the build read it, so edits after the build are not noticed: ${join(", ", [for source in try(local.manifest.sources, []) : source.path if !fileexists("${var.path}/${source.path}")])}. Build again: ${local.build_command}"
  }
}

module "contract" {
  source = "../contract"

  json = local.contract
}
