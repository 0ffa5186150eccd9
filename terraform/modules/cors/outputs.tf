output "cors" {
  description = "The input, validated."
  value       = var.cors
}
