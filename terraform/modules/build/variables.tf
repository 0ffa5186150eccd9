variable "path" {
  description = "Folder that the build wrote: `manifest.json`, `contract.json` and `authorizer.zip`, and `api.zip` for the sample API."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.path}/manifest.json") && fileexists("${var.path}/contract.json")
    error_message = "There is no complete build in ${var.path}: manifest.json or contract.json is missing. Build it first, at the root of the repository: make build-zip"
  }
}

variable "architecture" {
  description = "Architecture that the functions are deployed for, `arm64` or `x86_64`. `null`: that of the build."
  type        = string
  default     = null

  validation {
    condition     = var.architecture == null || try(contains(["arm64", "x86_64"], var.architecture), false)
    error_message = "architecture must be arm64 or x86_64. Go's amd64 is x86_64 here."
  }
}

variable "authorizer_zip" {
  description = "Path of the authorizer's zip. `null`: `authorizer.zip` in the folder. It may be missing if the function gets its zip from S3."
  type        = string
  default     = null
}

variable "api_zip" {
  description = "Path of the sample API's zip. `null`: `api.zip` in the folder. It may be missing."
  type        = string
  default     = null
}

variable "stage_name" {
  description = "Stage that the API is deployed to, to check that the build had room for its name. `null`: not checked."
  type        = string
  default     = null
}
