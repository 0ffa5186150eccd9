# What a browser sees of the site is decided here: one origin, who may read the bucket, and what the page may talk to.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
  mock_resource "aws_s3_bucket" {
    defaults        = { arn = "arn:aws:s3:::site", bucket_regional_domain_name = "site.s3.eu-west-1.amazonaws.com" }
    override_during = plan
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults        = { arn = "arn:aws:cloudfront::111122223333:distribution/E123", domain_name = "d111111abcdef8.cloudfront.net" }
    override_during = plan
  }
  mock_resource "aws_cloudfront_function" {
    defaults        = { arn = "arn:aws:cloudfront::111122223333:function/example" }
    override_during = plan
  }
}

variables {
  name       = "example"
  files      = "../../../functions/api/site"
  openapi    = file("../../../functions/api/openapi.yaml")
  issuer     = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  client_id  = "4p9exampleclientid7abcd1234"
  login_url  = "https://login-example.auth.eu-west-1.amazoncognito.com"
  api_origin = { host = "abc123.execute-api.eu-west-1.amazonaws.com", path = "/prod" }
}

run "only_the_distribution_reads_the_bucket" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "ReadByDistribution", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::site/*"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Condition = { StringEquals = { "AWS:SourceArn" = "arn:aws:cloudfront::111122223333:distribution/E123" } }
    }]
    error_message = "Somebody else may read the bucket."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.restrict_public_buckets && aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.ignore_public_acls
    error_message = "The bucket is not public."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.page.signing_behavior == "always"
    error_message = "CloudFront signs what it asks of the bucket."
  }
}

run "the_api_is_under_the_same_origin_uncached_and_with_the_token" {
  command = plan

  assert {
    condition = (
      aws_cloudfront_distribution.this.ordered_cache_behavior[0].path_pattern == "/api/*"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].target_origin_id == "api"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
      && length(aws_cloudfront_distribution.this.ordered_cache_behavior[0].allowed_methods) == 7
    )
    error_message = "CachingDisabled and AllViewerExceptHostHeader: anything else caches answers or loses the Authorization header."
  }

  assert {
    condition = one([for origin in aws_cloudfront_distribution.this.origin : origin if origin.origin_id == "api"]).origin_path == "/prod" && (
      one(one([for origin in aws_cloudfront_distribution.this.origin : origin if origin.origin_id == "api"]).custom_origin_config).origin_protocol_policy == "https-only"
    )
    error_message = "The stage is put in front of each path, and the API is called over TLS."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.ordered_cache_behavior[0].viewer_protocol_policy == "https-only"
    error_message = "A token that came in clear is not answered by a redirect."
  }
}

# It is per distribution, and would turn the API's 403 and 404 into the page.
run "links_into_the_page_are_made_by_a_function_and_not_by_error_responses" {
  command = plan

  assert {
    condition     = length(aws_cloudfront_distribution.this.custom_error_response) == 0
    error_message = "The API's refusals must reach the caller."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior[0].function_association).event_type == "viewer-request" && one(aws_cloudfront_distribution.this.ordered_cache_behavior[0].function_association).event_type == "viewer-request"
    error_message = "Both behaviours change the path before anything else."
  }
}

run "the_page_may_talk_to_itself_and_managed_login_and_nobody_else" {
  command = plan

  assert {
    condition = aws_cloudfront_response_headers_policy.page.security_headers_config[0].content_security_policy[0].content_security_policy == join("; ", [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
      "connect-src 'self' https://login-example.auth.eu-west-1.amazoncognito.com",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ])
    error_message = "The policy is not the one that the page was tested with."
  }
}

run "every_file_of_the_page_is_served_with_its_type_and_asked_for_anew" {
  command = plan

  assert {
    condition = toset(keys(aws_s3_object.file)) == fileset("../../../functions/api/site", "**") && (
      aws_s3_object.file["index.html"].content_type == "text/html; charset=utf-8" && aws_s3_object.file["app.js"].content_type == "text/javascript; charset=utf-8"
    )
    error_message = "A file is missing, or a browser would not run it."
  }

  assert {
    condition     = alltrue([for object in concat(values(aws_s3_object.file), values(aws_s3_object.document)) : object.cache_control == "no-cache"])
    error_message = "Names stay the same when content changes."
  }
}

run "the_page_is_told_where_it_runs_and_what_there_is" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_object.document["config.json"].content) == {
      issuer   = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      clientId = "4p9exampleclientid7abcd1234"
      loginUrl = "https://login-example.auth.eu-west-1.amazoncognito.com"
      scopes   = ["openid"]
      apiUrl   = "/api"
    }
    error_message = "The page reads these names."
  }

  assert {
    condition     = keys(jsondecode(aws_s3_object.document["contract.json"].content).paths) == keys(yamldecode(var.openapi).paths)
    error_message = "The page shows the contract's routes."
  }

  assert {
    condition     = output.redirect_url == "https://d111111abcdef8.cloudfront.net/"
    error_message = "Cognito compares the whole text, its slash included."
  }
}

run "a_name_of_one_s_own_comes_with_its_certificate" {
  command = plan

  variables {
    domain_name     = "app.example.com"
    certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = output.url == "https://app.example.com" && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.aliases == toset(["app.example.com"])
    error_message = "The site answers by its own name, over a TLS of today."
  }
}

run "a_name_without_a_certificate_is_refused" {
  command = plan

  variables {
    domain_name = "app.example.com"
  }

  expect_failures = [var.domain_name]
}

run "a_certificate_of_another_region_is_refused" {
  command = plan

  variables {
    domain_name     = "app.example.com"
    certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.certificate_arn]
}

run "a_folder_without_a_page_is_refused" {
  command = plan

  variables {
    files = "tests"
  }

  expect_failures = [var.files]
}

run "a_login_address_with_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    login_url = "https://login-example.auth.eu-west-1.amazoncognito.com/"
  }

  expect_failures = [var.login_url]
}

run "a_sign_in_without_openid_is_refused" {
  command = plan

  variables {
    scopes = ["api/users.write"]
  }

  expect_failures = [var.scopes]
}

run "a_name_with_which_the_bucket_s_fits_is_taken" {
  command = plan

  variables {
    name = "a-name-of-35-letters-that-just-fits" # -site-, 12 digits of the account, - and eu-west-1: 63
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "a-name-of-35-letters-that-just-fits-site-111122223333-eu-west-1"
    error_message = "The bucket is named after all that makes it one of a kind."
  }
}

run "a_name_too_long_for_the_bucket_is_refused" {
  command = plan

  variables {
    name = "a-name-of-36-letters-that-is-too-lon"
  }

  expect_failures = [aws_s3_bucket.this]
}
