variable "enabled" {
  description = "Refuse a destroy, and a change of `name` or `region`. To turn it off, apply with `false`."
  type        = bool
  default     = true
  nullable    = false
}

variable "name" {
  description = "Name that every resource of the system begins with."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the system."
  type        = string
  nullable    = false
}
