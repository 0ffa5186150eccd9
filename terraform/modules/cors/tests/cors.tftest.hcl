# The same origins as in shared/weborigin: what is planned here must not stop a function at its start.

run "origins_that_browsers_send_are_accepted" {
  command = plan

  variables {
    cors = { allowed_origins = [
      "https://app.example.com", "https://app.example.com:8443", "https://192.168.10.3:8100", "https://localhost", "http://localhost",
      "http://localhost:8080", "http://app.localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080", "capacitor://localhost",
      "ionic://localhost", "tauri://localhost", "https://xn--bcher-kva.example", "https://app.example.com:65535",
    ] }
  }

  assert {
    condition     = length(output.cors.allowed_origins) == 14 && output.cors.allowed_headers == tolist(["Authorization", "Content-Type"]) && !output.cors.allow_credentials
    error_message = "Every origin is kept, and cookies are off."
  }
}

run "plain_http_to_another_device_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["http://192.168.10.3:8100"] }
  }

  expect_failures = [var.cors]
}

run "plain_http_to_a_host_that_begins_like_localhost_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["http://localhost.example.com"] }
  }

  expect_failures = [var.cors]
}

run "the_default_port_of_https_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com:443"] }
  }

  expect_failures = [var.cors]
}

run "the_default_port_of_http_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["http://localhost:80"] }
  }

  expect_failures = [var.cors]
}

run "a_port_above_65535_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com:65536"] }
  }

  expect_failures = [var.cors]
}

run "upper_case_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://App.example.com"] }
  }

  expect_failures = [var.cors]
}

run "a_slash_at_the_end_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com/"] }
  }

  expect_failures = [var.cors]
}

run "a_path_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com/app"] }
  }

  expect_failures = [var.cors]
}

run "an_origin_without_a_scheme_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["app.example.com"] }
  }

  expect_failures = [var.cors]
}

run "another_app_scheme_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["myapp://localhost"] }
  }

  expect_failures = [var.cors]
}

# It would end the quoted string around it in the document that API Gateway imports.
run "a_quote_in_an_origin_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com'"] }
  }

  expect_failures = [var.cors]
}

run "every_origin_beside_a_named_one_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["*", "https://app.example.com"] }
  }

  expect_failures = [var.cors]
}

run "an_origin_that_comes_twice_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com", "https://app.example.com"] }
  }

  expect_failures = [var.cors]
}

run "every_origin_with_credentials_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["*"], allow_credentials = true }
  }

  expect_failures = [var.cors]
}

run "every_header_is_refused" {
  command = plan

  variables {
    cors = { allowed_origins = ["https://app.example.com"], allowed_headers = ["*"] }
  }

  expect_failures = [var.cors]
}
