terraform {
  required_version = ">= 1.10"

  required_providers {
    # tflint-ignore: terraform_unused_required_providers # the modules use it
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.95, < 7"
    }
  }
}
