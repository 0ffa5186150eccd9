# One user pool with a replica in a second region, and the same API in both regions of one account, under one name. If a
# region fails, callers go to the other one with the token that they have.
#
# A pool and its replica have one id and one set of users and keys. What differs is iss:
#
#   a pool's form   a token from the primary                                a token from the replica
#   ORIGINAL        https://cognito-idp.PRIMARY.amazonaws.com/ID            https://cognito-idp.REPLICA.amazonaws.com/ID
#   UPDATED         https://issuer-cognito-idp.PRIMARY.amazonaws.com/ID     the same
#
# Both regions accept a token of either, so the lists are the same. Name both forms from before the pool is switched until the
# last token of the old form has expired, and only one otherwise. Provider 5 has no argument for the form: switch it with
# aws cognito-idp update-user-pool. Replication is set up outside Terraform as well.

locals {
  suffix = data.aws_partition.current.dns_suffix

  issuers_by_form = {
    ORIGINAL = [for region in [var.primary_region, var.replica_region] : "https://cognito-idp.${region}.${local.suffix}/${var.user_pool_id}"]
    UPDATED  = ["https://issuer-cognito-idp.${var.primary_region}.${local.suffix}/${var.user_pool_id}"]
  }
  issuers = flatten([for form in var.issuer_forms : local.issuers_by_form[form]])
}

provider "aws" {
  region = var.primary_region
}

provider "aws" {
  alias  = "replica"
  region = var.replica_region
}

data "aws_partition" "current" {}

module "primary" {
  source = "./region"

  build_path   = var.build_path
  user_pool_id = var.user_pool_id
  issuers      = local.issuers
  client_ids   = var.client_ids
}

module "replica" {
  source = "./region"

  providers = { aws = aws.replica }

  build_path   = var.build_path
  user_pool_id = var.user_pool_id
  issuers      = local.issuers
  client_ids   = var.client_ids
}

output "api_urls" {
  description = "URL of the API in each region."
  value       = { (var.primary_region) = module.primary.api_url, (var.replica_region) = module.replica.api_url }
}

output "issuers" {
  description = "Every `iss` that is accepted, in both regions."
  value       = local.issuers
}
