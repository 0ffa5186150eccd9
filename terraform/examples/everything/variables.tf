variable "domain_prefix" {
  description = "Prefix of the managed login domain, unique in the region over all accounts."
  type        = string
  default     = "login-user-directory-example"
}

variable "authorizer_zip" {
  description = "The authorizer's zip."
  type        = string
  default     = "../../../dist/authorizer.zip"
}

variable "api_zip" {
  description = "The API's zip."
  type        = string
  default     = "../../../dist/api.zip"
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of alarms; null for none."
  type        = string
  default     = null
}
