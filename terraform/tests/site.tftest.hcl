# With a site, pool, API and site know each other, and Terraform still finds an order to make them in.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  lambda_runtime = "provided.al2023"
  site_enabled   = true
}

run "the_site_is_in_front_of_the_rest_api_and_the_client_may_come_back_to_it" {
  command = plan

  variables {
    callback_urls = ["http://localhost:8081/"]
  }

  assert {
    condition     = output.site_url == "https://d111111abcdef8.cloudfront.net" && length(module.site) == 1
    error_message = "The address of the site is the distribution's."
  }

  assert {
    condition     = module.user_pool[0].callback_urls == toset(["http://localhost:8081/", "https://d111111abcdef8.cloudfront.net/"])
    error_message = "The site's address is added to those that were given."
  }
}

run "the_site_is_in_front_of_an_http_api_too" {
  command = plan

  variables {
    api_type = "http"
  }

  assert {
    condition     = length(module.site) == 1 && length(module.http_api) == 1
    error_message = "The kind of the API does not matter to the site."
  }
}

run "without_it_there_is_no_site" {
  command = plan

  variables {
    site_enabled = false
  }

  assert {
    condition     = output.site_url == null && length(module.site) == 0
    error_message = "The site is made when asked for."
  }
}

run "with_an_existing_pool_the_site_needs_its_login_address" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  expect_failures = [var.site_enabled]
}

run "with_an_existing_pool_and_its_login_address_the_site_plans" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
    existing_login_url    = "https://login-example.auth.eu-west-1.amazoncognito.com"
  }

  assert {
    condition     = length(module.site) == 1 && length(module.user_pool) == 0
    error_message = "The pool stays as it is."
  }
}
