# The files of the page, and the two that this configuration writes. Nothing else is in the bucket, so it may be deleted with them.

locals {
  # Bucket names are unique across all accounts.
  bucket = "${var.name}-site-${data.aws_caller_identity.current.account_id}-${local.region}"

  content_types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    ico  = "image/x-icon"
    js   = "text/javascript; charset=utf-8"
    json = "application/json"
    png  = "image/png"
    svg  = "image/svg+xml"
    txt  = "text/plain; charset=utf-8"
  }

  files = fileset(var.files, "**")

  # Settings of the page; none of them is a secret.
  documents = {
    "config.json" = jsonencode({
      issuer   = var.issuer
      clientId = var.client_id
      loginUrl = var.login_url
      scopes   = var.scopes
      apiUrl   = "/api"
    })
    "contract.json" = var.contract
  }
}

# tfsec:ignore:aws-s3-enable-bucket-encryption S3 encrypts every object by default
# tfsec:ignore:aws-s3-encryption-customer-key the page is public
# tfsec:ignore:aws-s3-enable-versioning an apply writes the page again
# tfsec:ignore:aws-s3-enable-bucket-logging only CloudFront can read it
resource "aws_s3_bucket" "this" {
  bucket        = local.bucket
  force_destroy = true

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.bucket) <= 63
      error_message = "The bucket would be named ${local.bucket}: ${length(local.bucket)} characters, and S3 allows 63. Shorten name by ${length(local.bucket) - 63}."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Only this distribution may read, and nobody over plain HTTP.
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReadByDistribution"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.this.arn}/*"
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.this.arn } }
      },
      {
        Sid       = "TLSOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# File names do not change with their content, so a browser must revalidate each time.
resource "aws_s3_object" "file" {
  for_each = local.files

  bucket        = aws_s3_bucket.this.id
  key           = each.value
  source        = "${var.files}/${each.value}"
  source_hash   = filemd5("${var.files}/${each.value}")
  content_type  = local.content_types[element(split(".", each.value), -1)]
  cache_control = "no-cache"

  tags = var.tags
}

resource "aws_s3_object" "document" {
  for_each = local.documents

  bucket        = aws_s3_bucket.this.id
  key           = each.key
  content       = each.value
  content_type  = local.content_types["json"]
  cache_control = "no-cache"

  tags = var.tags
}
