# With a site, pool, API and site refer to each other, without a dependency cycle.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  build_path   = "modules/build/tests/dist"
  site_enabled = true
}

run "the_site_is_in_front_of_the_rest_api_and_a_callback_url_of_the_client" {
  command = plan

  variables {
    callback_urls = ["http://localhost:8081/"]
  }

  assert {
    condition     = output.site_url == "https://d111111abcdef8.cloudfront.net" && length(module.site) == 1
    error_message = "The URL of the site is the distribution's."
  }

  assert {
    condition     = module.user_pool[0].callback_urls == toset(["http://localhost:8081/", "https://d111111abcdef8.cloudfront.net/"])
    error_message = "The site's URL is added to those in the settings."
  }
}

run "the_site_is_in_front_of_an_http_api_too" {
  command = plan

  variables {
    api_type = "http"
  }

  assert {
    condition     = length(module.site) == 1 && length(module.http_api) == 1
    error_message = "The site works with both types of API."
  }
}

run "by_default_there_is_no_site" {
  command = plan

  variables {
    site_enabled = false
  }

  assert {
    condition     = output.site_url == null && length(module.site) == 0
    error_message = "The site is created if it is enabled."
  }
}

run "with_an_existing_pool_the_site_needs_its_login_url" {
  command = plan

  variables {
    existing_user_pool_id = "eu-west-1_Existing1"
    client_ids            = ["2aexampleclientid"]
  }

  expect_failures = [var.site_enabled]
}

run "with_an_existing_pool_and_its_login_url_the_site_plans" {
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
