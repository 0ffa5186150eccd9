# What a browser sees of the site: one origin, who may read the bucket, and what the page may connect to.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name       = "example"
  files      = "../../../functions/api/site"
  contract   = file("../../tests/contract.json")
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
    error_message = "Only the distribution may read the bucket."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.restrict_public_buckets && aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.ignore_public_acls
    error_message = "The bucket is not public."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.page.signing_behavior == "always"
    error_message = "CloudFront signs its requests to the bucket."
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
    error_message = "CachingDisabled and AllViewerExceptHostHeader: anything else caches responses or drops the Authorization header."
  }

  assert {
    condition = one([for origin in aws_cloudfront_distribution.this.origin : origin if origin.origin_id == "api"]).origin_path == "/prod" && (
      one(one([for origin in aws_cloudfront_distribution.this.origin : origin if origin.origin_id == "api"]).custom_origin_config).origin_protocol_policy == "https-only"
    )
    error_message = "Each path is prefixed with the stage, and the API is called over TLS."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.ordered_cache_behavior[0].viewer_protocol_policy == "https-only"
    error_message = "A token sent over plain HTTP is not answered by a redirect."
  }
}

# Error responses apply to the whole distribution, and would replace the API's 403 and 404.
run "paths_of_the_page_are_rewritten_by_a_function_and_not_by_error_responses" {
  command = plan

  assert {
    condition     = length(aws_cloudfront_distribution.this.custom_error_response) == 0
    error_message = "The API's refusals must reach the caller."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior[0].function_association).event_type == "viewer-request" && one(aws_cloudfront_distribution.this.ordered_cache_behavior[0].function_association).event_type == "viewer-request"
    error_message = "Both behaviours rewrite the path before anything else."
  }
}

run "the_page_may_connect_to_its_origin_and_managed_login_only" {
  command = plan

  assert {
    condition = aws_cloudfront_response_headers_policy.page.security_headers_config[0].content_security_policy[0].content_security_policy == join("; ", [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
      "connect-src 'self' https://login-example.auth.eu-west-1.amazoncognito.com",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ])
    error_message = "The policy must be the one that the page was tested with."
  }
}

run "every_file_is_served_with_its_type_and_revalidated" {
  command = plan

  assert {
    condition = toset(keys(aws_s3_object.file)) == fileset("../../../functions/api/site", "**") && (
      aws_s3_object.file["index.html"].content_type == "text/html; charset=utf-8" && aws_s3_object.file["app.js"].content_type == "text/javascript; charset=utf-8"
    )
    error_message = "Every file is there, with a type that a browser runs."
  }

  assert {
    condition     = alltrue([for object in concat(values(aws_s3_object.file), values(aws_s3_object.document)) : object.cache_control == "no-cache"])
    error_message = "File names do not change with their content."
  }
}

run "the_page_gets_its_settings_and_the_contract" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_object.document["config.json"].content) == {
      issuer   = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
      clientId = "4p9exampleclientid7abcd1234"
      loginUrl = "https://login-example.auth.eu-west-1.amazoncognito.com"
      scopes   = ["openid"]
      apiUrl   = "/api"
    }
    error_message = "The page reads these members."
  }

  assert {
    condition     = aws_s3_object.document["contract.json"].content == file("../../tests/contract.json")
    error_message = "The page gets the contract as it was built, byte for byte."
  }

  assert {
    condition     = output.redirect_url == "https://d111111abcdef8.cloudfront.net/"
    error_message = "Cognito compares the whole URL, including its slash."
  }
}

run "a_host_name_comes_with_its_certificate" {
  command = plan

  variables {
    domain_name     = "app.example.com"
    certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = output.url == "https://app.example.com" && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.aliases == toset(["app.example.com"])
    error_message = "The site has its own host name, with TLS 1.2 or later."
  }
}

run "a_name_whose_bucket_has_63_characters_is_accepted" {
  command = plan

  variables {
    name = "a-name-of-35-characters-as-the-most" # with -site-, the account, - and the region: 63
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "a-name-of-35-characters-as-the-most-site-111122223333-eu-west-1"
    error_message = "A bucket's name is unique across all accounts."
  }
}

run "a_name_whose_bucket_has_64_characters_is_refused" {
  command = plan

  variables {
    name = "a-name-of-36-characters-is-more-than"
  }

  expect_failures = [aws_s3_bucket.this]
}

run "the_same_name_in_another_region_is_another_site" {
  command = plan

  override_data {
    target = data.aws_service.s3
    values = { region = "us-east-1" }
  }

  assert {
    condition = (
      aws_s3_bucket.this.bucket == "example-site-111122223333-us-east-1" && aws_cloudfront_function.page.name == "example-page-us-east-1" && aws_cloudfront_function.api.name == "example-api-us-east-1"
      && aws_cloudfront_origin_access_control.page.name == "example-page-us-east-1" && aws_cloudfront_response_headers_policy.page.name == "example-page-us-east-1"
    )
    error_message = "CloudFront is global: names without the region would collide."
  }
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a host name without a certificate is refused
    domain_name = "app.example.com"

    # a folder without a page is refused
    files = "tests"

    # a login url with a trailing slash is refused
    login_url = "https://login-example.auth.eu-west-1.amazoncognito.com/"

    # a sign in without openid is refused
    scopes = ["api/users.write"]
  }

  expect_failures = [var.domain_name, var.files, var.login_url, var.scopes]
}

run "refused_2" {
  command = plan

  variables {
    # a certificate of another region is refused
    domain_name     = "app.example.com"
    certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.certificate_arn]
}
