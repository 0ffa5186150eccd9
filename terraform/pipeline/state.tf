# The state contains secrets. Every version is kept, so that a broken one can be examined and a replaced object is recognised.
# It is encrypted with S3's own key: with a KMS key, the key policy would be a second place that grants access, and each run
# would be billed.
# tfsec:ignore:aws-s3-enable-bucket-logging CloudTrail records who reads it, if it is set to
resource "aws_s3_bucket" "state" {
  bucket = local.bucket

  tags = var.tags

  lifecycle {
    prevent_destroy = true # a change of the name would also replace the bucket

    precondition {
      condition     = length(local.bucket) <= 63
      error_message = "The bucket would be named ${local.bucket}: ${length(local.bucket)} characters, and S3 allows 63. Set state_bucket."
    }
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

# tfsec:ignore:aws-s3-encryption-customer-key see above
resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TLSOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  # A plan contains the state in plain text and is useless once applied. A run that waited a week for its approval can still
  # read it by its version; after two weeks it is deleted.
  rule {
    id     = "plans"
    status = "Enabled"

    filter {
      prefix = "plans/"
    }

    expiration {
      days = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {
      prefix = ""
    }

    # Delete markers of lock files.
    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}
