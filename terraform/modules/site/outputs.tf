output "url" {
  description = "URL of the site, without a slash at the end. The API is under /api."
  value       = local.url
}

output "redirect_url" {
  description = "URL for the app client's callback and sign-out URLs, with the slash at the end that Cognito compares."
  value       = "${local.url}/"
}

output "distribution_domain" {
  description = "CloudFront's host name, the target of a DNS record."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "bucket" {
  description = "Name of the bucket with the page."
  value       = aws_s3_bucket.this.bucket
}
