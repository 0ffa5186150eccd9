# All rules of tflint's own ruleset for Terraform. Exceptions are where they apply: in scripts/lint-terraform.sh for examples,
# and as "tflint-ignore" with the reason beside the lines that they are about.

plugin "terraform" {
  enabled = true
  preset  = "all"
}
