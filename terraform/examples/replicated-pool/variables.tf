variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
  default     = "../../../dist"
}

variable "user_pool_id" {
  description = "Id of the pool and of its replica. It begins with the primary's region."
  type        = string

  validation {
    condition     = try(split("_", var.user_pool_id)[0] == var.primary_region, false)
    error_message = "user_pool_id begins with the region in which the pool was created, and primary_region is ${var.primary_region}: write primary_region = \"${split("_", var.user_pool_id)[0]}\"."
  }
}

variable "primary_region" {
  description = "Region in which the pool was created."
  type        = string
}

variable "replica_region" {
  description = "Region of its replica."
  type        = string

  validation {
    condition     = var.replica_region != var.primary_region
    error_message = "replica_region is the region of the primary. Write that of the replica; a pool without one needs no replicated-pool."
  }
}

variable "issuer_forms" {
  description = "Forms of `iss` that are accepted: `ORIGINAL`, `UPDATED`, or both while the pool is being switched."
  type        = set(string)
  default     = ["ORIGINAL"]

  validation {
    condition     = length(var.issuer_forms) > 0 && length(setsubtract(var.issuer_forms, ["ORIGINAL", "UPDATED"])) == 0
    error_message = "issuer_forms contains ORIGINAL, UPDATED or both, as in IssuerConfiguration of aws cognito-idp describe-user-pool."
  }
}

variable "client_ids" {
  description = "App clients whose tokens are accepted. A replica has those of its primary."
  type        = list(string)
}
