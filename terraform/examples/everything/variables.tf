variable "build_path" {
  description = "Folder that the build wrote."
  type        = string
  default     = "../../../dist"
}

variable "domain_prefix" {
  description = "Prefix of the managed login domain, unique in the region across all accounts."
  type        = string
  default     = "login-user-directory-example"
}

variable "alarm_topic_arn" {
  description = "SNS topic that is notified of alarms; null for none."
  type        = string
  default     = null
}
