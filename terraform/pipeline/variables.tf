variable "repository" {
  description = "The repository, `OWNER/NAME`, as GitHub spells it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository is owner and name with one slash between them, and no id, wildcard or URL: write \"example/user-directory\"."
  }
}

variable "owner_id" {
  description = "Id of the repository's owner, which GitHub writes into the subject of newer repositories. Set it together with `repository_id`."
  type        = string
  default     = null

  validation {
    condition     = var.owner_id == null || can(regex("^[1-9][0-9]*$", var.owner_id))
    error_message = "owner_id is a number. Ask for it: gh api repos/OWNER/NAME --jq .owner.id"
  }
}

variable "repository_id" {
  description = "Id of the repository. With it, a repository that gets the same name later is not trusted. Set it together with `owner_id`."
  type        = string
  default     = null

  validation {
    condition     = var.repository_id == null || can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "repository_id is a number. Ask for it: gh api repos/OWNER/NAME --jq .id"
  }

  validation {
    condition     = (var.repository_id == null) == (var.owner_id == null)
    error_message = "Set both owner_id and repository_id, or neither: the subject of a token contains both."
  }
}

variable "branch" {
  description = "The branch whose merges are deployed. Its jobs may plan and, in the environment, deploy."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch is one branch, without refs/heads/ and without wildcards: write \"main\"."
  }
}

variable "environment" {
  description = "The GitHub environment whose jobs may deploy."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.environment))
    error_message = "environment is one environment, without wildcards, spaces or colons: write \"production\"."
  }
}

variable "name" {
  description = "The `name` of the deployment: the deploy role may change what begins with it and a hyphen."
  type        = string
  default     = "cognito-authorizer"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be that of the deployment: 3 to 40 lower-case letters, digits and hyphens."
  }
}

variable "oidc_provider_arn" {
  description = "GitHub's OpenID Connect provider, if the account has it already: there can be only one. `null` creates it."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn is the ARN of GitHub's provider: write \"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com\"."
  }
}

variable "state_bucket" {
  description = "Name of the state bucket. `null` derives one from name, account and region."
  type        = string
  default     = null

  validation {
    condition     = var.state_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be 3 to 63 lower-case letters, digits and hyphens."
  }

  # The deploy role may change such a bucket.
  validation {
    condition     = var.state_bucket == null || !try(startswith(var.state_bucket, "${var.name}-site-"), true)
    error_message = "A bucket whose name begins with ${var.name}-site- belongs to the deployment, so the deploy role may change its policy: choose another name."
  }
}

variable "state_key" {
  description = "Key of the state in the bucket."
  type        = string
  default     = "cognito-authorizer/terraform.tfstate"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", var.state_key)) && !can(regex("^(plans|smoke)/", var.state_key))
    error_message = "state_key is a path of letters, digits, dots, hyphens and slashes, and not in plans/ or smoke/, which the workflows use: write \"cognito-authorizer/terraform.tfstate\"."
  }
}

variable "functions_in_vpc" {
  description = "The deployment sets `vpc_config`: its roles may attach functions to a VPC."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arns" {
  description = "Keys that the deployment sets as `kms_key_arn`: its roles may use them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.kms_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "kms_key_arns are the ARNs of keys, not of aliases: write \"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\"."
  }
}

variable "region" {
  description = "AWS region. `null`: that of the environment (`AWS_REGION`)."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
