output "url" {
  description = "Address of the site, without a slash at the end. The API is under /api."
  value       = local.url
}

output "redirect_url" {
  description = "For the app client's callback and sign-out URLs: the whole text counts, its slash included."
  value       = "${local.url}/"
}

output "distribution_domain" {
  description = "CloudFront's own name, for a DNS record."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "bucket" {
  description = "Name of the bucket with the page."
  value       = aws_s3_bucket.this.bucket
}
