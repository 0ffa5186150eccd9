data "aws_caller_identity" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "s3" {
  service_id = "s3"
}

locals {
  region = data.aws_service.s3.region # also part of the names below: CloudFront is global

  # IDs of managed policies, the same in every account: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
  caching_disabled               = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  caching_optimized              = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  all_viewer_except_host_headers = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

  content_security_policy = join("; ", [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self' ${var.login_url}",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ])

  url = "https://${coalesce(var.domain_name, aws_cloudfront_distribution.this.domain_name)}"
}

# A path without a file name is served index.html. custom_error_response would do that for the whole distribution, and
# replace the API's 403 and 404 as well.
resource "aws_cloudfront_function" "page" {
  name    = "${var.name}-page-${local.region}"
  comment = "Links into the page of ${var.name}"
  runtime = "cloudfront-js-2.0"
  code    = file("${path.module}/page.js")
}

# CloudFront passes on the whole path, and the API has no /api.
resource "aws_cloudfront_function" "api" {
  name    = "${var.name}-api-${local.region}"
  comment = "Removes /api from paths for the API of ${var.name}"
  runtime = "cloudfront-js-2.0"
  code    = file("${path.module}/api.js")
}

resource "aws_cloudfront_origin_access_control" "page" {
  name                              = "${var.name}-page-${local.region}"
  description                       = "Reads the page of ${var.name}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "page" {
  name    = "${var.name}-page-${local.region}"
  comment = "Headers of the page of ${var.name}"

  security_headers_config {
    content_security_policy {
      content_security_policy = local.content_security_policy
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer" # after a sign-in the URL contains the authorization code for a moment
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Cross-Origin-Opener-Policy"
      value    = "same-origin"
      override = true
    }
  }
}

# tfsec:ignore:aws-cloudfront-enable-logging the access log of the API has each call; a log of the page would hold addresses of visitors
# tfsec:ignore:aws-cloudfront-enable-waf the page is public, and web_acl_arn protects the API
resource "aws_cloudfront_distribution" "this" {
  comment             = var.name
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  default_root_object = "index.html"
  price_class         = var.price_class
  aliases             = var.domain_name == null ? [] : [var.domain_name]

  origin {
    origin_id                = "page"
    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.page.id
  }

  origin {
    origin_id   = "api"
    domain_name = var.api_origin.host
    origin_path = var.api_origin.path

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id           = "page"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.caching_optimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.page.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.page.arn
    }
  }

  # Page and API have one origin, so a browser sends no preflight.
  ordered_cache_behavior {
    path_pattern             = "/api/*"
    target_origin_id         = "api"
    viewer_protocol_policy   = "https-only" # a token sent over plain HTTP must not be answered by a redirect
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = local.caching_disabled
    origin_request_policy_id = local.all_viewer_except_host_headers # API Gateway expects its own Host

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.api.arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
    # tfsec:ignore:aws-cloudfront-use-secure-tls-policy CloudFront's own certificate allows no choice
    minimum_protocol_version = var.certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
  }

  tags = var.tags
}
