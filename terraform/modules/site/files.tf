# The page's files, and the two that say where it runs. All come from this configuration, so the bucket may go with them.

locals {
  # S3 has one space of names for all accounts.
  bucket = "${var.name}-site-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"

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

  # What the page has to know; none of it is a secret.
  documents = {
    "config.json" = jsonencode({
      issuer   = var.issuer
      clientId = var.client_id
      loginUrl = var.login_url
      scopes   = var.scopes
      apiUrl   = "/api"
    })
    "contract.json" = jsonencode(yamldecode(var.openapi))
  }
}

resource "aws_s3_bucket" "this" {
  bucket        = local.bucket
  force_destroy = true

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.bucket) <= 63
      error_message = "The bucket of the page would be called ${local.bucket}, and S3 takes 63 characters. Make name at least ${length(local.bucket) - 63} shorter."
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

# Only this distribution reads, and nobody over plain HTTP.
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

# Names stay the same when content changes, so a browser asks each time whether it still has the right one.
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
